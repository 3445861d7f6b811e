//! Frame headers, both ways.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ws_tests::fuzzed::frames::headers_survive_a_round_trip(input));
