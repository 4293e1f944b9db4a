#![no_main]

use attain_fuzz::{at_most, fuzzed};

const LIMIT: usize = 64 << 20;

libfuzzer_sys::fuzz_target!(|data: &[u8]| at_most(LIMIT, || fuzzed::rows(data)));
