//! Request heads, cut anywhere, and the server's answer.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ws_tests::fuzzed::heads::any_cut_of_a_request_reads_alike(input));
