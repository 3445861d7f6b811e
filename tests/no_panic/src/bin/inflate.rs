//! What compression costs a device: it agrees with clients to 1 KiB of window, and answers what comes
//! compressed.

#![no_std]
#![no_main]

use core::hint::black_box;

use ws_core::deflate::{Inflate, Then};
use ws_core::handshake::{DeflateAnswer, Flow, Takeover};
use ws_core::io::{Accept, WebSocket};
use ws_core::{Error, Server};
use ws_no_panic::{Cut, Wire, see};

/// What is lent to inflate with.
const WINDOW: usize = 1024;

type Socket<'b> = WebSocket<Wire, Server, &'b mut [u8], [u8; 0]>;

/// How much RAM a connection takes, for the report: the size of this.
#[used]
#[unsafe(link_section = ".ram_per_connection")]
static RAM_PER_CONNECTION: [u8; size_of::<Inflate<[u8; WINDOW]>>()] =
    [0; size_of::<Inflate<[u8; WINDOW]>>()];

/// Serves one connection after the other.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let mut buffer = [0; 1044];
    loop {
        see(serve(&mut buffer).is_ok());
        ws_no_panic::canary();
    }
}

#[inline(never)]
fn serve(buffer: &mut [u8]) -> Result<(), Error<Cut>> {
    let mut accept = Accept::new(Wire, buffer, [])?;
    if let Some(answer) = DeflateAnswer::receiving(WINDOW, Takeover::Keep) {
        accept = accept.with_deflate(answer);
    }
    let upgrade = accept.read(|_, _| {})?;
    let mut socket = accept.accept(&upgrade, None, &[])?;
    let Some(flow) = socket.deflated() else { return Ok(()) };
    match black_box(true) {
        true => messages(&mut socket, flow),
        false => chunks(&mut socket, flow),
    }
}

fn messages(socket: &mut Socket<'_>, flow: Flow) -> Result<(), Error<Cut>> {
    let mut inflate = Inflate::new([0; WINDOW], flow)?;
    while let Some(message) = socket.receive()? {
        if !message.compressed() {
            message.echo()?;
            continue;
        }
        let kind = message.kind();
        match inflate.whole(&message.data(), message.bytes()) {
            Ok(said) => message.reply(kind, said)?,
            Err(rule) => socket.refuse(rule),
        }
    }
    Ok(())
}

fn chunks(socket: &mut Socket<'_>, flow: Flow) -> Result<(), Error<Cut>> {
    let mut inflate = Inflate::new([0; WINDOW], flow)?;
    while let Some(chunk) = socket.receive_chunk()? {
        let shown = inflate.each(&chunk.data(), chunk.bytes(), |inflated, bytes| {
            black_box((inflated.begins, inflated.then == Then::Ended, bytes));
        });
        if let Err(rule) = shown {
            socket.refuse(rule);
        }
    }
    Ok(())
}
