//! Text, cut anywhere.

#![no_main]

use ws_tests::fuzzed::frames::utf8_is_what_core_says;

libfuzzer_sys::fuzz_target!(|input: &[u8]| utf8_is_what_core_says(input));
