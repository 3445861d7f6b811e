//! What arrives: bytes become messages, and what is owed for them.

use ws_core::assembly::Assembly;
use ws_core::connection::{Incoming, Owed};
use ws_core::frame::CloseCode;
use ws_core::{Decoder, Event, Role, Span};

use super::clocks::Clocks;
use super::{Error, Message};

/// How much is read at once.
const READ_AT_ONCE: usize = 64 * 1024;

/// The receiving side of a connection, without the stream.
pub(super) struct Inlet {
    incoming: Incoming,
    buffer: Vec<u8>,
    /// What was read and not decoded lies from here,
    start: usize,
    /// to here.
    end: usize,
    assembly: Assembly<Vec<u8>>,
}

/// What came of the bytes.
pub(super) enum Arrival {
    Message(Message),
    /// The peer asks for this.
    Owed(Owed),
    /// The peer's Close, whose answer is owed unless ours has left.
    Close(Option<CloseCode>, String),
    /// Nothing, before more is read.
    Nothing,
}

impl Inlet {
    /// `already` was read behind the opening handshake.
    pub(super) fn new<R: Role>(max_message: u64, already: &[u8]) -> Self {
        let decoder = Decoder::new(R::SIDE).with_max_message(max_message);
        let mut buffer = already.to_vec();
        buffer.resize(READ_AT_ONCE.max(already.len()), 0);
        Self {
            incoming: Incoming::from_decoder(decoder),
            buffer,
            start: 0,
            end: already.len(),
            assembly: Assembly::default(),
        }
    }

    pub(super) const fn incoming(&self) -> &Incoming {
        &self.incoming
    }

    /// What came of the bytes that are there; clocks are told of it.
    pub(super) fn next(&mut self, clocks: &mut Clocks) -> Result<Arrival, Error> {
        loop {
            let unread = self.buffer.get_mut(self.start..self.end).unwrap_or_default();
            let decoded = self.incoming.receive(unread)?;
            let from = self.start;
            self.start += decoded.consumed;
            let Some(event) = decoded.event else {
                return Ok(Arrival::Nothing);
            };
            let arrival = self.arrival(&event, from, clocks)?;
            if !matches!(arrival, Arrival::Nothing) {
                return Ok(arrival);
            }
        }
    }

    /// Where to read more to: never empty.
    pub(super) fn space(&mut self) -> &mut [u8] {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        self.buffer.get_mut(self.end..).unwrap_or_default()
    }

    /// So much was read there.
    pub(super) fn filled(&mut self, len: usize) {
        self.end += len;
    }

    /// How much was read and not decoded.
    pub(super) const fn unread(&self) -> usize {
        self.end - self.start
    }

    fn arrival(
        &mut self,
        event: &Event,
        from: usize,
        clocks: &mut Clocks,
    ) -> Result<Arrival, Error> {
        let bytes = |span: Span| span.shifted(from).of(&self.buffer);
        match *event {
            Event::Chunk(chunk) => {
                let whole = self.assembly.add(&chunk, bytes(chunk.span))?.is_some();
                if !whole {
                    return Ok(Arrival::Nothing);
                }
                clocks.message_ended();
                let bytes = std::mem::take(&mut self.assembly).into_memory();
                Ok(Arrival::Message(Message::checked(chunk.kind, bytes)))
            }
            Event::Ping(payload) => Ok(Arrival::Owed(Owed::pong(bytes(payload)))),
            Event::Pong(payload) => {
                clocks.event(event, bytes(payload));
                Ok(Arrival::Nothing)
            }
            Event::Close { code, reason } => {
                let reason = String::from_utf8_lossy(bytes(reason)).into_owned();
                Ok(Arrival::Close(code, reason))
            }
        }
    }
}
