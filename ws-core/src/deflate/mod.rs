//! permessage-deflate (RFC 7692), its receiving side: messages are inflated as they arrive, in a
//! window that the caller lends.
//!
//! Nothing is allocated, and what has been inflated is handed out before more of it is made. So a
//! message of any size passes through a window of 256 bytes to 32 KiB, whatever was agreed on in the
//! [handshake](crate::handshake::DeflateAnswer), and how much a peer can make of little is bounded
//! while it does.
//!
//! ```
//! use ws_core::deflate::{Inflate, Then};
//! use ws_core::handshake::{Flow, Takeover, WindowBits};
//! use ws_core::{Decoder, Event, Side};
//!
//! let flow = Flow { window: WindowBits::MIN, takeover: Takeover::Keep };
//! let mut inflate = Inflate::new([0; 256], flow)?;
//! let mut decoder = Decoder::new(Side::Client).with_compressed_messages();
//!
//! // "Hello", twice: the second time as a reference to the first (RFC 7692 section 7.2.3.2).
//! let mut bytes = *b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00";
//! let mut rest = &mut bytes[..];
//! let mut heard = vec![];
//! while !rest.is_empty() {
//!     let decoded = decoder.decode(rest)?;
//!     if let Some(Event::Chunk(chunk)) = decoded.event {
//!         let mut payload = chunk.span.of(rest);
//!         loop {
//!             let inflated = match inflate.inflate(&chunk, payload) {
//!                 Ok(inflated) => inflated,
//!                 Err(rule) => return Err(decoder.refuse(rule).into()),
//!             };
//!             heard.extend_from_slice(inflate.bytes(inflated.piece));
//!             payload = &payload[inflated.consumed..];
//!             if inflated.then != Then::Again {
//!                 break;
//!             }
//!         }
//!     }
//!     rest = &mut rest[decoded.consumed..];
//! }
//! assert_eq!(heard, b"HelloHello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Over a driver, a device that has 1 KiB to inflate with answers in the handshake that clients are to
//! keep to that, as browsers offer to, and sends as ever: nobody is obliged to compress.
//!
//! ```
//! # use embedded_io::{Read, Write};
//! use ws_core::deflate::Inflate;
//! use ws_core::handshake::{DeflateAnswer, Takeover};
//! use ws_core::{Error, io::Accept};
//!
//! fn serve<S: Read + Write>(stream: S) -> Result<(), Error<S::Error>> {
//!     let mut window = [0; 1024];
//!     let mut accept = Accept::new(stream, [0; 512], [])?;
//!     if let Some(answer) = DeflateAnswer::receiving(window.len(), Takeover::Keep) {
//!         accept = accept.with_deflate(answer);
//!     }
//!     let upgrade = accept.read(|_, _| {})?;
//!     let mut socket = accept.accept(&upgrade, None, &[])?;
//!     let mut inflate = socket.deflated().map(|flow| Inflate::new(&mut window, flow)).transpose()?;
//!     while let Some(message) = socket.receive()? {
//!         let Some(inflate) = inflate.as_mut().filter(|_| message.compressed()) else {
//!             message.echo()?;
//!             continue;
//!         };
//!         let kind = message.kind();
//!         match inflate.whole(&message.data(), message.bytes()) {
//!             Ok(said) => message.reply(kind, said)?,
//!             // The next `receive` tells the peer.
//!             Err(rule) => socket.refuse(rule),
//!         }
//!     }
//!     Ok(())
//! }
//! ```

mod bits;
mod blocks;
mod code;
mod density;
mod output;
mod tables;
mod whole;

pub use density::Density;

use core::fmt;

use crate::decoder::Chunk;
use crate::endpoint::Data;
use crate::error::{Misuse, Rule};
use crate::frame::Kind;
use crate::handshake::{Flow, Takeover};
use crate::span::Span;
use crate::utf8::Utf8;

use blocks::{Blocks, Garbage, Pause};
use output::{Output, Ring};

