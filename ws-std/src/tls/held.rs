//! What a session must keep of what the peer has sent: the beginning of a record, and the records
//! that rustls is not done with.

use super::error::TlsError;
use super::records;

/// The most bytes that are held: the largest handshake message that rustls puts together (64 KiB)
/// in records of the largest size, with something to spare.
const MAX_BYTES: usize = 5 * (records::HEADER + records::PAYLOAD + 256);
/// The most records that are held. "Handshake messages MAY be [...] fragmented across several
/// records" (RFC 8446 section 5.1), and rustls looks through records of rejected early data again
/// and again: how many there are is not to be the peer's choice alone.
const MAX_RECORDS: usize = 256;

/// Memory for what is unfinished; none if nothing is.
#[derive(Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
    /// How many bytes are whole records that rustls has seen; behind them a record begins.
    seen: usize,
    /// How many records those are.
    records: usize,
}

/// How far the record has come that begins behind those that rustls has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Unfinished,
    /// Its header has just become whole, so that rustls can judge it.
    Header,
    Whole,
}

impl Held {
    pub(super) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) const fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) const fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Forgets everything, and gives the memory back.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Keeps what rustls has left of a record, or of the beginning of one, while nothing else is
    /// held.
    pub(super) fn keep(&mut self, left: &[u8], progress: Progress) {
        self.bytes.reserve_exact(left.len());
        self.bytes.extend_from_slice(left);
        self.released(0, progress);
    }

    /// Takes what is missing of the record that has begun, or of its header; tells how many bytes
    /// that were.
    ///
    /// # Errors
    ///
    /// [`TlsError::TooMuchHeld`].
    pub(super) fn fill(&mut self, rest: &[u8]) -> Result<(usize, Progress), TlsError> {
        let end = self.seen + records::length(self.begun()).unwrap_or(records::HEADER);
        let length = end.saturating_sub(self.bytes.len()).min(rest.len());
        if self.bytes.len() + length > MAX_BYTES || self.records >= MAX_RECORDS {
            return Err(TlsError::TooMuchHeld);
        }
        self.append(rest.get(..length).unwrap_or_default(), end);

        let begun = self.begun();
        let progress = match records::length(begun) {
            Some(length) if length == begun.len() => Progress::Whole,
            Some(_) if begun.len() == records::HEADER => Progress::Header,
            _ => Progress::Unfinished,
        };
        Ok((length, progress))
    }

    /// Lets go of what rustls is done with.
    pub(super) fn released(&mut self, used: usize, progress: Progress) {
        if used >= self.bytes.len() {
            return self.clear();
        }
        self.bytes.drain(..used);
        if progress == Progress::Whole {
            self.seen = self.bytes.len();
            self.records += 1;
        }
    }

    fn begun(&self) -> &[u8] {
        self.bytes.get(self.seen..).unwrap_or_default()
    }

    /// The memory at most doubles, so that no byte is copied again and again, and follows what has
    /// come, not what was announced.
    fn append(&mut self, bytes: &[u8], end: usize) {
        let needed = self.bytes.len() + bytes.len();
        if needed > self.bytes.capacity() {
            // Behind the records of an unfinished message there may be many more, each tiny.
            let enough = if self.seen == 0 { end } else { MAX_BYTES };
            let capacity = needed.max(enough.min(2 * self.bytes.capacity()));
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(bytes);
    }
}
