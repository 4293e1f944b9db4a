#![no_main]

use attain_fuzz::{at_most, fuzzed};

/// A message unfolded, with room for growing, and what is read of it.
const LIMIT: usize = 4 * attain_sync::wire::UNFOLDED_AT_MOST;

libfuzzer_sys::fuzz_target!(|data: &[u8]| at_most(LIMIT, || fuzzed::frames(data)));