/// Inflates the compressed messages of one connection.
///
/// `W` is its window: an array or a slice, of at least as many bytes as the peer's
/// [`Flow`] says.
#[derive(Clone)]
pub struct Inflate<W> {
    window: W,
    flow: Flow,
    ring: Ring,
    blocks: Blocks,
    max_message: u64,
    density: Density,
    /// How much has arrived of the current message,
    taken: u64,
    /// and what came of it.
    made: u64,
    utf8: Utf8,
    /// How much of the tail has been read behind the last chunk.
    tail: usize,
    /// A message has begun and not ended.
    is_open: bool,
    /// What was wrong with a message: there will be no other.
    broken: Option<Rule>,
}

/// What came of some compressed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Inflated {
    /// How many bytes of the payload are done with.
    pub consumed: usize,
    /// Where what they inflate to lies in the window, for [`Inflate::bytes`]: take it before the next
    /// call. It is checked if it is text, of which it may end inside a character.
    pub piece: Span,
    /// Whether nothing has come of the message before.
    pub begins: bool,
    /// What is to be done next.
    pub then: Then,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Then {
    /// Call again with what is left of the chunk, even if that is nothing.
    Again,
    /// The chunk is done with: call again with the next one of the message.
    NextChunk,
    /// The message has ended with this piece.
    Ended,
}

/// A stretch of a compressed message: what of a chunk, or of what a driver hands out, matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Part {
    /// What the message is.
    pub kind: Kind,
    /// Whether the message ends with it.
    pub ends: bool,
}

impl From<&Chunk> for Part {
    fn from(chunk: &Chunk) -> Self {
        Self { kind: chunk.kind, ends: chunk.ends }
    }
}

impl From<&Data> for Part {
    fn from(data: &Data) -> Self {
        Self { kind: data.kind, ends: data.ends }
    }
}

/// "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message" (RFC 7692
/// section 7.2.2).
const TAIL: [u8; 4] = [0x00, 0x00, 0xFF, 0xFF];

impl<W: AsRef<[u8]> + AsMut<[u8]>> Inflate<W> {
    /// For what a peer sends like this. Messages may be as large as
    /// [`Decoder::DEFAULT_MAX_MESSAGE`](crate::Decoder::DEFAULT_MAX_MESSAGE).
    ///
    /// # Errors
    ///
    /// [`Misuse::BufferTooSmall`] if the window is smaller than the peer's.
    pub fn new(window: W, flow: Flow) -> Result<Self, Misuse> {
        let mut inflate = Self {
            window,
            flow,
            ring: Ring::START,
            blocks: Blocks::new(),
            max_message: crate::Decoder::DEFAULT_MAX_MESSAGE,
            density: Density::DEFAULT,
            taken: 0,
            made: 0,
            utf8: Utf8::new(),
            tail: 0,
            is_open: false,
            broken: None,
        };
        inflate.reset(flow)?;
        Ok(inflate)
    }

    /// Takes messages that inflate to up to `bytes`, inclusive.
    #[must_use]
    pub const fn with_max_message(mut self, bytes: u64) -> Self {
        self.max_message = bytes;
        self
    }

    /// Takes messages that are so dense.
    #[must_use]
    pub const fn with_density(mut self, density: Density) -> Self {
        self.density = density;
        self
    }

    /// Forgets everything but the limits: the next message is another peer's, that sends like this.
    ///
    /// # Errors
    ///
    /// [`Misuse::BufferTooSmall`] if the window is smaller than the peer's; nothing has changed then.
    pub fn reset(&mut self, flow: Flow) -> Result<(), Misuse> {
        let at_least = flow.window.bytes();
        if self.window.as_ref().len() < at_least {
            return Err(Misuse::BufferTooSmall { at_least });
        }
        self.flow = flow;
        self.ring = Ring::START;
        self.is_open = false;
        self.broken = None;
        Ok(())
    }

    /// How the peer sends.
    pub const fn flow(&self) -> Flow {
        self.flow
    }

    /// How many bytes have come of the current message, or of the last one.
    pub const fn made(&self) -> u64 {
        self.made
    }

    /// Whether a message has begun and not ended.
    pub const fn is_mid_message(&self) -> bool {
        self.is_open
    }

