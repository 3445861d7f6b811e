//! Broadcasts on their way to a shard: how many bytes, and who waits until they are fewer.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use crate::sync::{AtomicBool, AtomicUsize, Mutex, MutexGuard, Waker};

/// With more than this the clients are not read who make handlers broadcast more: small messages to
/// a large room are read faster than they can be sent to all.
const MANY: usize = 4 << 20;

/// With more than this nothing is taken from those who cannot be made to wait.
const TOO_MANY: usize = 2 * MANY;

/// With no more than this whoever waits goes on.
const FEW: usize = MANY / 2;

/// Bytes of broadcasts that a shard has not taken up.
#[derive(Default)]
pub(crate) struct Backlog {
    bytes: AtomicUsize,
    /// The shard has ended: nobody needs to wait for it.
    ended: AtomicBool,
    /// Shards that are woken when the bytes are few.
    waiting: Mutex<Vec<Arc<Waker>>>,
}

impl Backlog {
    /// So many bytes come; tells whether they are many now.
    pub(super) fn grows(&self, bytes: usize) -> bool {
        self.bytes.fetch_add(bytes, Ordering::SeqCst) + bytes > MANY
    }

    /// So many bytes have been taken up.
    pub(super) fn shrinks(&self, bytes: usize) {
        let before = self.bytes.fetch_sub(bytes, Ordering::SeqCst);
        if before > FEW && before - bytes <= FEW {
            self.wake();
        }
    }

    /// Nothing will be taken up any more.
    pub(super) fn ends(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.wake();
    }

    fn wake(&self) {
        let waiting = std::mem::take(&mut *self.lock());
        for waker in waiting {
            let _ended = waker.wake();
        }
    }

    /// Wakes this shard when the bytes are few; tells whether they are not.
    pub(super) fn wakes(&self, waker: &Arc<Waker>) -> bool {
        let mut waiting = self.lock();
        if !waiting.iter().any(|other| Arc::ptr_eq(other, waker)) {
            waiting.push(waker.clone());
        }
        drop(waiting);
        // After that: whoever makes them few from now on finds the waker.
        self.exceeds(FEW)
    }

    pub(super) fn bytes(&self) -> usize {
        if self.ended.load(Ordering::SeqCst) { 0 } else { self.bytes.load(Ordering::SeqCst) }
    }

    pub(super) fn is_many(&self) -> bool {
        self.exceeds(MANY)
    }

    pub(super) fn is_too_many(&self) -> bool {
        self.exceeds(TOO_MANY)
    }

    fn exceeds(&self, most: usize) -> bool {
        self.bytes() > most
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Waker>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Backlog").field(&self.bytes).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mio::{Events, Poll, Token};

    use super::*;

    /// ADV-03, ROOM-06
    #[test]
    fn whoever_waits_is_woken_once_when_the_bytes_are_few() {
        let mut poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), Token(0)).unwrap());
        let mut is_woken = || {
            let mut events = Events::with_capacity(1);
            poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
            !events.is_empty()
        };
        let backlog = Backlog::default();
        assert!(!backlog.grows(MANY) && backlog.grows(1));
        assert!(backlog.is_many() && !backlog.is_too_many());
        assert!(backlog.wakes(&waker) && backlog.wakes(&waker));
        backlog.shrinks(MANY - FEW);
        assert!(!is_woken());
        backlog.shrinks(1);
        assert!(is_woken());
        // Who comes too late does not wait.
        assert!(!backlog.wakes(&waker));

        backlog.grows(TOO_MANY);
        assert!(backlog.is_too_many() && backlog.wakes(&waker));
        backlog.shrinks(TOO_MANY);
        assert!(is_woken());
    }

    /// ADV-03: it takes up nothing any more, so there is nothing to wait for.
    #[test]
    fn nobody_waits_for_a_shard_that_has_ended() {
        let mut poll = Poll::new().unwrap();
        let waker = Arc::new(Waker::new(poll.registry(), Token(0)).unwrap());
        let backlog = Backlog::default();
        backlog.grows(TOO_MANY + 1);
        assert!(backlog.wakes(&waker));
        backlog.ends();
        let mut events = Events::with_capacity(1);
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        assert!(!events.is_empty());
        assert!(!backlog.wakes(&waker) && !backlog.is_many() && !backlog.is_too_many());
        assert_eq!(backlog.bytes(), 0);
    }
}

#[cfg(all(test, interleavings))]
mod interleavings {
    use super::*;
    use crate::interleavings::in_any_order;
    use crate::sync::thread;

    /// ADV-03: whichever of the others makes the bytes few, and whenever.
    #[test]
    fn whoever_waits_is_woken_however_the_bytes_become_few() {
        in_any_order(|| {
            let (backlog, waker) = (Arc::new(Backlog::default()), Arc::new(Waker::default()));
            backlog.grows(2 * FEW + 2);
            let takers: Vec<_> = (0..2)
                .map(|_| {
                    let backlog = backlog.clone();
                    thread::spawn(move || backlog.shrinks(FEW + 1))
                })
                .collect();
            while backlog.wakes(&waker) {
                waker.wait();
            }
            takers.into_iter().for_each(|taker| taker.join().unwrap());
            assert_eq!(backlog.bytes(), 0);
        });
    }
}
