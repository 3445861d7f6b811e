//! Response heads, cut anywhere.

#![no_main]

use ws_tests::fuzzed::heads::any_cut_of_a_response_reads_alike;

libfuzzer_sys::fuzz_target!(|input: &[u8]| any_cut_of_a_response_reads_alike(input));
