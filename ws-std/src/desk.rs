//! What the connections of a shard share: they use it one at a time.

use std::sync::Arc;

use ws_core::connection::Time;

use crate::entropy::Stock;
use crate::metrics::Shard as Metrics;
use crate::server::{Config, Port};

/// A shard's desk: what lies on it belongs to the connection whose turn it is.
pub(crate) struct Desk {
    /// When this turn began.
    pub(crate) now: Time,
    /// Frames that leave together, when the connection's turn is over.
    pub(crate) cork: Vec<u8>,
    /// The records that they are made into.
    pub(crate) cipher: Vec<u8>,
    /// Those who have something to be written at the end of the turn, though it is another's.
    pub(crate) dirty: Vec<usize>,
    /// Memory for large messages.
    pub(crate) spare: Vec<u8>,
    pub(crate) stock: Stock,
    /// How many bytes more, or less, connections have made us keep in this turn.
    pub(crate) kept: i64,
    pub(crate) config: Arc<Config>,
    pub(crate) metrics: Arc<Metrics>,
    /// The way back to this shard.
    pub(crate) port: Arc<Port>,
}

/// So much is gathered before it is written. A write costs more than to copy even large messages:
/// sixteen echoes of 16 KiB leave at twice the speed when they are gathered.
pub(crate) const CORK: usize = 256 << 10;

/// A message that is larger is written from where it lies.
pub(crate) const COPIED: usize = 64 << 10;

impl Desk {
    pub(crate) fn new(config: Arc<Config>, metrics: Arc<Metrics>, port: Arc<Port>) -> Self {
        Self {
            now: Time(0),
            cork: vec![],
            cipher: vec![],
            dirty: vec![],
            spare: vec![],
            stock: Stock::new(),
            kept: 0,
            config,
            metrics,
            port,
        }
    }
}
