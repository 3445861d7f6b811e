//! What is due.

use ws_core::connection::{Due, Expired};
use ws_core::frame::CloseCode;

use super::Shard;
use super::slot::Stage;
use crate::actor::{By, Ended, Handler, Reason, end_absences};

impl<H: Handler> Shard<H> {
    /// Lets deadlines expire: after everything else, since what has arrived may have met them.
    pub(super) fn expire(&mut self) {
        let mut due = std::mem::take(&mut self.due);
        self.timers.expire(self.desk.now, &mut due);
        for key in due.drain(..) {
            // A shard that was held up may have bytes in the socket that it has not been told of:
            // nobody is judged before they are read.
            if let Some(slot) = self.slots.get_mut(key)
                && slot.wire.deadlines.poll_timeout() <= self.desk.now
            {
                slot.wire.flags.readable |= !slot.wire.flags.peer_done;
                // What was read before we paused comes first.
                self.go_on_early(key);
            }
            self.judge(key);
            if self.slots.get(key).is_some_and(|slot| slot.extra.is_some()) {
                self.hear(key);
            }
        }
        self.due = due;
        self.wake_actors();
        end_absences(&self.engine.handler, &mut self.desk);
    }

    fn judge(&mut self, key: usize) {
        // The handshake's deadline may be followed by the closing one's, and that by nothing.
        while let Some(slot) = self.slots.get_mut(key) {
            if matches!(slot.stage, Stage::Ended) {
                return;
            }
            let (timing, now) = (self.desk.config.timing, self.desk.now);
            let stock = &mut self.desk.stock;
            match slot.wire.deadlines.handle_timeout(&timing, now, || stock.take()) {
                None => break,
                Some(Due::Ping(nonce)) => {
                    slot.wire.send_beat(&mut self.desk, nonce);
                    self.desk.metrics.pings_sent.add(1);
                }
                Some(Due::Expired(expired)) => self.expired(key, expired),
            }
        }
        self.settle(key);
    }

    fn expired(&mut self, key: usize, expired: Expired) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        self.desk.metrics.expired(expired);
        tracing::debug!(connection = slot.wire.id.0, %expired, "a deadline has passed");
        if matches!(slot.stage, Stage::Open(_)) {
            let code = expired.close_code().unwrap_or(CloseCode::ABNORMAL);
            let reason = match expired {
                Expired::Heartbeat => Reason::HeartbeatTimeout,
                Expired::Write => Reason::SlowConsumer,
                other => Reason::Expired(other),
            };
            let ended = Ended { by: By::Us, code, text: expired.text().to_owned(), reason };
            match expired.close_code() {
                Some(code) => slot.wire.fail(&mut self.desk, code, ended),
                None => slot.wire.end(ended),
            }
            self.settle(key);
        }
        // One that does not answer, or does not read, would not read our last words to their end;
        // one that is late has the time to do it.
        if !matches!(expired, Expired::Message | Expired::Idle) {
            self.drop_now(key);
        }
    }
}
