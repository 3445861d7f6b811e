//! When to dial again.

use ws_core::connection::Millis;

/// The limit of the first delay.
const FIRST: Millis = Millis(250);

/// What no limit grows beyond.
const LAST: Millis = Millis::seconds(30);

/// A connection that lasted so long was a good one: what happened before it is forgotten.
const STABLE: Millis = Millis::seconds(10);

/// Delays that grow twofold, each drawn at random from the upper half of its limit, so that the
/// devices of a server that restarts do not all come back at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    limit: Millis,
}

impl Backoff {
    pub(crate) const NEW: Self = Self { limit: FIRST };

    /// The next delay; `random` draws it.
    pub(crate) fn next(&mut self, random: u8) -> Millis {
        let half = self.limit.0 / 2;
        self.limit = Millis(self.limit.0.saturating_mul(2)).min(LAST);
        Millis(half + half * u32::from(random) / 255)
    }

    /// A connection has ended that lasted so long.
    pub(crate) fn lasted(&mut self, span: Millis) {
        if span >= STABLE {
            *self = Self::NEW;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_a_limit_and_begin_again_after_a_good_connection() {
        let mut backoff = Backoff::NEW;
        assert_eq!(backoff.next(255), FIRST);
        assert_eq!(backoff.next(0), Millis(250));
        assert_eq!(backoff.next(255), Millis(1000));
        backoff.lasted(Millis(9_999));
        assert_eq!(backoff.next(255), Millis(2000));
        for _ in 0..40 {
            assert!(backoff.next(255) <= LAST);
        }
        assert_eq!(backoff.next(255), LAST);
        backoff.lasted(STABLE);
        assert_eq!(backoff.next(255), FIRST);
    }
}
