//! The smallest whole server: shakes hands, echoes messages, answers Pings and Close, leaves well.
//! Its size is what a WebSocket costs in flash.

#![no_std]
#![no_main]

use ws_core::io::WebSocket;
use ws_core::{Error, Server};
use ws_no_panic::{Cut, Wire};

/// Receives messages of up to 1024 bytes, handshakes and all, in one buffer that it is lent.
type Socket<'a> = WebSocket<Wire, Server, &'a mut [u8], [u8; 0]>;

/// A message, and the header of its echo.
const BUFFER: usize = 1024 + 4;

/// How much RAM a connection takes, for the report: the size of this.
#[used]
#[unsafe(link_section = ".ram_per_connection")]
static RAM_PER_CONNECTION: [u8; BUFFER + size_of::<Socket>()] = [0; BUFFER + size_of::<Socket>()];

/// Serves one connection after the other.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let mut buffer = [0; BUFFER];
    loop {
        let _ = serve(&mut buffer);
        ws_no_panic::canary();
    }
}

// A frame of its own: offsets beyond the buffer would take longer instructions.
#[inline(never)]
fn serve(buffer: &mut [u8]) -> Result<(), Error<Cut>> {
    let mut socket = Socket::accept(Wire, buffer, [])?;
    while let Some(message) = socket.receive()? {
        message.echo()?;
    }
    socket.leave(|_| (), 4096);
    Ok(())
}
