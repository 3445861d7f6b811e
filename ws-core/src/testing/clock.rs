//! Time and entropy that do the same in every run.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::connection::{Millis, Time};
use crate::role::Entropy;

/// A clock that stands until it is told to go on. Clones show the same time.
///
/// ```
/// use ws_core::connection::{Millis, Time};
/// use ws_core::testing::Clock;
///
/// let clock = Clock::default();
/// let mut hand = clock.hand();
/// clock.advance(Millis::seconds(30));
/// assert_eq!(hand(), Time(30_000));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Mutex<u64>>);

impl Clock {
    /// What it shows.
    pub fn now(&self) -> Time {
        Time(*self.millis())
    }

    /// Goes on by so much.
    pub fn advance(&self, by: Millis) {
        *self.millis() += u64::from(by.0);
    }

    /// Goes on to a moment; stands if that is past.
    pub fn advance_to(&self, moment: Time) {
        let mut millis = self.millis();
        *millis = moment.0.max(*millis);
    }

    /// The clock as what [`Timers`](crate::endpoint::Timers) ask for.
    pub fn hand(&self) -> impl FnMut() -> Time + Clone + use<> {
        let clock = self.clone();
        move || clock.now()
    }

    /// A mutex and not an atomic: some 32-bit hosts have none of 64 bits.
    fn millis(&self) -> MutexGuard<'_, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that look random and are the same for the same seed: for tests, and for nothing else.
///
/// ```
/// use ws_core::Entropy;
/// use ws_core::testing::Random;
///
/// let (mut one, mut other) = ([0; 9], [0; 9]);
/// Random::new(7).fill(&mut one);
/// Random::new(7).fill(&mut other);
/// assert_eq!(one, other);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Random(u64);

impl Random {
    /// A stream of bytes chosen by `seed`.
    pub const fn new(seed: u64) -> Self {
        // Xorshift must not begin at nought; neighbouring seeds must not begin alike.
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x2545_F491_4F6C_DD1D)
    }

    /// The next number (xorshift64*).
    pub const fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// The next number, below `limit`; 0 if there is none.
    pub const fn below(&mut self, limit: usize) -> usize {
        if limit == 0 { 0 } else { ((self.number() >> 16) % limit as u64) as usize }
    }
}

impl Entropy for Random {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            [*byte, ..] = self.number().to_be_bytes();
        }
    }
}
