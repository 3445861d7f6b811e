//! Lengths as they are kept.

/// A length on the wire, of 63 bits.
///
/// Where words have 32 bits, it lies between them as two of them: a `u64` would be aligned to eight
/// bytes, and what holds a few of them would be a tenth air.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(target_pointer_width = "64"), repr(packed(4)))]
pub(crate) struct Length(u64);

impl Length {
    pub(crate) const ZERO: Self = Self(0);

    pub(crate) const fn new(len: u64) -> Self {
        Self(len)
    }

    pub(crate) const fn get(self) -> u64 {
        self.0
    }

    pub(crate) const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// As much of it as `most` allows.
    #[inline]
    pub(crate) fn at_most(self, most: usize) -> usize {
        counted(self.0).min(most)
    }

    /// What is left of it when so much is gone.
    #[inline]
    pub(crate) const fn less(self, gone: usize) -> Self {
        Self(self.0.saturating_sub(gone as u64))
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Length {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=u64}", self.get());
    }
}

/// A length as far as a `usize` can count.
#[inline]
pub(crate) const fn counted(len: u64) -> usize {
    if len > usize::MAX as u64 { usize::MAX } else { len as usize }
}
