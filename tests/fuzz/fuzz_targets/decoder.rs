//! Frames, cut anywhere.

#![no_main]

use ws_tests::fuzzed::frames::any_cut_decodes_alike;

libfuzzer_sys::fuzz_target!(|input: &[u8]| any_cut_decodes_alike(input));
