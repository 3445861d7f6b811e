//! Time as the caller tells it.

/// A moment: milliseconds since an origin of the caller's choice, on a clock that never runs
/// backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Time(pub u64);

/// A span of time in milliseconds: up to 49 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Millis(pub u32);

impl Millis {
    /// So many seconds.
    pub const fn seconds(seconds: u32) -> Self {
        Self(seconds.saturating_mul(1000))
    }
}

impl Time {
    /// A moment that never comes: no deadline.
    pub const NEVER: Self = Self(u64::MAX);

    /// The moment so much later.
    #[must_use]
    pub const fn after(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0 as u64))
    }

    /// How long ago `earlier` was; nothing if it is still to come.
    pub const fn since(self, earlier: Self) -> Millis {
        let span = self.0.saturating_sub(earlier.0);
        Millis(if span > u32::MAX as u64 { u32::MAX } else { span as u32 })
    }
}
