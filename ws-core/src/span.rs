//! Where something lies in a lent buffer.

use core::ops::Range;

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
        Self { start, end: start.wrapping_add(len) }
    }

    /// How many bytes.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers no byte.
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The same bytes, seen from a slice that begins `by` bytes earlier.
    pub const fn shifted(self, by: usize) -> Self {
        Self { start: self.start.wrapping_add(by), end: self.end.wrapping_add(by) }
    }

    /// The bytes; empty if the span reaches outside of `bytes`.
    // Flash: many callers, one copy of the check.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.within(bytes.len())).unwrap_or_default()
    }

    /// The bytes, to be changed; empty if the span reaches outside of `bytes`.
    // Flash: many callers, one copy of the check.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub fn of_mut(self, bytes: &mut [u8]) -> &mut [u8] {
        bytes.get_mut(self.within(bytes.len())).unwrap_or_default()
    }

    /// Itself as a range of so many bytes, or an empty one.
    // Speed: half the instructions of `get` with a range that may be any.
    #[inline]
    fn within(self, len: usize) -> Range<usize> {
        let end = if self.end > len { 0 } else { self.end };
        self.start.min(end)..end
    }
}

/// Copies as much of `from` as fits to the front of `to`, and tells what is left of that.
// Flash: as above.
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(crate) fn copy<'a>(from: &[u8], to: &'a mut [u8]) -> &'a mut [u8] {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
    to.get_mut(from.len()..).unwrap_or_default()
}
