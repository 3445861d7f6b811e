//! Token buckets: how often is too often.
use ws_core::connection::Time;
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
/// rate
pub struct Rate {
    /// a
    pub per_second: u32,
    /// b
    pub burst: u32,
}
impl Rate {
    pub(crate) const NONE: Self = Self { per_second: 0, burst: 0 };
}
pub(crate) struct Bucket;
impl Bucket {
    pub(crate) fn full(_: &Rate, _: Time) -> Self {
        Self
    }
    pub(crate) fn take(&mut self, _: &Rate, _: u32, _: Time) -> bool {
        true
    }
    pub(crate) fn is_full(&self, _: &Rate, _: Time) -> bool {
        true
    }
}
