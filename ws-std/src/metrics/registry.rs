//! The shards that count, and the sum of those that are gone.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::table::{Shard, Snapshot, Totals};
use super::text::Text;

/// What a server counts: how much of what, since it has started. Clones count the same.
#[derive(Clone, Default)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
}

/// What is not counted but looked at when somebody asks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Observed {
    /// Bytes held for clients that have not read them yet.
    pub(crate) retained_bytes: usize,
    /// Calls that wait for a thread that may block.
    pub(crate) blocking_waiting: usize,
    /// How far the server is on its way from running to closed.
    pub(crate) state: u8,
}

impl Metrics {
    /// Nothing is counted yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// All of it as text in the format 0.0.4 of Prometheus.
    pub fn render(&self) -> String {
        let (totals, observer) = {
            let mut registry = self.registry();
            (registry.totals(), registry.observer.clone())
        };
        let mut text = Text::default();
        totals.write(&mut text);
        // Not under the lock: it may ask for our numbers.
        if let Some(observed) = observer.map(|observer| observer()) {
            observed.write(&mut text);
        }
        text.finish()
    }

    /// All of it as plain numbers.
    pub fn snapshot(&self) -> Snapshot {
        self.registry().totals().numbers
    }

    /// A place to count in, for one thread. What was counted stays when it is dropped.
    pub(crate) fn shard(&self) -> Arc<Shard> {
        let shard = Arc::new(Shard::default());
        self.registry().register(shard.clone());
        shard
    }

    /// Whom to ask for what is not counted. It is kept as long as the metrics are: if it holds who
    /// holds them, neither is ever dropped.
    pub(crate) fn observe(&self, observer: impl Fn() -> Observed + Send + Sync + 'static) {
        self.registry().observer = Some(Arc::new(observer));
    }

    #[cfg(test)]
    pub(super) fn shards_kept(&self) -> usize {
        self.registry().shards.len()
    }

    /// A thread that panicked here left numbers, nothing that could be half done.
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metrics").field(&self.snapshot()).finish()
    }
}

impl Observed {
    fn write(&self, text: &mut Text) {
        let Self { retained_bytes, blocking_waiting, state } = *self;
        let help = "Bytes held for clients that have not read them yet.";
        text.gauge("ws_retained_bytes", help, retained_bytes as u64);
        let help = "Calls that wait for a thread that may block.";
        text.gauge("ws_blocking_waiting", help, blocking_waiting as u64);
        let help = "How far the server is on its way from running (0) to closed.";
        text.gauge("ws_state", help, state.into());
    }
}

#[derive(Default)]
struct Registry {
    shards: Vec<Arc<Shard>>,
    /// How many shards there are when it is next looked for those that are gone.
    sweep_at: usize,
    /// The sum of those that are gone.
    retired: Totals,
    observer: Option<Arc<dyn Fn() -> Observed + Send + Sync>>,
}

impl Registry {
    /// Servers with a thread for each connection come here once for each of them. At most half of
    /// the shards that are kept, and a few, are gone; and each look at one of them is paid for by
    /// one that is new.
    fn register(&mut self, shard: Arc<Shard>) {
        if self.shards.len() >= self.sweep_at {
            self.sweep();
            self.sweep_at = self.shards.len().saturating_mul(2).max(SWEEP_AT_LEAST);
        }
        self.shards.push(shard);
    }

    fn sweep(&mut self) {
        let retired = &mut self.retired;
        self.shards.retain_mut(|shard| match Arc::get_mut(shard) {
            Some(gone) => {
                retired.retire(gone);
                false
            }
            None => true,
        });
    }

    fn totals(&mut self) -> Totals {
        self.sweep();
        let mut totals = self.retired.clone();
        for shard in &self.shards {
            totals.add(shard);
        }
        totals
    }
}

/// Below this many shards nobody minds those that are gone.
const SWEEP_AT_LEAST: usize = 64;
