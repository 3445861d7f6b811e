//! How often is too often.

use std::collections::VecDeque;
use std::time::Duration;

use ws_core::connection::Time;

/// So many restarts within such a time are borne, and how long each is put off.
pub(super) struct Intensity {
    pub(super) most: u32,
    pub(super) within: Duration,
    /// How long the second restart in that time is put off, and how long any is at most.
    pub(super) backoff: (Duration, Duration),
    /// When there were restarts, as far as it matters.
    times: VecDeque<Time>,
}

/// Those of Erlang/OTP: one restart in five seconds, at once.
impl Default for Intensity {
    fn default() -> Self {
        Self {
            most: 1,
            within: Duration::from_secs(5),
            backoff: (Duration::ZERO, Duration::ZERO),
            times: VecDeque::new(),
        }
    }
}

impl Intensity {
    /// Something is to be started again: after how long, or not at all, since that is too often.
    pub(super) fn add(&mut self, now: Time) -> Option<Duration> {
        let within = u64::try_from(self.within.as_millis()).unwrap_or(u64::MAX);
        while self.times.front().is_some_and(|then| now.0.saturating_sub(then.0) > within) {
            self.times.pop_front();
        }
        let before = u32::try_from(self.times.len()).unwrap_or(u32::MAX);
        if before >= self.most {
            return None;
        }
        self.times.push_back(now);
        let (first, most) = self.backoff;
        let doubled = before.checked_sub(1).map(|times| 1_u32.checked_shl(times));
        let delay = doubled.map(|times| first.saturating_mul(times.unwrap_or(u32::MAX)));
        Some(delay.unwrap_or_default().min(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Time {
        Time(seconds * 1000)
    }

    /// ACTOR-08
    #[test]
    fn so_many_restarts_within_such_a_time_are_borne_and_no_more() {
        let within = Duration::from_secs(5);
        let mut intensity = Intensity { most: 3, within, ..Intensity::default() };
        for now in [0, 1, 2] {
            assert_eq!(intensity.add(seconds(now)), Some(Duration::ZERO));
        }
        assert_eq!(intensity.add(seconds(5)), None, "the first is not longer ago than that");
        assert_eq!(intensity.add(Time(5001)), Some(Duration::ZERO));
        assert_eq!(intensity.add(Time(5001)), None);
    }

    /// ACTOR-08
    #[test]
    fn no_restart_is_borne_if_none_is_to_be() {
        let mut intensity = Intensity { most: 0, ..Intensity::default() };
        assert_eq!(intensity.add(seconds(100)), None);
    }

    /// ACTOR-08
    #[test]
    fn restarts_that_follow_each_other_are_put_off_twice_as_long_each_time() {
        let (first, most) = (Duration::from_secs(1), Duration::from_secs(5));
        let within = Duration::from_secs(60);
        let mut intensity =
            Intensity { most: u32::MAX, within, backoff: (first, most), ..Intensity::default() };
        let delays: Vec<_> = (0..5).map(|_| intensity.add(seconds(0)).unwrap().as_secs()).collect();
        assert_eq!(delays, [0, 1, 2, 4, 5]);
        for _ in 0..100 {
            assert_eq!(intensity.add(seconds(0)), Some(most));
        }
        assert_eq!(intensity.add(seconds(61)), Some(Duration::ZERO), "all is forgotten");
    }
}
