//! Asking all clients to go, a few at a time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ws_core::connection::{Millis, Time};

use super::port::Target;

/// How a server is taken down without a crowd that comes back at once.
///
/// ```text
/// Running ─▶ Lame ─▶ NotAccepting ─▶ Draining ─▶ Closed
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    /// For so long readiness fails, and clients are still taken: a load balancer needs the time to
    /// notice.
    pub lame: Duration,
    /// Over so long the connections are closed, one after the other, those first that were silent
    /// longest, each with 1012 and a moment of its own. Clients reconnect at once when they read
    /// it, so only the server can spread them.
    pub window: Duration,
    /// After so long, from the beginning, whoever is still there is dropped.
    pub deadline: Duration,
}

/// Over 30 seconds, and 10 more for those who are slow.
impl Default for Drain {
    fn default() -> Self {
        Self {
            lame: Duration::ZERO,
            window: Duration::from_secs(30),
            deadline: Duration::from_secs(40),
        }
    }
}

impl Drain {
    /// All at once, and gone within a second: for a program that somebody waits for.
    pub const fn quick() -> Self {
        Self {
            lame: Duration::ZERO,
            window: Duration::from_millis(100),
            deadline: Duration::from_secs(1),
        }
    }
}

/// What became of the connections that were open when a server began to drain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Drained {
    /// They were closed, and have answered.
    pub closed: usize,
    /// They were dropped: they did not answer, or there was no time left to ask.
    pub cut: usize,
    /// They had ended by themselves before it was their turn.
    pub gone: usize,
}

/// The same while it is counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    closed: AtomicUsize,
    cut: AtomicUsize,
    gone: AtomicUsize,
}

impl Tally {
    /// One who was asked has answered.
    pub(crate) fn has_closed(&self) {
        self.closed.fetch_add(1, Ordering::SeqCst);
    }

    /// One was dropped.
    pub(crate) fn was_cut(&self) {
        self.cut.fetch_add(1, Ordering::SeqCst);
    }

    /// One had ended before.
    pub(crate) fn has_gone(&self) {
        self.gone.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn report(&self) -> Drained {
        Drained {
            closed: self.closed.load(Ordering::SeqCst),
            cut: self.cut.load(Ordering::SeqCst),
            gone: self.gone.load(Ordering::SeqCst),
        }
    }
}

/// A shard's part of it.
pub(crate) struct Draining {
    options: Drain,
    began: Time,
    /// Who is closed when.
    closes: Option<VecDeque<(Time, Target)>>,
}

impl Draining {
    pub(crate) const fn new(options: Drain, began: Time) -> Self {
        Self { options, began, closes: None }
    }

    /// When the closes begin.
    pub(crate) fn begins(&self) -> Time {
        self.began.after(millis(self.options.lame))
    }

    /// When it is over, whoever is still there.
    pub(crate) fn deadline(&self) -> Time {
        self.began.after(millis(self.options.deadline)).max(self.begins())
    }

    /// Whether the connections have been told their times.
    pub(crate) const fn has_begun(&self) -> bool {
        self.closes.is_some()
    }

    /// Gives each connection its time: evenly over the window, and a little of chance.
    pub(crate) fn schedule(&mut self, all: Vec<Target>, mut below: impl FnMut(u32) -> u32) {
        let (begin, window) = (self.begins(), millis(self.options.window).0);
        let count = u32::try_from(all.len()).unwrap_or(u32::MAX).max(1);
        let share = window / count;
        let closes = all.into_iter().zip(0u32..).map(|(target, index)| {
            let at = u64::from(window) * u64::from(index) / u64::from(count);
            let at = Millis(u32::try_from(at).unwrap_or(u32::MAX));
            (begin.after(at).after(Millis(below(share.saturating_add(1)))), target)
        });
        let mut closes: Vec<_> = closes.collect();
        closes.sort_by_key(|(at, _)| *at);
        self.closes = Some(closes.into());
    }

    /// The next one whose time has come.
    pub(crate) fn due(&mut self, now: Time) -> Option<Target> {
        let closes = self.closes.as_mut()?;
        closes.front().filter(|(at, _)| *at <= now)?;
        closes.pop_front().map(|(_, target)| target)
    }

    /// Whether everybody has been told.
    pub(crate) fn is_told(&self) -> bool {
        self.closes.as_ref().is_some_and(VecDeque::is_empty)
    }

    /// When there is something to be done.
    pub(crate) fn next(&self) -> Time {
        let first = match &self.closes {
            None => self.begins(),
            Some(closes) => closes.front().map_or(Time::NEVER, |(at, _)| *at),
        };
        first.min(self.deadline())
    }
}

fn millis(duration: Duration) -> Millis {
    Millis(u32::try_from(duration.as_millis()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::ConnectionId;

    fn target(key: usize) -> Target {
        Target { key, id: ConnectionId(key as u64) }
    }

    /// SERVE-06
    #[test]
    fn closes_are_spread_over_the_window_and_the_oldest_comes_first() {
        let options = Drain { lame: Duration::from_secs(5), ..Drain::default() };
        let mut draining = Draining::new(options, Time(1000));
        assert_eq!(draining.next(), Time(6000));
        draining.schedule((0..100).map(target).collect(), |end| end / 2);
        let mut last = Time(0);
        for key in 0..100 {
            let next = draining.next();
            assert!(next >= last && next >= Time(6000) && next <= Time(36_000), "{next:?}");
            assert_eq!(draining.due(Time(next.0 - 1)), None);
            assert_eq!(draining.due(next), Some(target(key)));
            last = next;
        }
        assert!(last > Time(35_000), "the window is used: {last:?}");
        assert_eq!(draining.next(), Time(41_000), "the deadline");
    }
}