    /// Inflates the next bytes of a message that came with
    /// [`Chunk::compressed`](crate::Chunk::compressed) set: `payload` is what is left of the chunk's.
    ///
    /// # Errors
    ///
    /// What is wrong with the message, for
    /// [`Decoder::refuse`](crate::Decoder::refuse); then the same for ever.
    #[inline]
    pub fn inflate(&mut self, part: impl Into<Part>, payload: &[u8]) -> Result<Inflated, Rule> {
        self.inflate_part(part.into(), payload)
    }

    fn inflate_part(&mut self, part: Part, payload: &[u8]) -> Result<Inflated, Rule> {
        if let Some(rule) = self.broken {
            return Err(rule);
        }
        if !self.is_open {
            self.begin();
        }
        let result = self.advance(part, payload);
        self.broken = result.err();
        result
    }

    /// What a piece says.
    pub fn bytes(&self, piece: Span) -> &[u8] {
        piece.of(self.window.as_ref())
    }

    fn begin(&mut self) {
        self.is_open = true;
        (self.taken, self.made) = (0, 0);
        self.utf8 = Utf8::new();
        self.tail = 0;
        self.blocks.restart();
        if self.flow.takeover == Takeover::Forget {
            self.ring = Ring::START;
        }
    }

    fn advance(&mut self, part: Part, payload: &[u8]) -> Result<Inflated, Rule> {
        let window = self.window.as_mut().get_mut(..self.flow.window.bytes()).unwrap_or_default();
        let mut output = Output::new(window, &mut self.ring);
        let start = output.at();
        let mut input = payload;
        let mut pause = self.blocks.run(&mut input, &mut output)?;
        let needs_no_tail = self.tail == 0 && self.blocks.is_after_final();
        if pause == Pause::Input && part.ends && !needs_no_tail {
            let mut tail = TAIL.get(self.tail..).unwrap_or_default();
            pause = self.blocks.run(&mut tail, &mut output)?;
            self.tail = TAIL.len().wrapping_sub(tail.len());
        }
        let piece = Span { start, end: output.at() };
        let consumed = payload.len() - input.len();
        let then = match pause {
            Pause::Output => Then::Again,
            Pause::Input if part.ends => Then::Ended,
            Pause::Input => Then::NextChunk,
        };
        self.taken = self.taken.saturating_add(consumed as u64);
        self.made = self.made.saturating_add(piece.len() as u64);
        self.judge(part.kind, piece, then)?;
        let begins = self.made == piece.len() as u64;
        Ok(Inflated { consumed, piece, begins, then })
    }

    /// Whether the message has ended before the tail: some peers leave out what they should have put
    /// behind a block that says that it is the last (RFC 7692 section 7.2.3.4).
    fn needs_no_tail(&self) -> bool {
        self.tail == 0 && self.blocks.is_after_final()
    }

    /// Whether what there is of the message is as it should be.
    fn judge(&mut self, kind: Kind, piece: Span, then: Then) -> Result<(), Rule> {
        if self.made > self.max_message {
            return Err(Rule::TooBig);
        }
        if self.density.is_exceeded(self.made, self.taken) {
            return Err(Rule::TooDense);
        }
        if kind == Kind::Text {
            let text = piece.of(self.window.as_ref());
            self.utf8.check(text).map_err(|_| Rule::InvalidUtf8)?;
        }
        if then == Then::Ended {
            self.is_open = false;
            if !self.blocks.is_between() && !self.needs_no_tail() {
                return Err(Rule::InvalidDeflate);
            }
            if kind == Kind::Text && !self.utf8.is_complete() {
                return Err(Rule::InvalidUtf8);
            }
        }
        Ok(())
    }
}

impl From<Garbage> for Rule {
    fn from(_: Garbage) -> Self {
        Self::InvalidDeflate
    }
}

/// Tells how it stands, and nothing of what was said.
impl<W> fmt::Debug for Inflate<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflate")
            .field("flow", &self.flow)
            .field("made", &self.made)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<W> defmt::Format for Inflate<W> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Inflate {{ flow: {}, made: {=u64} }}", self.flow, self.made);
    }
}

#[cfg(test)]
mod tests;
