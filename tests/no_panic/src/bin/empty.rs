//! The base that sizes are measured against: the stream, and no WebSocket.

#![no_std]
#![no_main]

use embedded_io::{Read, Write};
use ws_no_panic::Wire;

/// Echoes bytes for ever.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let mut buffer = [0; 256];
    loop {
        if let Ok(len) = Wire.read(&mut buffer) {
            let _ = Wire.write(buffer.get(..len).unwrap_or_default());
        }
    }
}
