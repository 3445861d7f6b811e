//! Frame headers, both ways.

#![no_main]

use ws_tests::fuzzed::frames::headers_survive_a_round_trip;

libfuzzer_sys::fuzz_target!(|input: &[u8]| headers_survive_a_round_trip(input));
