//! The head of a request, as it arrives.

use ws_core::Span;
use ws_core::handshake::server::Seen;
use ws_core::handshake::{Field, HeadError, Refusal, ServerHandshake, Upgrade};

/// Reads the head of a request. It keeps all of it, so that the program can look at it, and looks
/// at every byte once.
pub(crate) struct HeadReader {
    bytes: Vec<u8>,
    handshake: ServerHandshake,
    /// How far the handshake has read.
    read: usize,
    max_bytes: usize,
    max_fields: usize,
    pub(super) method: Span,
    pub(super) target: Span,
    /// Names and values.
    pub(super) fields: Vec<(Span, Span)>,
}

/// What bytes have brought.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The head has not ended.
    More,
    /// It asks for a WebSocket, and nothing is wrong with it.
    Upgrade(Upgrade),
    /// It asks for something else.
    Http,
    Refused(Refusal),
}

impl HeadReader {
    /// For a head of so many bytes and fields at most.
    pub(crate) fn new(max_bytes: u32, max_fields: usize) -> Self {
        let nothing = Span::default();
        Self {
            bytes: vec![],
            handshake: ServerHandshake::new(max_bytes),
            read: 0,
            max_bytes: usize::try_from(max_bytes).unwrap_or(usize::MAX),
            max_fields,
            method: nothing,
            target: nothing,
            fields: vec![],
        }
    }

    /// Takes bytes up to the end of the head, and tells how many.
    pub(crate) fn receive(&mut self, bytes: &[u8]) -> (usize, Outcome) {
        let before = self.bytes.len();
        // One more than there may be, so that it is found out.
        let room = self.max_bytes.saturating_add(1).saturating_sub(before);
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        loop {
            let unread = self.bytes.get(self.read..).unwrap_or_default();
            // All of it is here: nothing needs to be shown in pieces.
            let progress = match self.handshake.receive(unread, usize::MAX) {
                Ok(progress) => progress,
                // What follows is no frame: it is thrown away.
                Err(Refusal::NotUpgrade) => return (bytes.len(), Outcome::Http),
                Err(refusal) => return (bytes.len(), Outcome::Refused(refusal)),
            };
            let at = self.read;
            self.read += progress.consumed;
            match progress.seen {
                None => return (bytes.len(), Outcome::More),
                Some(Seen::Request { method, target }) => {
                    (self.method, self.target) = (method.shifted(at), target.shifted(at));
                }
                Some(Seen::Field(Field::Whole { name, value })) => {
                    if self.fields.len() >= self.max_fields {
                        let refusal = Refusal::Head(HeadError::HeadersTooLong);
                        return (bytes.len(), Outcome::Refused(refusal));
                    }
                    self.fields.push((name.shifted(at), value.shifted(at)));
                }
                Some(Seen::Field(_)) => {}
                Some(Seen::Complete(upgrade)) => {
                    return (self.end(before), Outcome::Upgrade(upgrade));
                }
            }
        }
    }

    pub(crate) fn span(&self, span: Span) -> &[u8] {
        span.of(&self.bytes)
    }

    /// Whether only the head of a response is asked for.
    pub(crate) fn is_head(&self) -> bool {
        self.span(self.method) == b"HEAD"
    }

    /// Where the head ends in the bytes that came last: what follows is not ours.
    fn end(&mut self, before: usize) -> usize {
        self.bytes.truncate(self.read);
        self.read - before
    }
}
