//! The reading half, divided from the writing half.

use core::fmt;

use crate::connection::{Incoming, Owed};
use crate::error::Error;
use crate::frame::{CloseCode, Kind};
use crate::span::Span;

use super::deflated::Deflated;
use super::inbox::Inbox;
use super::received::{Data, Received, Take};

/// The reading half of a connection with its buffer: it cannot answer, and hands out what is owed.
#[derive(Clone)]
pub struct Inlet<B> {
    pub(super) incoming: Incoming,
    inbox: Inbox<B>,
    /// Whether the Close that ends the conversation has been handed out.
    close_told: bool,
    // Without compression there is nothing in it.
    #[cfg_attr(not(feature = "deflate"), expect(dead_code))]
    pub(super) deflated: Deflated,
}

/// What a driver of the reading half does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum InletNext {
    /// Read into [`Inlet::space`], and tell [`Inlet::filled`].
    Read,
    /// Hand this on.
    Data(Data),
    /// Hand this to the writing half.
    Owed(Owed),
    /// A Pong came; its payload.
    Pong(Span),
    /// The peer's Close has arrived, and the answer to it was handed out.
    Closed,
}

/// What the reading half has for its caller.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Arrival<'a> {
    /// A message, or a piece of one.
    Data {
        /// Text or binary.
        kind: Kind,
        /// Whether the message begins with this piece.
        begins: bool,
        /// Whether it ends with it.
        ends: bool,
        /// Whether it is compressed: see [`Data::is_compressed`].
        compressed: bool,
        /// The payload.
        bytes: &'a [u8],
    },
    /// What the writing half must send: hand it over.
    Owed(Owed),
    /// A Pong, with its payload.
    Pong(&'a [u8]),
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Inlet<B> {
    pub(super) const fn new(incoming: Incoming, inbox: Inbox<B>, deflated: Deflated) -> Self {
        Self { incoming, inbox, close_told: false, deflated }
    }

    /// The connection's reading half.
    pub const fn incoming(&self) -> &Incoming {
        &self.incoming
    }

    /// The peer's Close frame, once it has arrived: its code, or none, and its reason.
    pub fn peer_close(&self) -> Option<(Option<CloseCode>, &str)> {
        Some((self.incoming.closed()?, self.inbox.reason()))
    }

    /// Free memory to read into: never empty. Not behind the peer's Close, whose reason lies there.
    pub fn space(&mut self) -> &mut [u8] {
        self.inbox.space()
    }

    /// So many bytes have been read into [`space`](Self::space).
    ///
    /// # Errors
    ///
    /// [`Error::Ended`] if it was none, the end of the stream.
    pub fn filled(&mut self, len: usize) -> Result<(), Error> {
        if len == 0 {
            return Err(Error::Ended);
        }
        self.inbox.filled(len);
        Ok(())
    }

    /// What to do next. Whatever was answered before is done with.
    ///
    /// # Errors
    ///
    /// The [`Violation`](crate::Violation) that ends the connection, once the Close frame that it
    /// calls for has been handed out; [`Misuse`](crate::Misuse).
    pub fn poll(&mut self, take: Take) -> Result<InletNext, Error> {
        loop {
            if self.incoming.is_closed() {
                return Ok(self.tell_close().map_or(InletNext::Closed, InletNext::Owed));
            }
            return Ok(match self.inbox.receive(take, &mut self.incoming) {
                Ok(None) => InletNext::Read,
                Ok(Some(Received::Data(data))) => InletNext::Data(data),
                Ok(Some(Received::Pong(payload))) => InletNext::Pong(payload),
                Ok(Some(Received::Ping(payload))) => {
                    InletNext::Owed(Owed::pong(payload.of(self.inbox.bytes())))
                }
                Ok(Some(Received::Close { reason, .. })) => {
                    self.inbox.keep_reason(reason);
                    continue;
                }
                Err(Error::Violation(violation)) => {
                    InletNext::Owed(self.tell_close().ok_or(violation)?)
                }
                Err(error) => return Err(error),
            });
        }
    }

    /// What [`poll`](Self::poll) answered, with its bytes; none once the peer has closed.
    pub fn arrival(&self, next: InletNext) -> Option<Arrival<'_>> {
        let bytes = self.inbox.bytes();
        match next {
            InletNext::Data(data @ Data { kind, begins, ends, span, .. }) => {
                let compressed = data.is_compressed();
                Some(Arrival::Data { kind, begins, ends, compressed, bytes: span.of(bytes) })
            }
            InletNext::Owed(owed) => Some(Arrival::Owed(owed)),
            InletNext::Pong(payload) => Some(Arrival::Pong(payload.of(bytes))),
            InletNext::Read | InletNext::Closed => None,
        }
    }

    fn tell_close(&mut self) -> Option<Owed> {
        if self.close_told {
            return None;
        }
        self.close_told = true;
        self.incoming.close_owed().map(Owed::Close)
    }
}

/// Tells how much has arrived, and nothing of what it says.
impl fmt::Debug for Arrival<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data { kind, begins, ends, compressed, bytes } => f
                .debug_struct("Data")
                .field("kind", kind)
                .field("begins", begins)
                .field("ends", ends)
                .field("compressed", compressed)
                .field("len", &bytes.len())
                .finish_non_exhaustive(),
            Self::Owed(owed) => f.debug_tuple("Owed").field(owed).finish(),
            Self::Pong(payload) => {
                f.debug_struct("Pong").field("len", &payload.len()).finish_non_exhaustive()
            }
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Arrival<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self {
            Self::Data { kind, begins, ends, compressed, bytes } => defmt::write!(
                f,
                "Data {{ kind: {}, begins: {=bool}, ends: {=bool}, compressed: {=bool}, len: {=usize} }}",
                kind,
                begins,
                ends,
                compressed,
                bytes.len()
            ),
            Self::Owed(owed) => defmt::write!(f, "Owed({})", owed),
            Self::Pong(payload) => defmt::write!(f, "Pong {{ len: {=usize} }}", payload.len()),
        }
    }
}

/// The memory is not asked to be printed.
impl<B> fmt::Debug for Inlet<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inlet")
            .field("incoming", &self.incoming)
            .field("inbox", &self.inbox)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<B> defmt::Format for Inlet<B> {
    fn format(&self, f: defmt::Formatter<'_>) {
        let Self { incoming, inbox, .. } = self;
        defmt::write!(f, "Inlet {{ incoming: {}, inbox: {} }}", incoming, inbox);
    }
}
