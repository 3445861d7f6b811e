//! What all shards of a server share.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::config::Config;
use super::gate::Gate;
use crate::actor::{Handler, System};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::pool::Pool;
use crate::rooms::Directory;
use crate::sys::AtomicU64;

pub(crate) struct Engine<H: Handler> {
    pub(crate) handler: H,
    pub(crate) config: Arc<Config>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) system: Arc<System>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) metrics: Metrics,
    pub(crate) clock: Clock,
    pub(crate) pool: Arc<Pool>,
}

/// The numbers of actors, connections among them, through all servers of a process.
static IDS: AtomicU64 = AtomicU64::new(1);

/// A number that was never given to another.
pub(crate) fn next_id() -> u64 {
    IDS.fetch_add(1, Ordering::Relaxed)
}
