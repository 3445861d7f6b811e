//! The blocking driver on a bad stream.

#![no_main]

use ws_tests::fuzzed::drivers::the_blocking_driver_stays_legal;

libfuzzer_sys::fuzz_target!(|input: &[u8]| the_blocking_driver_stays_legal(input));
