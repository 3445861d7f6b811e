//! When to try again: pure functions of what happened, no clock and no sleep.

use std::time::Duration;

use ws_core::frame::CloseCode;

use super::error::ConnectError;
use crate::socket::{Ended, Error};

/// Growing delays between attempts to connect, each drawn at random from zero to its limit, so that
/// the clients of a server that restarts do not all come back at once.
///
/// ```
/// use std::time::Duration;
/// use ws_std::client::Backoff;
///
/// let mut backoff = Backoff::new();
/// // What is drawn comes from the caller: from `getrandom`, or fixed, in a test.
/// assert_eq!(backoff.next_delay(u64::MAX), Duration::from_secs(1));
/// assert_eq!(backoff.next_delay(u64::MAX), Duration::from_secs(2));
/// assert_eq!(backoff.next_delay(0), Duration::ZERO);
/// backoff.lasted(Duration::from_secs(60)); // a connection that was stable: begin again
/// assert_eq!(backoff.next_delay(u64::MAX), Duration::from_secs(1));
/// ```
#[derive(Clone, Debug)]
pub struct Backoff {
    initial: Duration,
    max: Duration,
    factor: u32,
    stable_after: Duration,
    /// The limit of the next delay.
    limit: Duration,
    /// What the server asked for: at least so long, the next time.
    at_least: Duration,
}

impl Backoff {
    /// From 1 s to 60 s, twice as long each time; begins again after a connection that lasted 30 s.
    pub const fn new() -> Self {
        let initial = Duration::from_secs(1);
        Self {
            initial,
            max: Duration::from_secs(60),
            factor: 2,
            stable_after: Duration::from_secs(30),
            limit: initial,
            at_least: Duration::ZERO,
        }
    }

    /// The limit of the first delay.
    #[must_use]
    pub const fn initial(mut self, initial: Duration) -> Self {
        self.initial = initial;
        self.limit = initial;
        self
    }

    /// What no limit grows beyond.
    #[must_use]
    pub const fn max(mut self, max: Duration) -> Self {
        self.max = max;
        self
    }

    /// How many times as long the next limit is.
    #[must_use]
    pub const fn factor(mut self, factor: u32) -> Self {
        self.factor = factor;
        self
    }

    /// How long a connection must have lasted for the delays to begin again.
    #[must_use]
    pub const fn stable_after(mut self, span: Duration) -> Self {
        self.stable_after = span;
        self
    }

    /// How long to wait before the next attempt; `random` is drawn uniformly from all of `u64`.
    pub fn next_delay(&mut self, random: u64) -> Duration {
        let limit = self.limit.min(self.max);
        self.limit = limit.saturating_mul(self.factor).max(limit).min(self.max);
        let least = std::mem::take(&mut self.at_least);
        least.saturating_add(part(limit, random))
    }

    /// A connection lasted so long.
    pub fn lasted(&mut self, span: Duration) {
        if span >= self.stable_after {
            self.limit = self.initial;
        }
    }

    /// The server asked to come back after so long: see [`Advice::of_refusal`]. It is believed up to
    /// ten times the longest delay.
    pub fn hint(&mut self, at_least: Duration) {
        self.at_least = at_least.min(self.max.saturating_mul(10));
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

/// As much of the limit as `random` is of all numbers.
fn part(limit: Duration, random: u64) -> Duration {
    let share = limit.as_nanos().saturating_mul(u128::from(random)) / u128::from(u64::MAX);
    Duration::from_nanos(u64::try_from(share).unwrap_or(u64::MAX))
}

/// What an end says about trying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// The same would happen again: the address is wrong, or we are not welcome.
    GiveUp,
    /// It may go better.
    Retry,
    /// It may go better after this time.
    RetryAfter(Duration),
}

impl Advice {
    /// After an attempt that failed.
    pub fn of_refusal(error: &ConnectError) -> Self {
        match error {
            ConnectError::Resolve(_)
            | ConnectError::Connect(_)
            | ConnectError::Io(_)
            | ConnectError::TimedOut(_) => Self::Retry,
            ConnectError::Refused(response) => {
                match (response.status().0, response.retry_after()) {
                    (408 | 425 | 429 | 500..=599, Some(after)) => Self::RetryAfter(after),
                    (408 | 425 | 429 | 500..=599, None) => Self::Retry,
                    _ => Self::GiveUp,
                }
            }
            ConnectError::Proxy(
                super::ProxyError::Io(_) | super::ProxyError::Status(500..=599),
            ) => Self::Retry,
            ConnectError::Tls(crate::tls::TlsError::Io(_)) => Self::Retry,
            _ => Self::GiveUp,
        }
    }

