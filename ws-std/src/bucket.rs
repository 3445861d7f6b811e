//! Token buckets: how often is too often.

use ws_core::connection::Time;

/// How much of something is allowed: so much at once, and so much every second after that.
///
/// An amount larger than the burst is allowed when nothing was taken for long enough, and leaves
/// a debt that time pays back: one large message is not refused for ever, but those after it wait
/// the longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// What comes back every second; with 0 the burst is all there ever is.
    pub per_second: u32,
    /// What may be taken at once.
    pub burst: u32,
}

impl Rate {
    /// Stands where no limit is set; a bucket of this rate is as good as bottomless.
    pub(crate) const NONE: Self = Self { per_second: u32::MAX, burst: u32::MAX };

    fn capacity(&self) -> i64 {
        thousandths(self.burst)
    }
}

/// What is left of a [`Rate`]. The rate itself is kept once, for all buckets that obey it.
///
/// It counts thousandths, for a clock of milliseconds: what a second brings in whole tokens is
/// what a millisecond brings in these. Nothing is ever rounded, so that no rhythm of asking gains
/// or loses anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// In thousandths; below zero is a debt.
    level: i64,
    /// When `level` was right.
    at: Time,
}

impl Bucket {
    /// A bucket that nothing was taken from.
    pub(crate) fn full(rate: &Rate, now: Time) -> Self {
        Self { level: rate.capacity(), at: now }
    }

    /// Takes so much, or nothing if there is not enough.
    ///
    /// More than the burst may be taken from a full bucket, which then owes the difference.
    pub(crate) fn take(&mut self, rate: &Rate, amount: u32, now: Time) -> bool {
        self.level = self.level_at(rate, now);
        // A clock that steps back must not make the same time count twice.
        self.at = self.at.max(now);
        let allowed = amount == 0 || self.level >= thousandths(amount.min(rate.burst));
        if allowed {
            self.level -= thousandths(amount);
        }
        allowed
    }

    /// Whether the bucket says no more than a new one would: it may be forgotten.
    pub(crate) fn is_full(&self, rate: &Rate, now: Time) -> bool {
        self.level_at(rate, now) >= rate.capacity()
    }

    fn level_at(&self, rate: &Rate, now: Time) -> i64 {
        let elapsed = now.0.saturating_sub(self.at.0);
        let refill = elapsed.saturating_mul(u64::from(rate.per_second));
        self.level.saturating_add_unsigned(refill).min(rate.capacity())
    }
}

fn thousandths(tokens: u32) -> i64 {
    i64::from(tokens) * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 3, burst: 5 };

    fn taken(bucket: &mut Bucket, rate: &Rate, now: u64) -> u32 {
        (0..).find(|_| !bucket.take(rate, 1, Time(now))).unwrap()
    }

    #[test]
    fn the_burst_and_not_one_more_is_there_at_once() {
        let mut bucket = Bucket::full(&RATE, Time(7));
        assert_eq!(taken(&mut bucket, &RATE, 7), 5);
        assert_eq!(taken(&mut bucket, &RATE, 1007), 3);
        assert_eq!(taken(&mut bucket, &RATE, 1_000_007), 5);
    }

    #[test]
    fn a_token_comes_back_when_its_whole_time_has_passed() {
        let mut bucket = Bucket::full(&RATE, Time(0));
        taken(&mut bucket, &RATE, 0);
        assert!(!bucket.take(&RATE, 1, Time(333)));
        assert!(bucket.take(&RATE, 1, Time(334)));
    }

    #[test]
    fn asking_often_neither_gains_nor_loses_a_token() {
        let mut bucket = Bucket::full(&RATE, Time(0));
        let granted = (0..=600_000).filter(|&now| bucket.take(&RATE, 1, Time(now))).count();
        assert_eq!(granted, 5 + 3 * 600);
    }

    #[test]
    fn what_is_refused_costs_nothing() {
        let mut bucket = Bucket::full(&RATE, Time(0));
        assert!(bucket.take(&RATE, 3, Time(0)));
        assert!(!bucket.take(&RATE, 3, Time(0)));
        assert!(bucket.take(&RATE, 2, Time(0)));
    }

    #[test]
    fn more_than_the_burst_needs_a_full_bucket_and_is_paid_back() {
        let mut bucket = Bucket::full(&RATE, Time(0));
        assert!(bucket.take(&RATE, 11, Time(0)));
        assert!(!bucket.take(&RATE, 1, Time(2333)));
        assert!(bucket.take(&RATE, 0, Time(2000)), "nothing is always to be had");
        assert!(bucket.take(&RATE, 1, Time(2334)));
        assert!(!bucket.take(&RATE, 11, Time(3999)));
        assert!(bucket.take(&RATE, 11, Time(4001)));
    }

    #[test]
    fn a_bucket_is_full_when_all_is_paid_back() {
        let mut bucket = Bucket::full(&RATE, Time(0));
        assert!(bucket.is_full(&RATE, Time(0)));
        assert!(bucket.take(&RATE, 6, Time(0)));
        assert!(!bucket.is_full(&RATE, Time(1999)));
        assert!(bucket.is_full(&RATE, Time(2000)));
    }

    #[test]
    fn a_clock_that_steps_back_brings_nothing() {
        let mut bucket = Bucket::full(&RATE, Time(1000));
        taken(&mut bucket, &RATE, 1000);
        assert!(!bucket.take(&RATE, 1, Time(0)));
        assert!(!bucket.take(&RATE, 1, Time(1000)));
    }

    #[test]
    fn the_largest_numbers_overflow_nothing() {
        let mut bucket = Bucket::full(&Rate::NONE, Time(0));
        assert!(bucket.take(&Rate::NONE, u32::MAX, Time(0)));
        assert!(bucket.take(&Rate::NONE, u32::MAX, Time::NEVER));
        let narrow = Rate { per_second: u32::MAX, burst: 0 };
        let mut bucket = Bucket::full(&narrow, Time(0));
        assert!(bucket.take(&narrow, u32::MAX, Time(0)));
        assert!(!bucket.take(&narrow, 1, Time(999)));
        assert!(bucket.take(&narrow, u32::MAX, Time(1000)));
        assert!(bucket.is_full(&narrow, Time::NEVER));
    }

    #[test]
    fn a_rate_of_zero_gives_its_burst_once() {
        let rate = Rate { per_second: 0, burst: 2 };
        let mut bucket = Bucket::full(&rate, Time(0));
        assert_eq!(taken(&mut bucket, &rate, 0), 2);
        assert_eq!(taken(&mut bucket, &rate, u64::MAX), 0);
    }

    #[test]
    fn a_bucket_is_small() {
        assert!(size_of::<Bucket>() <= 16);
    }
}
