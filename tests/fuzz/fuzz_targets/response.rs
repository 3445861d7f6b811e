//! Response heads, cut anywhere.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ws_tests::fuzzed::heads::any_cut_of_a_response_reads_alike(
    input
));
