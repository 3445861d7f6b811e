//! Where something lies in a lent buffer.

/// A range of bytes in the slice that was lent, as a plain `Copy` value.
///
/// The codec answers with spans, so that a loop can look at an answer, decide, and form the slice
/// once, at its end: a span borrows nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Span {
    /// Index of the first byte.
    pub start: usize,
    /// Index after the last byte.
    pub end: usize,
}

impl Span {
    /// The span of `len` bytes from `start`.
    pub const fn new(start: usize, len: usize) -> Self {
        Self { start, end: start.saturating_add(len) }
    }

    /// How many bytes.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers no byte.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The same bytes, seen from a slice that begins `by` bytes earlier.
    pub const fn shifted(self, by: usize) -> Self {
        Self { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }

    /// The bytes; empty if the span reaches outside of `bytes`.
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The bytes, to be changed; empty if the span reaches outside of `bytes`.
    pub fn of_mut(self, bytes: &mut [u8]) -> &mut [u8] {
        bytes.get_mut(self.start..self.end).unwrap_or_default()
    }
}
