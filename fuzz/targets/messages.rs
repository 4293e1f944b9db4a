#![no_main]

use attain_fuzz::{at_most, fuzzed};

/// What a message of a few kilobytes may hold in memory while it is read.
const LIMIT: usize = 8 << 20;

libfuzzer_sys::fuzz_target!(|data: &[u8]| at_most(LIMIT, || fuzzed::messages(data)));
