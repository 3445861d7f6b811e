//! Request heads, cut anywhere, and the server's answer.

#![no_main]

use ws_tests::fuzzed::heads::any_cut_of_a_request_reads_alike;

libfuzzer_sys::fuzz_target!(|input: &[u8]| any_cut_of_a_request_reads_alike(input));
