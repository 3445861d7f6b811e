//! How much may come of little.

/// How dense a message may be: what is not text or pictures but made to fill our memory inflates to
/// a thousand times its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Density {
    /// So many bytes may come of one that arrived.
    pub most: u32,
    /// Up to so many bytes of a message are never too dense: there are honest ones that repeat
    /// themselves.
    pub from: u64,
}

impl Density {
    /// A hundred of one, from 1 MiB on.
    pub const DEFAULT: Self = Self { most: 100, from: 1 << 20 };

    /// Whether so many bytes are too many to come of so few.
    pub(super) fn is_exceeded(self, made: u64, taken: u64) -> bool {
        made > self.from && made > taken.saturating_mul(self.most.into())
    }
}

impl Default for Density {
    fn default() -> Self {
        Self::DEFAULT
    }
}