    /// After a conversation that the peer closed; what we close is not opened again.
    pub fn of_close(ended: &Ended) -> Self {
        if ended.by == crate::By::Us {
            return Self::GiveUp;
        }
        match ended.code {
            // "1012 Service Restart", "1013 Try Again Later" (IANA's registry of close codes); the
            // others are troubles of the server's that may pass.
            Some(
                CloseCode::GOING_AWAY
                | CloseCode::INTERNAL_ERROR
                | CloseCode::RESTART
                | CloseCode::TRY_AGAIN_LATER
                | CloseCode::BAD_GATEWAY,
            ) => Self::Retry,
            _ => Self::GiveUp,
        }
    }

    /// After a conversation that broke off.
    pub const fn of_error(error: &Error) -> Self {
        match error {
            Error::Io(_) | Error::Ended | Error::Expired(_) => Self::Retry,
            _ => Self::GiveUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn limits_grow_by_the_factor_up_to_the_greatest() {
        let mut backoff = Backoff::new().initial(seconds(2)).max(seconds(20)).factor(3);
        let delays: Vec<_> = (0..5).map(|_| backoff.next_delay(u64::MAX).as_secs()).collect();
        assert_eq!(delays, [2, 6, 18, 20, 20]);
    }

    #[test]
    fn a_delay_lies_anywhere_between_nothing_and_its_limit() {
        let mut backoff = Backoff::new().initial(seconds(8)).factor(1);
        assert_eq!(backoff.next_delay(0), Duration::ZERO);
        let half = backoff.next_delay(u64::MAX / 2);
        assert!(half > seconds(3) && half < seconds(5), "{half:?}");
        assert_eq!(backoff.next_delay(u64::MAX), seconds(8));
    }

    #[test]
    fn only_a_stable_connection_begins_the_delays_again() {
        let mut backoff = Backoff::new().stable_after(seconds(5));
        let longest = |backoff: &mut Backoff| backoff.next_delay(u64::MAX);
        assert_eq!(longest(&mut backoff), seconds(1));
        backoff.lasted(seconds(4));
        assert_eq!(longest(&mut backoff), seconds(2));
        backoff.lasted(seconds(5));
        assert_eq!(longest(&mut backoff), seconds(1));
    }

    #[test]
    fn a_hint_counts_once_and_on_top_and_within_reason() {
        let mut backoff = Backoff::new().max(seconds(6));
        backoff.hint(seconds(30));
        assert_eq!(backoff.next_delay(u64::MAX), seconds(31));
        assert_eq!(backoff.next_delay(u64::MAX), seconds(2));
        backoff.hint(seconds(1_000_000));
        assert_eq!(backoff.next_delay(0), seconds(60));
    }

    #[test]
    fn strange_numbers_do_no_harm() {
        let mut backoff = Backoff::new().initial(Duration::MAX).max(Duration::MAX).factor(0);
        backoff.hint(Duration::MAX);
        for _ in 0..3 {
            backoff.next_delay(u64::MAX);
        }
    }

    #[test]
    fn a_close_of_a_server_that_restarts_is_not_the_end() {
        let ended = |by, code| Ended { by, code, text: String::new() };
        use crate::By::{Peer, Us};
        for code in [1001, 1011, 1012, 1013, 1014] {
            let code = Some(CloseCode(code));
            assert_eq!(Advice::of_close(&ended(Peer, code)), Advice::Retry);
            assert_eq!(Advice::of_close(&ended(Us, code)), Advice::GiveUp);
        }
        for code in [None, Some(1000), Some(1002), Some(1008), Some(4000)] {
            assert_eq!(Advice::of_close(&ended(Peer, code.map(CloseCode))), Advice::GiveUp);
        }
    }
}
