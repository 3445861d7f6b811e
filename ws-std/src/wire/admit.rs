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
        if self.ws.outgoing.is_closed() || self.ends_now() {
            return Err(Sent::Gone);
        }
        let limit = desk.config.limits.outbox_limit.max(1);
        if self.waiting() >= limit && !self.flags.blocked {
            // Much was sent in one turn: that is no fault of the peer's.
            self.flush(desk);
        }
        if self.waiting() < limit {
            return Ok(());
        }
        let has_room = match overflow {
            Overflow::Close | Overflow::DropNewest => false,
            Overflow::DropOldest => self.drop_until(desk, limit, Dropped::Oldest),
            Overflow::KeepLatest => {
                self.drop_stale(desk, key);
                self.drop_until(desk, limit, Dropped::Latest)
            }
        };
        if has_room {
            return Ok(());
        }
        let dropped = match overflow {
            Overflow::DropNewest => Dropped::Newest,
            Overflow::DropOldest => Dropped::Oldest,
            Overflow::KeepLatest if key.is_none() => Dropped::Latest,
            // What waits, and what comes, is the newest of each key.
            Overflow::KeepLatest | Overflow::Close => Dropped::Close,
        };
        desk.metrics.dropped(dropped);
        if dropped == Dropped::Close {
            let reason = Reason::SlowConsumer;
            let (by, code, text) = (By::Us, CloseCode::POLICY, reason.to_string());
            self.fail(desk, CloseCode::POLICY, Ended { by, code, text, reason });
        }
        Err(Sent::Full)
    }

    /// Drops what a newer message of its key makes worthless, if there is one, or this is one.
    fn drop_stale(&mut self, desk: &Desk, key: Option<&Arc<Key>>) {
        let stale = self.outbox.as_mut().map_or(0, |outbox| outbox.keep_latest(key));
        (0..stale).for_each(|_| desk.metrics.dropped(Dropped::Latest));
    }

    /// Drops what waits longest until there is room, and tells whether there is.
    fn drop_until(&mut self, desk: &Desk, limit: usize, dropped: Dropped) -> bool {
        while self.waiting() >= limit {
            if !self.outbox.as_mut().is_some_and(|outbox| outbox.drop_oldest()) {
                return false;
            }
            desk.metrics.dropped(dropped);
        }
        true
    }
}
