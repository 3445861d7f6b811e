//! ws-core: its blocking driver, one buffer for handshake, messages and answers.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use ws_core::io::WebSocket;
use ws_core::{Error, Server};
use ws_cost_firmware::{Cut, Echo, FRAME, Wire, measure};

type Socket<'a> = WebSocket<&'a mut Wire<'a>, Server, &'a mut [u8; FRAME], [u8; 0]>;

#[entry]
fn main() -> ! {
    static mut MEMORY: [u8; FRAME] = [0; FRAME];
    measure(Echo::Messages, FRAME, |wire| {
        let _ = serve(wire, MEMORY);
        size_of::<Socket<'_>>()
    })
}

#[inline(never)]
fn serve(wire: &mut Wire<'_>, buffer: &mut [u8; FRAME]) -> Result<(), Error<Cut>> {
    let mut socket = WebSocket::accept(wire, buffer, [])?;
    while let Some(message) = socket.receive()? {
        message.echo()?;
    }
    Ok(())
}
