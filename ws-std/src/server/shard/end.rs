//! After every turn of a connection: what it has to say is written, and if it has said all, it
//! leaves.

use super::Shard;
use super::slot::{Stage, guard};
use crate::actor::{By, Ended, Handler, Pressure, Reason, say_farewells};
use crate::wire::How;
use ws_core::frame::CloseCode;

impl<H: Handler> Shard<H> {
    /// Brings a connection to rest after something has happened to it.
    pub(super) fn settle(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.wire.flush(&mut self.desk);
        say_farewells(&self.engine.handler, &mut self.desk);
        self.feel_pressure(key);
        self.finish(key);
        self.leave(key);
        self.account(key);
        self.arm(key);
    }

    /// Tells the handler when too much waits, and when that has left.
    fn feel_pressure(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        // One that is not open is read, however slowly it reads: it may write all it has before.
        if !matches!(slot.stage, Stage::Open(_)) {
            return;
        }
        let limits = &self.desk.config.limits;
        let waiting = slot.wire.pressing();
        let pressure = match slot.wire.flags.crowded {
            false if waiting > limits.outbox_high => Pressure::High,
            true if waiting <= limits.outbox_low => Pressure::Drained,
            _ => return,
        };
        let crowded = pressure == Pressure::High;
        slot.wire.pause(self.desk.now, |flags| flags.crowded = crowded);
        let told = slot.call(key, &self.engine, &mut self.desk, |handler, state, ctx| {
            handler.on_pressure(state, ctx, pressure);
        });
        if let Err(panicked) = told {
            slot.panicked(&mut self.desk, panicked);
        }
        slot.wire.flush(&mut self.desk);
        if !crowded {
            self.enqueue(key);
        }
    }

    /// Tells the handler that the connection has ended, if it has.
    fn finish(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        if !slot.wire.ends_now() || !matches!(slot.stage, Stage::Open(_)) {
            return;
        }
        let Some(ended) = slot.wire.ending().map(|ending| ending.ended.clone()) else {
            return;
        };
        self.desk.metrics.closed(ended.code);
        tracing::debug!(
            connection = slot.wire.id.0,
            code = ended.code.0,
            by = ?ended.by,
            reason = %ended.reason,
            "closed"
        );
        if matches!(ended.reason, Reason::Draining) {
            match slot.wire.ws.incoming.is_closed() {
                true => self.engine.gate.drained.has_closed(),
                false => self.engine.gate.drained.was_cut(),
            }
        }
        if let Some(peer) = slot.wire.peer() {
            peer.ends();
        }
        // Whoever hears of the end finds it in no room.
        slot.wire.leave_rooms(&mut self.desk);
        say_farewells(&self.engine.handler, &mut self.desk);
        let undelivered = slot.undelivered(key, &self.engine, &mut self.desk);
        let told = slot.call(key, &self.engine, &mut self.desk, |handler, state, ctx| {
            handler.on_close(state, ctx, &ended);
        });
        if undelivered.and(told).is_err() {
            self.desk.metrics.panics.add(1);
            tracing::error!(connection = slot.wire.id.0, "on_close panicked");
        }
        let stage = std::mem::replace(&mut slot.stage, Stage::Leaving { discarded: 0 });
        if guard(|| drop(stage)).is_err() {
            tracing::error!(connection = slot.wire.id.0, "dropping the state panicked");
        }
        slot.abandon(&mut self.desk, &ended.reason);
        slot.wire.rare_mut().ending = None;
        slot.wire.forget();
        slot.wire.deadlines.closing(&self.desk.config.timing, self.desk.now);
        slot.wire.flush(&mut self.desk);
        self.enqueue(key);
    }

    /// "To _Close the WebSocket Connection_ [...] an endpoint SHOULD use a method that cleanly
    /// closes the TCP connection" (RFC 6455 section 7.1.1): when all is written we say that nothing
    /// follows, and go on reading until the peer has said so too.
    fn leave(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        if !matches!(slot.stage, Stage::Leaving { .. }) || slot.wire.flags.shut {
            return;
        }
        if slot.wire.flags.broken {
            return self.drop_now(key);
        }
        if slot.wire.waiting() > 0 {
            return;
        }
        slot.wire.flags.shut = true;
        slot.wire.say_goodbye(&mut self.desk);
        if slot.wire.flags.peer_done {
            self.drop_now(key);
        }
    }

