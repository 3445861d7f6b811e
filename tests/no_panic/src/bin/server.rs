//! The smallest whole server: shakes hands, echoes messages, answers Pings and Close. Its size is
//! what a WebSocket costs in flash.

#![no_std]
#![no_main]

use ws_core::io::WebSocket;
use ws_core::{Error, Server};
use ws_no_panic::{Cut, Wire};

/// Receives messages of up to 1024 bytes, handshakes and all, in one buffer.
type Socket = WebSocket<Wire, Server, [u8; 1048], [u8; 0]>;

/// How much RAM a connection takes, for the report: the size of this.
#[used]
#[unsafe(link_section = ".ram_per_connection")]
static RAM_PER_CONNECTION: [u8; size_of::<Socket>()] = [0; size_of::<Socket>()];

/// Serves one connection after the other.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    loop {
        let _ = serve();
        ws_no_panic::canary();
    }
}

fn serve() -> Result<(), Error<Cut>> {
    let mut socket = Socket::accept(Wire, [0; 1048], [])?;
    while let Some(message) = socket.receive()? {
        message.echo()?;
    }
    socket.leave(|_| (), 4096);
    Ok(())
}
