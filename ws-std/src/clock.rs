//! What time it is: by the system, or by a test.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ws_core::connection::Time;

use crate::sync::Waker;
use crate::sys::AtomicU64;

/// The clock that all deadlines of a server go by.
///
/// A test takes a [`manual`](Self::manual) one, turns it, and waits for what must happen: nothing
/// sleeps, and nothing depends on how fast the machine is.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System(Instant),
    Manual(Arc<Manual>),
}

#[derive(Default)]
struct Manual {
    millis: AtomicU64,
    /// Those who wait for sockets and must look at the clock when it is turned.
    waiting: Mutex<Vec<Arc<Waker>>>,
}

/// What turns a manual clock.
#[derive(Clone)]
pub struct Hand(Arc<Manual>);

impl Clock {
    /// The system's monotonic clock.
    pub fn system() -> Self {
        Self(Source::System(Instant::now()))
    }

    /// A clock that stands still until its hand is turned.
    pub fn manual() -> (Self, Hand) {
        let manual = Arc::new(Manual::default());
        (Self(Source::Manual(manual.clone())), Hand(manual))
    }

    pub(crate) fn now(&self) -> Time {
        match &self.0 {
            Source::System(origin) => {
                Time(u64::try_from(origin.elapsed().as_millis()).unwrap_or(u64::MAX))
            }
            Source::Manual(manual) => Time(manual.millis.load(Ordering::SeqCst)),
        }
    }

    /// How long to wait for sockets until it is `at`: without end if that never comes, or if only
    /// the hand can bring it.
    pub(crate) fn until(&self, at: Time) -> Option<Duration> {
        let now = self.now();
        match &self.0 {
            _ if at <= now => Some(Duration::ZERO),
            Source::System(_) if at != Time::NEVER => Some(Duration::from_millis(at.0 - now.0)),
            Source::System(_) | Source::Manual(_) => None,
        }
    }

    /// From now on, `waker` wakes its owner whenever the hand is turned.
    pub(crate) fn wake_with(&self, waker: &Arc<Waker>) {
        if let Source::Manual(manual) = &self.0 {
            manual.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(waker.clone());
        }
    }
}

impl Hand {
    /// Lets so much time pass at once.
    pub fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.millis.fetch_add(millis, Ordering::SeqCst);
        for waker in self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            // Whoever cannot be woken has ended.
            let _ended = waker.wake();
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.0 {
            Source::System(_) => "system",
            Source::Manual(_) => "manual",
        };
        f.debug_tuple("Clock").field(&kind).finish()
    }
}

impl fmt::Debug for Hand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hand").field(&self.0.millis).finish()
    }
}
