//! Lists of subprotocols and of extensions, and targets.

#![no_main]

use ws_tests::fuzzed::heads::lists_are_read_like_lists;

libfuzzer_sys::fuzz_target!(|input: &[u8]| lists_are_read_like_lists(input));
