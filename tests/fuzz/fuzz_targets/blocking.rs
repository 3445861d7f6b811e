//! The blocking driver on a bad stream.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| ws_tests::fuzzed::drivers::the_blocking_driver_stays_legal(
    input
));
