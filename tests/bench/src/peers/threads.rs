//! tungstenite on blocking sockets, with a thread for each connection.

use std::net::TcpStream;
use std::thread;

use super::{Setup, listen};
use crate::Result;

pub(super) fn serve(setup: &Setup) -> Result<()> {
    let listener = listen(setup)?;
    loop {
        let Ok((stream, _)) = listener.accept() else { continue };
        thread::Builder::new().spawn(move || echo(stream))?;
    }
}

fn echo(stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut socket = tungstenite::accept(stream).map_err(|_| "no handshake")?;
    loop {
        let message = socket.read()?;
        if message.is_text() || message.is_binary() {
            socket.send(message)?;
        }
    }
}
