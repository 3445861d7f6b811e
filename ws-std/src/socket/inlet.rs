//! What arrives: bytes become messages, and what is owed for them.

use ws_core::assembly::Assembly;
use ws_core::connection::{Incoming, Owed};
use ws_core::deflate::Then;
use ws_core::frame::{CloseCode, Kind};
use ws_core::{Chunk, Decoder, Event, Misuse, Role, Span, Take};

use super::clocks::Clocks;
use super::{Error, Message, Piece};
use crate::deflate::Inflater;

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
    how: How,
    /// A part that lies in no buffer.
    lent: Vec<u8>,
    /// What inflates messages, if that was agreed on,
    inflater: Option<Box<Inflater>>,
    /// and what of them has arrived and is not inflated: no more is read before it is.
    compressed: Option<Compressed>,
}

/// A compressed chunk, of which so much lies in the buffer.
#[derive(Clone, Copy)]
struct Compressed {
    chunk: Chunk,
    left: Span,
}

/// How the message is taken that has begun and not ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// There is none.
    Neither,
    Whole,
    InParts,
}

/// A piece of a message, and where it lies.
pub(super) struct Portion {
    kind: Kind,
    begins: bool,
    ends: bool,
    place: Place,
}

enum Place {
    Buffer(Span),
    /// In the window that it was inflated to.
    Window(Span),
    /// What had been put together for a whole message.
    Assembled(Vec<u8>),
}

/// What came of the bytes.
pub(super) enum Arrival {
    Message(Message),
    Piece(Portion),
    /// The peer asks for this.
    Owed(Owed),
    /// The peer's Close, whose answer is owed unless ours has left.
    Close(Option<CloseCode>, String),
    /// Nothing, before more is read.
    Nothing,
}

impl Arrival {
    pub(super) fn message(self) -> Option<Message> {
        match self {
            Self::Message(message) => Some(message),
            _ => None,
        }
    }
}

impl Inlet {
    /// `already` was read behind the opening handshake.
    pub(super) fn new<R: Role>(
        max_message: u64,
        inflater: Option<Box<Inflater>>,
        already: &[u8],
    ) -> Self {
        let mut decoder = Decoder::new(R::SIDE).with_max_message(max_message);
        if inflater.is_some() {
            decoder = decoder.with_compressed_messages();
        }
        let mut buffer = already.to_vec();
        buffer.resize(READ_AT_ONCE.max(already.len()), 0);
        Self {
            incoming: Incoming::from_decoder(decoder),
            buffer,
            start: 0,
            end: already.len(),
            assembly: Assembly::default(),
            how: How::Neither,
            lent: Vec::new(),
            inflater,
            compressed: None,
        }
    }

    pub(super) const fn incoming(&self) -> &Incoming {
        &self.incoming
    }

    /// What came of the bytes that are there; clocks are told of it.
    pub(super) fn next(&mut self, take: Take, clocks: &mut Clocks) -> Result<Arrival, Error> {
        if take == Take::Messages && self.how == How::InParts {
            return Err(Misuse::MidMessage.into());
        }
        self.lent = Vec::new();
        loop {
            if let Some(compressed) = self.compressed.take() {
                let arrival = self.inflate(compressed, take)?;
                if !matches!(arrival, Arrival::Nothing) {
                    return Ok(arrival);
                }
                continue;
            }
            let unread = self.buffer.get_mut(self.start..self.end).unwrap_or_default();
            let decoded = self.incoming.receive(unread)?;
            let from = self.start;
            self.start += decoded.consumed;
            let Some(event) = decoded.event else {
                return Ok(Arrival::Nothing);
            };
            let arrival = self.arrival(&event, from, take, clocks)?;
            if !matches!(arrival, Arrival::Nothing) {
                return Ok(arrival);
            }
        }
    }

    /// The bytes of a piece that has just arrived.
    pub(super) fn piece(&mut self, arrival: Arrival) -> Option<Piece<'_>> {
        let Arrival::Piece(Portion { kind, begins, ends, place }) = arrival else { return None };
        let bytes = match place {
            Place::Buffer(span) => span.of(&self.buffer),
            Place::Window(span) => self.inflater.as_ref()?.bytes(span),
            Place::Assembled(bytes) => {
                self.lent = bytes;
                &self.lent
            }
        };
        Some(Piece { kind, bytes, begins, ends })
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
        take: Take,
        clocks: &mut Clocks,
    ) -> Result<Arrival, Error> {
        let bytes = |span: Span| span.shifted(from).of(&self.buffer);
        match *event {
            Event::Chunk(chunk) => {
                clocks.event(event, &[]);
                let span = chunk.span.shifted(from);
                if chunk.compressed {
                    self.compressed = Some(Compressed { chunk, left: span });
                    return Ok(Arrival::Nothing);
                }
                self.chunk(&chunk, Place::Buffer(span), take)
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

    /// Inflates more of what has arrived: what is left of it is for the next time.
    fn inflate(&mut self, compressed: Compressed, take: Take) -> Result<Arrival, Error> {
        let Compressed { chunk, mut left } = compressed;
        let Some(inflater) = &mut self.inflater else { return Ok(Arrival::Nothing) };
        let inflated = match inflater.inflate(&chunk, left.of(&self.buffer)) {
            Ok(inflated) => inflated,
            Err(rule) => return Err(self.incoming.refuse(rule).into()),
        };
        left.start += inflated.consumed;
        let mut part = chunk;
        (part.begins, part.ends) = (inflated.begins, inflated.then == Then::Ended);
        if inflated.then == Then::Again {
            self.compressed = Some(Compressed { chunk, left });
        }
        if inflated.piece.is_empty() && !part.ends {
            return Ok(Arrival::Nothing);
        }
        self.chunk(&part, Place::Window(inflated.piece), take)
    }

    fn chunk(&mut self, chunk: &Chunk, place: Place, take: Take) -> Result<Arrival, Error> {
        let Chunk { kind, begins, ends, .. } = *chunk;
        let before = std::mem::replace(&mut self.how, How::Neither);
        match (take, ends) {
            (_, true) => {}
            (Take::Messages, false) => self.how = How::Whole,
            (Take::Chunks, false) => self.how = How::InParts,
        }
        if take == Take::Chunks && before != How::Whole {
            return Ok(Arrival::Piece(Portion { kind, begins, ends, place }));
        }
        let bytes = match (&place, &self.inflater) {
            (Place::Buffer(span), _) => span.of(&self.buffer),
            (Place::Window(span), Some(inflater)) => inflater.bytes(*span),
            (Place::Window(_), None) => &[],
            (Place::Assembled(bytes), _) => bytes,
        };
        let whole = self.assembly.add(chunk, bytes)?.is_some();
        if take == Take::Messages && !whole {
            return Ok(Arrival::Nothing);
        }
        let bytes = std::mem::take(&mut self.assembly).into_memory();
        Ok(match take {
            Take::Messages => Arrival::Message(Message::checked(kind, bytes)),
            // A message that was begun whole goes on in parts: the first of them is all of it.
            Take::Chunks => {
                Arrival::Piece(Portion { kind, begins: true, ends, place: Place::Assembled(bytes) })
            }
        })
    }
}
