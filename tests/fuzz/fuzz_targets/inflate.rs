//! Compressed data, cut anywhere, beside zlib.

#![no_main]

use ws_tests::fuzzed::deflate::inflating_is_what_zlib_does;

libfuzzer_sys::fuzz_target!(|input: &[u8]| inflating_is_what_zlib_does(input));
