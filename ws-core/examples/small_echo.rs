//! An echo server over std's TCP: a thread and 140 bytes of receive buffer per connection, messages
//! of any size.
//!
//! ```text
//! cargo run --release -p ws-core --example small_echo [ADDRESS]
//! ```
//!
//! Then, in a browser's console on a page of the same machine:
//! `let s = new WebSocket("ws://127.0.0.1:9001"); s.onmessage = e => console.log(e.data);` and
//! `s.send("hello")`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use embedded_io_adapters::std::FromStd;
use ws_core::io::{Accept, WebSocket};
use ws_core::{Error, Server};

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| String::from("127.0.0.1:9001"));
    let listener = TcpListener::bind(address)?;
    println!("listening on ws://{}", listener.local_addr()?);
    for stream in listener.incoming() {
        let stream = stream?;
        std::thread::spawn(move || {
            if let Err(error) = echo(stream) {
                eprintln!("{error}");
            }
        });
    }
    Ok(())
}

fn echo(stream: TcpStream) -> Result<(), Error<std::io::Error>> {
    stream.set_nodelay(true).map_err(Error::Io)?;
    // What the plain driver has instead of timers.
    stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(Error::Io)?;
    stream.set_write_timeout(Some(Duration::from_secs(10))).map_err(Error::Io)?;

    let mut accept = Accept::new(FromStd::new(stream), [0; 140], [])?;
    match accept.read(|_, _| {}) {
        Ok(upgrade) => {
            let mut socket = accept.accept(&upgrade, None, &[])?;
            let result = echo_all(&mut socket);
            // A peer that broke a rule may still be sending: it reads our Close all the same.
            socket.leave(shut_write, LINGER);
            result
        }
        Err(Error::Refused(refusal)) => {
            accept.refuse(&refusal)?;
            accept.leave(shut_write, LINGER);
            Err(Error::Refused(refusal))
        }
        Err(error) => Err(error),
    }
}

/// How much of what a peer still sends is read before its connection is closed.
const LINGER: usize = 64 * 1024;

type Socket = WebSocket<FromStd<TcpStream>, Server, [u8; 140], [u8; 0]>;

fn echo_all(socket: &mut Socket) -> Result<(), Error<std::io::Error>> {
    while let Some(piece) = socket.receive_chunk()? {
        piece.echo()?;
    }
    Ok(())
}

fn shut_write(stream: &mut FromStd<TcpStream>) {
    // Fails if the peer is gone already: then there is nobody to wait for.
    let _ = stream.inner_mut().shutdown(Shutdown::Write);
}
