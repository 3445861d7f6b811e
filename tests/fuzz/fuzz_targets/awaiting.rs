//! The async driver on a bad stream, its futures dropped.

#![no_main]

use ws_tests::fuzzed::drivers::the_async_driver_stays_legal;

libfuzzer_sys::fuzz_target!(|input: &[u8]| the_async_driver_stays_legal(input));
