//! The server's side: reading the client's opening handshake (RFC 6455 section 4.2.1).

use core::fmt;

use super::head::{Head, Line, MAX_HEAD};
use super::progress::{Field, Progress};
use super::refusal::Refusal;
use super::request::Request;
use super::upgrade::Upgrade;
use crate::Span;

/// What a server sees of the request as it passes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Seen {
    /// The request line.
    Request {
        /// The method: a token.
        method: Span,
        /// The target, for [`Target::parse`](super::Target::parse).
        target: Span,
    },
    /// A header field, whole or in pieces.
    Field(Field),
    /// The request is whole and valid. What follows it in the buffer are frames.
    Complete(Upgrade),
}

/// Reads a request for a WebSocket.
///
/// Offer it the unread bytes with [`receive`](Self::receive) until it has seen
/// [`Seen::Complete`], or refuses.
#[derive(Clone, Copy)]
pub struct ServerHandshake {
    head: Head,
    request: Request,
    refused: Option<Refusal>,
}

impl ServerHandshake {
    /// For a head of at most `max_bytes`.
    pub const fn new(max_bytes: u32) -> Self {
        Self { head: Head::new(max_bytes), request: Request::NOTHING, refused: None }
    }

    /// Looks at the unread bytes, up to the next thing to see.
    ///
    /// `bytes` begin with those that were not consumed by the last call, unchanged; `capacity` is
    /// how many the caller can offer at most: its whole buffer. A line that fills it is shown in
    /// pieces, or refused if it is the request line or one that must be known whole. There is no
    /// limit to the number of fields but their bytes.
    ///
    /// # Errors
    ///
    /// The reason for a refusal, the same at every later call.
    pub fn receive(&mut self, bytes: &[u8], capacity: usize) -> Result<Progress<Seen>, Refusal> {
        if let Some(refusal) = self.refused {
            return Err(refusal);
        }
        let result = self.advance(bytes, capacity);
        self.refused = result.err();
        result
    }

    fn advance(&mut self, bytes: &[u8], capacity: usize) -> Result<Progress<Seen>, Refusal> {
        let Progress { consumed, seen } = self.head.next(bytes, capacity)?;
        let seen = match seen {
            None => None,
            Some(Line::Start(line)) => {
                let (method, target) = self.request.line(line, bytes)?;
                Some(Seen::Request { method, target })
            }
            Some(Line::Field(field)) => {
                self.request.field(field, bytes)?;
                Some(Seen::Field(field))
            }
            Some(Line::Empty) => Some(Seen::Complete(self.request.complete()?)),
        };
        Ok(Progress { consumed, seen })
    }
}

impl Default for ServerHandshake {
    /// For a head of at most [`MAX_HEAD`] bytes.
    fn default() -> Self {
        Self::new(MAX_HEAD)
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
pub(super) mod tests;

/// Tells how it stands, and nothing of the request.
impl fmt::Debug for ServerHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandshake").field("refused", &self.refused).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ServerHandshake {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "ServerHandshake {{ refused: {} }}", self.refused);
    }
}
