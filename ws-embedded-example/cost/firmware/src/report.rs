//! The report, to the host by semihosting. No formatting: it would hide what a library has of it.

use cortex_m_semihosting::debug::{self, EXIT_SUCCESS};
use cortex_m_semihosting::hio;

pub(crate) fn line(text: &str) {
    put(text.as_bytes());
    put(b"\n");
}

/// A name and a number in hexadecimal digits.
pub(crate) fn number(name: &str, value: u32) {
    let mut digits = [b'0'; 8];
    for (at, digit) in digits.iter_mut().rev().enumerate() {
        let four = (value >> (4 * at) & 15) as u8;
        *digit = if four < 10 { b'0' + four } else { b'a' - 10 + four };
    }
    put(name.as_bytes());
    put(b" ");
    put(&digits);
    put(b"\n");
}

fn put(bytes: &[u8]) {
    if let Ok(mut host) = hio::hstdout() {
        let _ = host.write_all(bytes);
    }
}

pub(crate) fn exit() -> ! {
    loop {
        debug::exit(EXIT_SUCCESS);
    }
}
