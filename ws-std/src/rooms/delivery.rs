//! What became of a broadcast.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use crate::actor::Sent;
use crate::pool::guard;
use crate::sync::{AtomicUsize, Mutex};

/// What became of a broadcast, for how many members it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// So many will get it, if their connections last.
    pub queued: usize,
    /// For so many it was dropped, since they do not read, or the [server](crate::Pace::Refused)
    /// cannot keep up.
    pub dropped: usize,
    /// So many are closing, since they do not read, or for another reason.
    pub closed: usize,
}

type Done = Box<dyn FnOnce(Delivery) + Send>;

/// Counts what becomes of a broadcast. When the last shard has let go of it, it is told.
pub(crate) struct Receipt {
    queued: AtomicUsize,
    dropped: AtomicUsize,
    closed: AtomicUsize,
    done: Mutex<Option<Done>>,
}

impl Receipt {
    pub(crate) fn new(done: impl FnOnce(Delivery) + Send + 'static) -> Self {
        let [queued, dropped, closed] = [(); 3].map(|()| AtomicUsize::new(0));
        Self { queued, dropped, closed, done: Mutex::new(Some(Box::new(done))) }
    }

    /// It went to none of so many members.
    pub(crate) fn refused(&self, members: usize) {
        self.dropped.fetch_add(members, Ordering::Relaxed);
    }

    /// This came of it for one member, whose connection may end with it.
    pub(crate) fn count(&self, sent: Sent, ends: bool) {
        let counter = match sent {
            Sent::Queued => &self.queued,
            _ if ends => &self.closed,
            Sent::Gone => &self.closed,
            Sent::Full | Sent::Refused => &self.dropped,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        let [queued, dropped, closed] =
            [&self.queued, &self.dropped, &self.closed].map(|count| count.load(Ordering::Relaxed));
        let done = self.done.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let Some(done) = done else { return };
        if let Err(panic) = guard(|| done(Delivery { queued, dropped, closed })) {
            tracing::error!(%panic, "being told of a delivery panicked");
        }
    }
}
