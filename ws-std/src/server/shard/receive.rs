//! Reading.

use std::io::ErrorKind;

use ws_core::connection::Millis;

use super::slot::Stage;
use super::{BUFFER, Shard};
use crate::actor::Handler;
use crate::sys;
use crate::wire::Wire;

/// So often a connection reads in a turn before it is others' turn.
const READS: usize = 4;

/// Of what comes after the end, a message of the largest size and so much more is read and thrown
/// away, so that a peer that writes all of it before it reads anything reads our last words instead
/// of a reset. It could have sent as much before.
const MOST_DISCARDED: usize = 1 << 20;

/// A handler that takes longer is told of in the log.
const SLOW: Millis = Millis(100);

/// Why it is somebody's turn to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// There may be something to read.
    Arrival,
    /// It is about to be judged.
    Judgement,
}

/// What came of a read.
pub(super) enum Read {
    /// There may be more.
    More,
    /// There is no more now.
    Drained,
    /// There will never be more.
    End,
}

impl<H: Handler> Shard<H> {
    /// The socket takes bytes again.
    pub(super) fn writable(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        if slot.wire.flags.blocked || slot.wire.waiting() > 0 {
            slot.wire.flags.blocked = false;
            slot.wire.flush(&mut self.desk);
            self.settle(key);
        }
    }