    /// The peer will send nothing more, or cannot.
    pub(super) fn transport_ended(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.wire.flags.readable = false;
        slot.wire.flags.peer_done = true;
        match slot.stage {
            Stage::Open(_) => {
                slot.wire.end(Ended {
                    by: By::Transport,
                    code: CloseCode::ABNORMAL,
                    text: String::new(),
                    reason: Reason::PeerClosed(CloseCode::ABNORMAL),
                });
                self.settle(key);
                self.drop_now(key);
            }
            // It may have said all it had to say, and still read.
            Stage::Leaving { .. } if slot.wire.waiting() > 0 && !slot.wire.flags.broken => {}
            Stage::Leaving { .. } | Stage::Opening(_) => self.drop_now(key),
            Stage::Ended => {}
        }
    }

    /// The connection is gone; its place is free when the turn is over.
    pub(super) fn drop_now(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        if matches!(slot.stage, Stage::Open(_)) {
            debug_assert!(slot.wire.ending().is_none_or(|ending| ending.how != How::Now));
        }
        if matches!(std::mem::replace(&mut slot.stage, Stage::Ended), Stage::Ended) {
            return;
        }
        self.timers.cancel(key);
        let _gone = slot.wire.socket.deregister(self.poll.registry());
        slot.wire.outbox = None;
        slot.wire.tls = None;
        slot.wire.forget();
        slot.wire.leave_rooms(&mut self.desk);
        say_farewells(&self.engine.handler, &mut self.desk);
        let address = slot.wire.meters().and_then(|meters| meters.address);
        slot.wire.forget_handles(&self.desk);
        let was_turned_away = slot.wire.flags.turned_away;
        // Whoever sees that it has left sees that it makes us keep nothing any more.
        self.account(key);
        self.engine.gate.keeps(std::mem::take(&mut self.desk.kept));
        match was_turned_away {
            true => self.engine.gate.turned_away_left(),
            false => self.engine.gate.left(address),
        }
        self.desk.metrics.open.sub(1);
        self.ended.push(key);
    }

    /// Counts what the connection makes us keep.
    fn account(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        let opening = match &slot.stage {
            Stage::Opening(opening) => opening.retained(),
            _ => 0,
        };
        let retained = slot.wire.retained() + opening;
        let counted = u32::try_from(retained).unwrap_or(u32::MAX);
        if counted == slot.wire.counted {
            return;
        }
        self.desk.kept += i64::from(counted) - i64::from(slot.wire.counted);
        slot.wire.counted = counted;
        let budget = self.desk.config.connection_memory();
        if retained > budget && matches!(slot.stage, Stage::Open(_)) && !slot.wire.ends_now() {
            slot.refuse(&mut self.desk, CloseCode::POLICY, "too much to keep");
            self.settle(key);
        }
    }

    /// Sees to it that the connection's next deadline is not missed.
    fn arm(&mut self, key: usize) {
        if let Some(slot) = self.slots.get(key)
            && !matches!(slot.stage, Stage::Ended)
        {
            let waits = slot.next_wait();
            self.timers.set_no_later(key, slot.wire.deadlines.poll_timeout().min(waits));
        }
    }

    /// Ends everything at once: the server stops.
    pub(super) fn close_all(&mut self, reason: &Reason) {
        let keys: Vec<usize> = self.slots.iter().map(|(key, _)| key).collect();
        for key in keys {
            if let Some(slot) = self.slots.get_mut(key) {
                let ended = Ended {
                    by: By::Us,
                    code: CloseCode::GOING_AWAY,
                    text: reason.to_string(),
                    reason: reason.clone(),
                };
                if matches!(slot.stage, Stage::Open(_)) {
                    slot.wire.fail(&mut self.desk, CloseCode::GOING_AWAY, ended);
                }
                self.settle(key);
                self.drop_now(key);
            }
        }
    }
}
