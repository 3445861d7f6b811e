//! What has arrived and is not done with.

use ws_core::Chunk;
use ws_core::frame::Kind;

/// Part of what a peer says: only there while a connection has some.
#[derive(Debug, Default)]
pub(crate) struct Partial {
    /// Bytes that cannot be made sense of yet: part of a header, or what came while we paused.
    pub(super) tail: Vec<u8>,
    /// A message that does not arrive in one piece.
    pub(super) message: Option<Assembling>,
}

impl Partial {
    pub(super) fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.message.is_none()
    }

    pub(super) fn retained(&self) -> usize {
        let message = self.message.as_ref().map_or(0, Assembling::retained);
        size_of::<Self>() + self.tail.capacity() + message
    }
}

/// What is there of a message.
///
/// Its memory follows what has arrived: at most four times that, and never more than the peer has
/// announced where that is less. A length that was only announced takes nothing. (To double would
/// move a message of 1 MiB three times; so it is not moved at all.)
#[derive(Debug)]
pub(crate) struct Assembling {
    bytes: Vec<u8>,
    pub(crate) kind: Kind,
}

impl Assembling {
    pub(crate) const fn new(kind: Kind) -> Self {
        Self { bytes: Vec::new(), kind }
    }

    /// Adds what has arrived.
    pub(crate) fn add(&mut self, chunk: &Chunk, payload: &[u8]) {
        let announced = usize::try_from(chunk.frame_left).unwrap_or(usize::MAX);
        let wanted = payload.len().saturating_add(announced);
        if self.bytes.capacity() - self.bytes.len() < payload.len() {
            let arrived = self.bytes.len() + payload.len();
            let ahead = payload.len().saturating_add(arrived.saturating_mul(3));
            self.bytes.reserve_exact(ahead.min(wanted));
        }
        self.bytes.extend_from_slice(payload);
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn retained(&self) -> usize {
        self.bytes.capacity()
    }
}
