//! The smallest server: shakes hands, echoes messages, answers Pings and Close.

#![no_std]
#![no_main]

use ws_core::endpoint::{Endpoint, Inbox};
use ws_core::io::WebSocket;
use ws_core::{Error, Server, Side};
use ws_no_panic::{Cut, Wire};

/// Serves one connection after the other.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    loop {
        let _ = serve();
    }
}

fn serve() -> Result<(), Error<Cut>> {
    let mut buffer = [0; 1100];
    let inbox = Inbox::new(&mut buffer[..], Side::Server)?;
    let endpoint = Endpoint::new(Server, 1024, inbox, [0; 0])?;
    let mut socket = WebSocket::new(Wire, endpoint);
    while let Some(message) = socket.receive()? {
        message.echo()?;
    }
    socket.leave(|_| (), 4096);
    Ok(())
}
