//! What compression costs a device: it answers offers, and inflates what comes in 1 KiB of window.

#![no_std]
#![no_main]

use embedded_io::{Read, Write};
use ws_core::deflate::{Inflate, Then};
use ws_core::handshake::{DeflateAnswer, Flow, Takeover, WindowBits};
use ws_core::{Decoder, Event, Rule, Side};
use ws_no_panic::{Wire, see};

/// What is lent to inflate with.
const WINDOW: usize = 1024;

/// How much RAM a connection takes, for the report: the size of this.
#[used]
#[unsafe(link_section = ".ram_per_connection")]
static RAM_PER_CONNECTION: [u8; size_of::<Inflate<[u8; WINDOW]>>()] =
    [0; size_of::<Inflate<[u8; WINDOW]>>()];

/// Serves one connection after the other.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let mut buffer = [0; 256];
    loop {
        if let Ok(len) = Wire.read(&mut buffer) {
            let offer = buffer.get(..len).unwrap_or_default();
            if let Some(receives) = agree(offer) {
                serve(&mut buffer, receives);
            }
        }
        ws_no_panic::canary();
    }
}

#[inline(never)]
fn agree(offer: &[u8]) -> Option<Flow> {
    let receives = Flow { window: WindowBits::fitting(WINDOW)?, takeover: Takeover::Keep };
    let sends = Flow { window: WindowBits::MIN, takeover: Takeover::Forget };
    let mut answer = DeflateAnswer::new(sends, receives);
    answer.observe(offer);
    see(answer.chosen());
    answer.chosen().map(|_| receives)
}

#[inline(never)]
fn serve(buffer: &mut [u8], flow: Flow) {
    let Ok(mut inflate) = Inflate::new([0; WINDOW], flow) else { return };
    let mut decoder = Decoder::new(Side::Server).with_compressed_messages();
    while let Ok(len) = Wire.read(buffer) {
        let bytes = buffer.get_mut(..len).unwrap_or_default();
        let Ok(decoded) = decoder.decode(bytes) else { return };
        if let Some(Event::Chunk(chunk)) = decoded.event
            && let Err(rule) = tell(&mut inflate, &chunk, chunk.span.of(bytes))
        {
            see(decoder.refuse(rule));
            return;
        }
    }
}

/// Passes on what a chunk inflates to.
fn tell(
    inflate: &mut Inflate<[u8; WINDOW]>,
    chunk: &ws_core::Chunk,
    mut payload: &[u8],
) -> Result<(), Rule> {
    loop {
        let inflated = inflate.inflate(chunk, payload)?;
        let _ = Wire.write(inflate.bytes(inflated.piece));
        payload = payload.get(inflated.consumed..).unwrap_or_default();
        if inflated.then != Then::Again {
            return Ok(());
        }
    }
}
