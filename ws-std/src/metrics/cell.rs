//! Numbers that one thread changes and every thread may read.

use std::sync::atomic::Ordering;

use crate::sys::AtomicU64;

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// So many more. One thread alone may call this: another's would be lost between the load and
    /// the store, which together cost a fraction of a locked instruction.
    #[inline]
    pub(crate) fn add(&self, count: u64) {
        self.0.store(self.value().wrapping_add(count), Ordering::Relaxed);
    }

    pub(super) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that grows and shrinks; one thread alone may change it, as with a [`Counter`].
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    /// So many more.
    #[inline]
    pub(crate) fn add(&self, count: u64) {
        self.0.store(self.value().saturating_add(count), Ordering::Relaxed);
    }

    /// So many less.
    #[inline]
    pub(crate) fn sub(&self, count: u64) {
        self.0.store(self.value().saturating_sub(count), Ordering::Relaxed);
    }

    pub(super) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
