//! Text, cut anywhere.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ws_tests::fuzzed::frames::utf8_is_what_core_says(input));
