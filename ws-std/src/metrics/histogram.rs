//! How long things take, in buckets.

use super::cell::Counter;

/// The upper bounds of the buckets in milliseconds, each included; what is above the last has a
/// bucket of its own.
pub(super) const BOUNDS: [u64; 14] =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000];

/// Durations in milliseconds, counted by one thread.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    buckets: [Counter; BOUNDS.len()],
    above: Counter,
    sum: Counter,
}

impl Histogram {
    /// It took so many milliseconds.
    #[inline]
    pub(crate) fn record(&self, milliseconds: u64) {
        let at = BOUNDS.partition_point(|bound| *bound < milliseconds);
        self.buckets.get(at).unwrap_or(&self.above).add(1);
        self.sum.add(milliseconds);
    }
}

/// The sum of some histograms.
#[derive(Clone, Debug, Default)]
pub(super) struct Distribution {
    /// Not cumulative: how many fell between the bound before and this one.
    pub(super) buckets: [u64; BOUNDS.len()],
    pub(super) above: u64,
    pub(super) sum: u64,
}

impl Distribution {
    pub(super) fn add(&mut self, histogram: &Histogram) {
        for (total, bucket) in self.buckets.iter_mut().zip(&histogram.buckets) {
            *total = total.wrapping_add(bucket.value());
        }
        self.above = self.above.wrapping_add(histogram.above.value());
        self.sum = self.sum.wrapping_add(histogram.sum.value());
    }
}
