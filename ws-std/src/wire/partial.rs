//! What has arrived and is not done with.

use ws_core::Chunk;
use ws_core::frame::Kind;

use crate::deflate::{self, Inflater};

/// Part of what a peer says: only there while a connection has some.
#[derive(Default)]
pub(crate) struct Partial {
    /// Bytes that cannot be made sense of yet: part of a header, or what came while we paused.
    pub(super) tail: Vec<u8>,
    /// A message that does not arrive in one piece.
    pub(super) message: Option<Assembling>,
    /// What inflates it, and keeps what later messages may refer to.
    pub(super) inflater: Option<Box<Inflater>>,
    /// What has arrived for that, and waits for its next turn.
    pub(super) squeezed: Option<Squeezed>,
}

/// A compressed chunk that was not inflated to its end.
pub(crate) struct Squeezed {
    pub(crate) chunk: Chunk,
    pub(crate) rest: Vec<u8>,
}

impl Partial {
    pub(super) fn is_empty(&self) -> bool {
        // Where something waits to be inflated, there is what will do it.
        self.tail.is_empty() && self.message.is_none() && self.inflater.is_none()
    }

    pub(super) fn retained(&self) -> usize {
        let message = self.message.as_ref().map_or(0, Assembling::retained);
        let inflater = self.inflater.as_ref().map_or(0, |inflater| deflate::retained(inflater));
        let squeezed = self.squeezed.as_ref().map_or(0, |squeezed| squeezed.rest.capacity());
        size_of::<Self>() + self.tail.capacity() + message + inflater + squeezed
    }
}

/// What is there of a message.
///
/// Its memory follows what has arrived: at most four times that, and never more than the peer has
/// announced where that is less. A length that was only announced takes nothing. (To double would
/// move a message of 1 MiB three times; like this it is not moved at all.)
pub(crate) struct Assembling {
    /// Its front is the message; what is behind that is only there to be read into.
    bytes: Vec<u8>,
    filled: usize,
    pub(crate) kind: Kind,
    /// How much the peer has announced beyond what has arrived.
    announced: usize,
}

/// From so many bytes on that are still to come, they are read to where they belong, and not into
/// the buffer that all connections share.
const LARGE: usize = 64 << 10;

/// So much is kept for the next large message, so that it need not be made anew, and zeroed.
const MOST_SPARE: usize = (1 << 20) + LARGE;

impl Assembling {
    pub(crate) const fn new(kind: Kind) -> Self {
        Self { bytes: Vec::new(), filled: 0, kind, announced: 0 }
    }

    /// Adds what has arrived.
    pub(crate) fn add(&mut self, chunk: &Chunk, payload: &[u8], spare: &mut Vec<u8>) {
        self.announced = usize::try_from(chunk.frame_left).unwrap_or(usize::MAX);
        let needed = self.filled + payload.len();
        if self.bytes.capacity() < needed {
            self.grow(needed, needed.saturating_add(self.announced), spare);
        }
        let free = self.bytes.get_mut(self.filled..).unwrap_or_default();
        let (front, behind) = payload.split_at(payload.len().min(free.len()));
        free.iter_mut().zip(front).for_each(|(to, from)| *to = *from);
        self.bytes.extend_from_slice(behind);
        self.filled = needed;
    }

    /// Where the rest of a large frame can be read to, if there is one.
    pub(crate) fn room(&mut self, spare: &mut Vec<u8>) -> Option<&mut [u8]> {
        if self.announced < LARGE {
            return None;
        }
        let end = self.filled.saturating_add(self.announced);
        if self.bytes.capacity() < end && self.bytes.capacity() < self.filled + LARGE {
            self.grow(self.filled + LARGE, end, spare);
        }
        let end = end.min(self.bytes.capacity());
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes.get_mut(self.filled..end)
    }

    /// So many bytes were read into the room: here they are, to be looked at.
    pub(crate) fn fresh(&mut self, count: usize) -> &mut [u8] {
        let from = self.filled;
        self.filled += count;
        self.announced -= count.min(self.announced);
        self.bytes.get_mut(from..self.filled).unwrap_or_default()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    /// The message is done with: its memory may be of use to the next.
    pub(crate) fn recycle(self, spare: &mut Vec<u8>) {
        let size = self.bytes.len();
        if size > spare.len() && (LARGE..=MOST_SPARE).contains(&size) {
            *spare = self.bytes;
        }
    }

    /// Makes place for `needed` bytes, and for up to `wanted` if so many may be taken.
    fn grow(&mut self, needed: usize, wanted: usize, spare: &mut Vec<u8>) {
        let size = wanted.min(needed.saturating_mul(4));
        if (needed..=size).contains(&spare.len()) {
            let mut bytes = std::mem::take(spare);
            let front = self.bytes();
            bytes.iter_mut().zip(front).for_each(|(to, from)| *to = *from);
            self.bytes = bytes;
        } else {
            self.bytes.reserve_exact(size - self.bytes.len().min(size));
        }
    }

    fn retained(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests;
