//! Frames, cut anywhere.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ws_tests::fuzzed::frames::any_cut_decodes_alike(input));
