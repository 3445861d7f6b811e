//! websocketz: read, write and fragment buffers, Pings and Close answered by itself.

#![no_std]
#![no_main]

use core::convert::Infallible;

use cortex_m_rt::entry;
use rand_core::TryRng;
use websocketz::error::Error;
use websocketz::options::AcceptOptions;
use websocketz::{Message, WebSocket, next, send};
use ws_cost_firmware::{Cut, Echo, FRAME, MESSAGE, Wire, block_on, measure};

/// A message, and the header of its echo.
const WRITE: usize = MESSAGE + 4;

/// A server makes no masks.
struct NoRandom;

impl TryRng for NoRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(0);
        Ok(())
    }
}

#[entry]
fn main() -> ! {
    static mut RX: [u8; FRAME] = [0; FRAME];
    static mut TX: [u8; WRITE] = [0; WRITE];
    static mut MEMORY: [u8; MESSAGE] = [0; MESSAGE];
    measure(Echo::Messages, FRAME + WRITE + MESSAGE, |wire| run(wire, RX, TX, MEMORY))
}

#[inline(never)]
fn run(wire: &mut Wire<'_>, read: &mut [u8], write: &mut [u8], memory: &mut [u8]) -> usize {
    let future = serve(wire, read, write, memory);
    let state = size_of_val(&future);
    let _ = block_on(future);
    state
}

async fn serve(
    wire: &mut Wire<'_>,
    read: &mut [u8],
    write: &mut [u8],
    memory: &mut [u8],
) -> Result<(), Error<Cut>> {
    let options = AcceptOptions::default();
    let mut socket = WebSocket::accept::<16>(options, wire, NoRandom, read, write, memory).await?;
    while let Some(message) = next!(socket) {
        match message? {
            Message::Text(text) => send!(socket, Message::Text(text))?,
            Message::Binary(bytes) => send!(socket, Message::Binary(bytes))?,
            _ => {}
        }
    }
    Ok(())
}
