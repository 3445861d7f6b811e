//! The base that everything is measured against: the stream, and no WebSocket.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use ws_cost_firmware::{Cut, Echo, FRAME, Wire, measure};

#[entry]
fn main() -> ! {
    static mut BUFFER: [u8; FRAME] = [0; FRAME];
    measure(Echo::Bytes, FRAME, |wire| {
        let _ = serve(wire, BUFFER);
        0
    })
}

#[inline(never)]
fn serve(wire: &mut Wire<'_>, buffer: &mut [u8]) -> Result<(), Cut> {
    loop {
        let len = wire.read(buffer)?;
        wire.write(buffer.get(..len).unwrap_or_default())?;
    }
}