    /// The socket has bytes, or has ended; `last` says that it has ended, behind what it still has.
    pub(super) fn readable(&mut self, key: usize, last: bool) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.wire.flags.readable = true;
        slot.wire.flags.last |= last;
        if !slot.wire.flags.queued {
            self.read(key, Cause::Arrival);
        }
    }

    /// It is the turn of one who had something left.
    pub(super) fn go_on(&mut self, key: usize, cause: Cause) {
        let holds_back = self.holds_back(cause);
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.wire.flags.queued = false;
        if slot.wire.flags.behind {
            return self.hear(key);
        }
        if slot.wire.is_paused() {
            return;
        }
        if holds_back {
            return self.enqueue(key);
        }
        if slot.wire.has_untold() && matches!(slot.stage, Stage::Open(_)) {
            let mut tail = slot.wire.take_tail();
            self.receive(key, &mut tail);
            self.settle(key);
        }
        if self.slots.get(key).is_some_and(|slot| !slot.wire.flags.queued) {
            self.read(key, cause);
        }
    }

    /// Goes on out of turn, with one that is to be judged: if it is on the list it stays on it, once.
    pub(super) fn go_on_early(&mut self, key: usize) {
        let Some(slot) = self.slots.get(key) else { return };
        let (is_listed, listed) = (slot.wire.flags.queued, self.queue.len());
        self.go_on(key, Cause::Judgement);
        if is_listed && let Some(slot) = self.slots.get_mut(key) {
            self.queue.truncate(listed);
            slot.wire.flags.queued = true;
        }
    }

    /// Reads while there is something to read and the connection's share of the turn lasts.
    fn read(&mut self, key: usize, cause: Cause) {
        for _ in 0..READS {
            if self.holds_back(cause) {
                break;
            }
            let Some(slot) = self.slots.get_mut(key) else { return };
            if !slot.wire.flags.readable || slot.wire.is_paused() {
                return;
            }
            if matches!(slot.stage, Stage::Ended) {
                return;
            }
            let read = self.read_large(key).unwrap_or_else(|| {
                let mut buffer = std::mem::take(&mut self.buffer);
                let read = self.read_once(key, &mut buffer);
                self.buffer = buffer;
                read
            });
            self.settle(key);
            match read {
                Read::More => {}
                Read::Drained => {
                    if let Some(slot) = self.slots.get_mut(key) {
                        slot.wire.flags.readable = false;
                    }
                    return;
                }
                Read::End => return self.transport_ended(key),
            }
            // What has been read comes before what has not.
            if self.slots.get(key).is_none_or(|slot| slot.wire.flags.queued) {
                return;
            }
        }
        self.enqueue(key);
    }

    /// Puts a connection on the list of those that go on in the next turn.
    pub(super) fn enqueue(&mut self, key: usize) {
        if let Some(slot) = self.slots.get_mut(key)
            && !std::mem::replace(&mut slot.wire.flags.queued, true)
        {
            self.queue.push(key);
        }
    }

    /// Whether nothing is read, since so much is to be broadcast. Whoever is to be judged is heard
    /// before, all the same.
    fn holds_back(&self, cause: Cause) -> bool {
        cause != Cause::Judgement && self.desk.port.is_behind()
    }

    fn read_once(&mut self, key: usize, buffer: &mut [u8]) -> Read {
        let Some(slot) = self.slots.get_mut(key) else { return Read::Drained };
        let wire = &mut slot.wire;
        // TLS keeps its own tail, and what it has decrypted follows ours.
        let kept = if wire.tls.is_some() { 0 } else { wire.tail().len() };
        let (front, free) = buffer.split_at_mut(kept.min(buffer.len()));
        let (count, read) = read_from(wire, free);
        if count == 0 {
            return read;
        }
        if let Some(tail) = wire.tail().get(..front.len()) {
            front.copy_from_slice(tail);
        }
        slot.heard(&mut self.desk, count);
        let Some(arrived) = buffer.get_mut(..kept + count) else { return read };
        if slot.wire.tls.is_some() {
            self.decrypt(key, arrived);
        } else {
            slot.wire.take_tail();
            self.receive(key, arrived);
        }
        self.watch(key);
        read
    }

    /// Notes a handler that held up everybody else.
    pub(super) fn watch(&mut self, key: usize) {
        let now = self.engine.clock.now();
        let took = now.since(self.watched);
        self.watched = now;
        if took > SLOW
            && let Some(slot) = self.slots.get(key)
        {
            self.desk.metrics.slow_handlers.add(1);
            tracing::warn!(
                connection = slot.wire.id.0,
                millis = took.0,
                "a handler held up its thread: see Context::blocking"
            );
        }
    }

    /// Makes plaintext of what has arrived, and takes that.
    pub(super) fn decrypt(&mut self, key: usize, arrived: &mut [u8]) {
        let mut plain = std::mem::take(&mut self.plain);
        plain.clear();
        if let Some(slot) = self.slots.get_mut(key) {
            plain.extend_from_slice(&slot.wire.take_tail());
        }
        let goes_on = self.decrypt_into(key, arrived, &mut plain);
        self.receive(key, &mut plain);
        if !goes_on {
            self.settle(key);
            if self.slots.get(key).is_none_or(|slot| !slot.has_to_catch_up()) {
                self.transport_ended(key);
            }
        }
        if plain.capacity() > 2 * BUFFER {
            plain = vec![];
        }
        self.plain = plain;
    }

    /// Takes bytes that have arrived, in whatever stage the connection is.
    pub(super) fn receive(&mut self, key: usize, arrived: &mut [u8]) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        match &mut slot.stage {
            Stage::Opening(_) => self.receive_head(key, arrived),
            Stage::Open(_) => {
                let done = slot.receive(key, &self.engine, &mut self.desk, arrived);
                let rest = arrived.get(done..).unwrap_or_default();
                if !rest.is_empty() {
                    slot.wire.keep(rest);
                }
                let untold = slot.wire.flags.greedy && slot.wire.has_untold();
                slot.wire.pause(self.desk.now, |flags| flags.untold = untold);
                let progress = slot.wire.ws.incoming.progress(rest.len());
                slot.wire.deadlines.read(&self.desk.config.timing, self.desk.now, progress);
                if slot.has_said_enough(&self.desk) || slot.wire.flags.greedy {
                    self.enqueue(key);
                }
            }
            Stage::Leaving { discarded } => {
                *discarded += arrived.len();
                let most = self.desk.config.limits.message.saturating_add(MOST_DISCARDED);
                if *discarded > most {
                    self.drop_now(key);
                }
            }
            Stage::Ended => {}
        }
    }
}

/// Reads, and tells how many bytes, and what that says about those behind them.
pub(super) fn read_from(wire: &mut Wire, room: &mut [u8]) -> (usize, Read) {
    match wire.socket.read(room) {
        Ok(0) => (0, Read::End),
        Ok(count) if count < room.len() && sys::SHORT_MEANS_DONE && !wire.flags.last => {
            (count, Read::Drained)
        }
        Ok(count) => (count, Read::More),
        Err(error) if error.kind() == ErrorKind::WouldBlock => (0, Read::Drained),
        Err(_) => (0, Read::End),
    }
}
