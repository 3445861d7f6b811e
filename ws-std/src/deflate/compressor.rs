//! Compressing.

use zlib_rs::{Deflate, DeflateFlush};

use ws_core::handshake::WindowBits;

use super::Level;

/// Compresses messages, one after the other.
pub(crate) struct Compressor {
    deflate: Deflate,
    window: WindowBits,
    /// Nothing was compressed since the last reset.
    fresh: bool,
}

/// What a flush ends with, and no message does: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from
/// the tail end" (RFC 7692 section 7.2.1).
const TAIL: usize = 4;

/// What zlib-rs allocates besides four bytes for each of the window's.
const FIXED: usize = 248_960;

impl Compressor {
    /// With a window of at most this size.
    ///
    /// zlib has no window of 256 bytes. But it refers to nothing that is further back than its window
    /// less 262 bytes, which for the next larger one, of 512, is 250.
    pub(crate) fn new(level: Level, window: WindowBits) -> Self {
        let bits = window.bits().max(9);
        Self { deflate: Deflate::new(level.number(), false, bits), window, fresh: true }
    }

    /// How much it keeps.
    pub(crate) const fn retained(&self) -> usize {
        Self::size(self.window)
    }

    /// How much one with such a window keeps: what it allocates, counted.
    pub(crate) const fn size(window: WindowBits) -> usize {
        size_of::<Self>() + FIXED + 4 * window.bytes()
    }

    /// Forgets what it has compressed.
    pub(crate) fn reset(&mut self) {
        if !std::mem::replace(&mut self.fresh, true) {
            self.deflate.reset();
        }
    }

    /// Compresses a message, whose parts these are, to the end of `out`; `false` if that could not be
    /// done, and then it is not there.
    #[must_use]
    pub(crate) fn compress<'p>(
        &mut self,
        parts: impl Iterator<Item = &'p [u8]>,
        out: &mut Vec<u8>,
    ) -> bool {
        let begin = out.len();
        self.fresh = false;
        let mut parts = parts.peekable();
        let mut done = true;
        while let Some(part) = parts.next() {
            let last = parts.peek().is_none();
            let flush = if last { DeflateFlush::SyncFlush } else { DeflateFlush::NoFlush };
            done = done && self.feed(part, flush, out);
        }
        let end = out.len().saturating_sub(TAIL);
        done = done && end >= begin && out.get(end..) == Some(&[0x00, 0x00, 0xFF, 0xFF]);
        out.truncate(if done { end } else { begin });
        done
    }

    fn feed(&mut self, mut part: &[u8], flush: DeflateFlush, out: &mut Vec<u8>) -> bool {
        loop {
            let begin = out.len();
            // With as much as nearly everything becomes, it is done in one go.
            out.resize(begin + part.len() / 2 + 256, 0);
            let room = out.get_mut(begin..).unwrap_or_default();
            let (taken, made) = (self.deflate.total_in(), self.deflate.total_out());
            let result = self.deflate.compress(part, room, flush);
            let size = room.len();
            let taken = (self.deflate.total_in() - taken) as usize;
            let made = (self.deflate.total_out() - made) as usize;
            out.truncate(begin + made);
            part = part.get(taken..).unwrap_or_default();
            if result.is_err() {
                return false;
            }
            // As long as it fills the room there may be more.
            if part.is_empty() && made < size {
                return true;
            }
        }
    }
}

#[cfg(test)]
mod tests;
