//! Reading the head of a request, however its bytes arrive, and keeping it to be asked.

use std::fmt;
use std::str;

use ws_core::Span;
use ws_core::handshake::server::Seen;
use ws_core::handshake::{Field, HeadError, MAX_HEAD, Refusal, ServerHandshake, Upgrade};

/// How large a head may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadLimits {
    pub(crate) max_bytes: u32,
    pub(crate) max_fields: u32,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self { max_bytes: MAX_HEAD, max_fields: 100 }
    }
}

/// Reads a head until it is whole, or is refused. Every byte is looked at once.
pub(crate) struct HeadReader {
    handshake: ServerHandshake,
    limits: HeadLimits,
    head: Head,
    /// How many of the bytes are done with: whole lines.
    parsed: usize,
}

/// What became of the bytes that were offered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// How many belong to the head; what follows them are frames.
    pub(crate) consumed: usize,
    pub(crate) outcome: Outcome,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The head is not whole yet.
    More,
    /// A valid request for a WebSocket.
    Upgrade(Upgrade),
    /// A well-formed request that does not ask for a WebSocket.
    Http,
    Refused(Refusal),
}

impl HeadReader {
    pub(crate) fn new(limits: HeadLimits) -> Self {
        let handshake = ServerHandshake::new(limits.max_bytes);
        Self { handshake, limits, head: Head::default(), parsed: 0 }
    }

    /// Takes bytes up to the end of the head. To be called no more once the outcome is known.
    pub(crate) fn receive(&mut self, bytes: &[u8]) -> Received {
        // One byte more than may be, so that the handshake sees that there are too many.
        let most = (self.limits.max_bytes as usize).saturating_add(1);
        let room = most.saturating_sub(self.head.bytes.len());
        let offered = bytes.get(..room).unwrap_or(bytes);
        self.head.bytes.extend_from_slice(offered);
        let outcome = self.advance();
        if outcome == Outcome::More {
            return Received { consumed: offered.len(), outcome };
        }
        let after = self.head.bytes.len().saturating_sub(self.parsed);
        self.head.bytes.truncate(self.parsed);
        Received { consumed: offered.len().saturating_sub(after), outcome }
    }

    /// What was read so far; nothing is missing in it once the outcome is known.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    #[cfg(test)]
    pub(super) fn into_head(self) -> Head {
        self.head
    }

    fn advance(&mut self) -> Outcome {
        loop {
            let unread = self.head.bytes.get(self.parsed..).unwrap_or_default();
            // All that may come will fit, so nothing is ever shown in pieces.
            let progress = match self.handshake.receive(unread, usize::MAX) {
                Ok(progress) => progress,
                Err(Refusal::NotUpgrade) => {
                    // That is judged at the empty line, which is the last of the head.
                    self.parsed = self.parsed.saturating_add(b"\r\n".len());
                    return Outcome::Http;
                }
                Err(refusal) => return Outcome::Refused(refusal),
            };
            let line = self.parsed;
            self.parsed = self.parsed.saturating_add(progress.consumed);
            match progress.seen {
                None => return Outcome::More,
                Some(Seen::Complete(upgrade)) => return Outcome::Upgrade(upgrade),
                Some(Seen::Request { method, target }) => {
                    self.head.method = method.shifted(line);
                    self.head.target = target.shifted(line);
                }
                Some(Seen::Field(field)) => {
                    if self.head.fields.len() >= self.limits.max_fields as usize {
                        return Outcome::Refused(Refusal::Head(HeadError::HeadersTooLong));
                    }
                    if let Field::Whole { name, value } = field {
                        self.head.fields.push((name.shifted(line), value.shifted(line)));
                    }
                }
            }
        }
    }
}

/// The head of a request: its bytes, and where in them everything lies.
#[derive(Default)]
pub(crate) struct Head {
    bytes: Vec<u8>,
    method: Span,
    target: Span,
    /// Names and values.
    fields: Vec<(Span, Span)>,
}

impl Head {
    pub(crate) fn method(&self) -> &str {
        self.text(self.method)
    }

    pub(crate) fn target(&self) -> &str {
        self.text(self.target)
    }

    /// Names and values, in the order in which they came.
    pub(crate) fn fields(&self) -> impl DoubleEndedIterator<Item = (&str, &[u8])> {
        self.fields.iter().map(|(name, value)| (self.text(*name), value.of(&self.bytes)))
    }

    /// The values of all fields of that name.
    pub(crate) fn values(&self, name: &str) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.fields().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }

    /// How much memory it holds.
    pub(crate) fn retained(&self) -> usize {
        self.bytes.capacity() + self.fields.capacity() * size_of::<(Span, Span)>()
    }

    /// For what is known to be ASCII.
    fn text(&self, span: Span) -> &str {
        str::from_utf8(span.of(&self.bytes)).unwrap_or_default()
    }
}

/// Tells how much there is, and nothing of what it says: headers hold cookies and tokens.
impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("bytes", &self.bytes.len())
            .field("fields", &self.fields.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
