//! What the connections of a shard share: they use it one at a time.

use std::sync::Arc;
use std::time::Duration;

use ws_core::connection::Time;

use crate::actor::System;
use crate::clock::Clock;
use crate::deflate::Pool;
use crate::entropy::Stock;
use crate::metrics::{Dropped, Shard as Metrics};
use crate::rooms::{Directory, Farewells, Local};
use crate::server::{Ahead, Config, Overflow, Port};
use crate::wire::Outbox;

/// A shard's desk: what lies on it belongs to the connection whose turn it is.
pub(crate) struct Desk {
    /// When this turn began.
    pub(crate) now: Time,
    clock: Clock,
    /// Frames that leave together, when the connection's turn is over.
    pub(crate) cork: Vec<u8>,
    /// The records that they are made into.
    pub(crate) cipher: Vec<u8>,
    /// Those who have something to be written at the end of the turn, though it is another's.
    pub(crate) dirty: Vec<usize>,
    /// Those who have broadcast more than can be passed on, until it has been.
    pub(crate) ahead: Ahead,
    /// Memory for large messages.
    pub(crate) spare: Vec<u8>,
    pub(crate) stock: Stock,
    /// How many bytes more, or less, connections have made us keep in this turn.
    pub(crate) kept: i64,
    pub(crate) config: Arc<Config>,
    pub(crate) metrics: Arc<Metrics>,
    /// Outboxes that nobody needs now.
    // In their boxes, since that is how they are used.
    #[expect(clippy::vec_box)]
    outboxes: Vec<Box<Outbox>>,
    /// What compresses and inflates.
    pub(crate) deflate: Pool,
    /// All actors.
    pub(crate) system: Arc<System>,
    /// All rooms.
    pub(crate) directory: Arc<Directory>,
    /// The members that this shard has.
    pub(crate) rooms: Local,
    /// Those who have gone from rooms where they were under a name.
    pub(crate) farewells: Farewells,
    /// The way back to this shard.
    pub(crate) port: Arc<Port>,
}

/// So much is gathered before it is written. A write costs more than to copy even large messages:
/// sixteen echoes of 16 KiB leave at twice the speed when they are gathered.
pub(crate) const CORK: usize = 256 << 10;

/// A message that is larger is written from where it lies.
pub(crate) const COPIED: usize = 64 << 10;

impl Desk {
    pub(crate) fn new(
        clock: Clock,
        config: Arc<Config>,
        system: Arc<System>,
        directory: Arc<Directory>,
        metrics: Arc<Metrics>,
        port: Arc<Port>,
    ) -> Self {
        Self {
            now: clock.now(),
            clock,
            cork: vec![],
            cipher: vec![],
            dirty: vec![],
            ahead: Ahead::default(),
            spare: vec![],
            outboxes: vec![],
            deflate: Pool::default(),
            stock: Stock::new(),
            kept: 0,
            config,
            system,
            directory,
            rooms: Local::default(),
            farewells: Farewells::default(),
            metrics,
            port,
        }
    }

    /// When so much time has passed from now on: the turn of who may block can have begun long ago.
    pub(crate) fn after(&self, delay: Duration) -> Time {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Time(self.clock.now().0.saturating_add(millis))
    }

    /// Counts messages that never reached this shard, since too much was on its way to it.
    pub(crate) fn dropped_by_handles(&self, count: usize) {
        let dropped = match self.config.limits.overflow {
            // It is the sender who was told, and the connection goes on.
            Overflow::Close | Overflow::DropNewest => Dropped::Newest,
            Overflow::DropOldest => Dropped::Oldest,
            Overflow::KeepLatest => Dropped::Latest,
        };
        self.metrics.dropped(dropped, count);
    }

    /// An outbox for a connection whose peer does not read as fast as it is written to, or that
    /// hears the same as others.
    pub(crate) fn outbox(&mut self) -> Box<Outbox> {
        self.outboxes.pop().unwrap_or_default()
    }

    /// Takes an empty outbox back. A broadcast needs one for each member, but only for a moment.
    pub(crate) fn put_back(&mut self, outbox: Box<Outbox>) {
        if self.outboxes.len() < MOST_OUTBOXES && outbox.is_small() {
            self.outboxes.push(outbox);
        }
    }

    /// Puts the cork back, empty; what it took for something large is given back.
    pub(crate) fn clear_cork(&mut self, mut cork: Vec<u8>) {
        cork.clear();
        cork.shrink_to(2 * CORK);
        self.cork = cork;
    }
}

/// So many outboxes are kept.
const MOST_OUTBOXES: usize = 1024;
