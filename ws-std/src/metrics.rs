//! Counters and histograms, and their text for Prometheus.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use ws_core::connection::Expired;
use ws_core::frame::{CloseCode, Kind};
use ws_core::handshake::Status;
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);
impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.store(self.0.load(Ordering::Relaxed) + n, Ordering::Relaxed)
    }
    pub(crate) fn sub(&self, n: u64) {
        self.0.store(self.0.load(Ordering::Relaxed) - n, Ordering::Relaxed)
    }
    pub(crate) fn record(&self, _: u64) {}
}
#[derive(Default)]
pub(crate) struct Shard {
    pub(crate) accepted: Counter,
    pub(crate) accept_errors: Counter,
    pub(crate) over_cap: Counter,
    pub(crate) over_per_address: Counter,
    pub(crate) over_rate: Counter,
    pub(crate) dropped_at_the_door: Counter,
    pub(crate) handshakes_accepted: Counter,
    pub(crate) handshakes_tls: Counter,
    pub(crate) http: Counter,
    pub(crate) violations: Counter,
    pub(crate) panics: Counter,
    pub(crate) slow_handlers: Counter,
    pub(crate) bytes_received: Counter,
    pub(crate) bytes_sent: Counter,
    pub(crate) pings_sent: Counter,
    pub(crate) pings_received: Counter,
    pub(crate) pongs_received: Counter,
    pub(crate) open: Counter,
    pub(crate) round_trip: Counter,
    pub(crate) turn: Counter,
}
pub(crate) enum Dropped {
    Close,
    Newest,
    Oldest,
}
impl Shard {
    pub(crate) fn received(&self, _: Kind) {}
    pub(crate) fn sent(&self, _: Kind) {}
    pub(crate) fn closed(&self, _: CloseCode) {}
    pub(crate) fn refused(&self, _: Status) {}
    pub(crate) fn expired(&self, _: Expired) {}
    pub(crate) fn dropped(&self, _: Dropped) {}
}
/// m
#[derive(Clone, Debug)]
pub struct Metrics;
pub(crate) struct Observed {
    pub retained_bytes: usize,
    pub blocking_waiting: usize,
    pub state: u8,
}
impl Metrics {
    /// a
    pub fn new() -> Self {
        Self
    }
    pub(crate) fn shard(&self) -> Arc<Shard> {
        Arc::default()
    }
    pub(crate) fn observe(&self, _: impl Fn() -> Observed + Send + Sync + 'static) {}
}
