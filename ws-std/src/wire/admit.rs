//! Whether there is room for a message, and what becomes of it, or of others, if there is none.

use std::sync::Arc;

use ws_core::frame::CloseCode;

use super::Wire;
use crate::actor::{By, Ended, Key, Reason, Sent};
use crate::desk::Desk;
use crate::metrics::Dropped;
use crate::server::Overflow;

impl Wire {
    /// Whether a message may be sent now; what became of it if not.
    pub(super) fn admit(
        &mut self,
        desk: &mut Desk,
        overflow: Overflow,
        key: Option<&Arc<Key>>,
    ) -> Result<(), Sent> {
        self.make_room(desk, overflow, key, Self::waiting)
    }

    /// The same for a part of a message: what waits for the end of that message does not keep it from
    /// ending.
    pub(super) fn admit_part(&mut self, desk: &mut Desk) -> Result<(), Sent> {
        self.make_room(desk, desk.config.limits.overflow, None, Self::pressing)
    }

    fn make_room(
        &mut self,
        desk: &mut Desk,
        overflow: Overflow,
        key: Option<&Arc<Key>>,
        weigh: fn(&Self) -> usize,
    ) -> Result<(), Sent> {
        if self.ws.outgoing.is_closed() || self.ends_now() {
            return Err(Sent::Gone);
        }
        let limit = desk.config.limits.outbox_limit.max(1);
        if weigh(self) >= limit && !self.flags.blocked {
            // Much was sent in one turn: that is no fault of the peer's.
            self.flush(desk);
        }
        if weigh(self) < limit {
            return Ok(());
        }
        let has_room = match overflow {
            Overflow::Close | Overflow::DropNewest => false,
            Overflow::DropOldest => self.drop_until(desk, limit, Dropped::Oldest, weigh),
            Overflow::KeepLatest => {
                self.drop_stale(desk, key);
                self.drop_until(desk, limit, Dropped::Latest, weigh)
            }
        };
        if has_room {
            return Ok(());
        }
        let dropped = match overflow {
            // With nothing older that may be dropped it is the newest that is.
            Overflow::DropNewest | Overflow::DropOldest => Dropped::Newest,
            // A message in parts holds the others up, which is no fault of the peer's.
            Overflow::KeepLatest if key.is_none() || self.held_up() => Dropped::Latest,
            // What waits, and what comes, is the newest of each key.
            Overflow::KeepLatest | Overflow::Close => Dropped::Close,
        };
        desk.metrics.dropped(dropped, 1);
        if dropped == Dropped::Close {
            let reason = Reason::SlowConsumer;
            let (by, code, text) = (By::Us, CloseCode::POLICY, reason.to_string());
            self.fail(desk, CloseCode::POLICY, Ended { by, code, text, reason });
        }
        Err(Sent::Full)
    }

    /// Whether messages wait for the end of one in parts.
    fn held_up(&self) -> bool {
        self.ws.outgoing.open_message().is_some()
    }

    /// Drops what a newer message of its key makes worthless, if there is one, or this is one.
    fn drop_stale(&mut self, desk: &Desk, key: Option<&Arc<Key>>) {
        let stale = self.outbox.as_mut().map_or(0, |outbox| outbox.keep_latest(key));
        desk.metrics.dropped(Dropped::Latest, stale);
    }

    /// Drops what waits longest until there is room, and tells whether there is.
    fn drop_until(
        &mut self,
        desk: &Desk,
        limit: usize,
        dropped: Dropped,
        weigh: fn(&Self) -> usize,
    ) -> bool {
        while weigh(self) >= limit {
            if !self.outbox.as_mut().is_some_and(|outbox| outbox.drop_oldest()) {
                return false;
            }
            desk.metrics.dropped(dropped, 1);
        }
        true
    }
}
