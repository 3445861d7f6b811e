//! Reading, and telling the handler what was read.

use std::io::ErrorKind;

use ws_core::connection::Millis;
use ws_core::frame::{CloseCode, Kind};
use ws_core::{Chunk, Event, Violation};

use super::slot::{Panicked, Slot, Stage};
use super::{BUFFER, Shard};
use crate::actor::{By, Ended, Handler, Message, Piece, Reason};
use crate::desk::Desk;
use crate::meters::Meters;
use crate::server::engine::Engine;
use crate::sys;
use crate::wire::{Assembling, How, Wire};

/// So often a connection reads in a turn before it is others' turn.
const READS: usize = 4;

/// Of what comes after the end, a message of the largest size and so much more is read and thrown
/// away, so that a peer that writes all of it before it reads anything reads our last words instead
/// of a reset. It could have sent as much before.
const MOST_DISCARDED: usize = 1 << 20;

/// A handler that takes longer is told of in the log.
const SLOW: Millis = Millis(100);

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
            self.read(key);
        }
    }

    /// It is the turn of one who had something left.
    pub(super) fn go_on(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.wire.flags.queued = false;
        if slot.wire.is_paused() {
            return;
        }
        if !slot.wire.tail().is_empty() && matches!(slot.stage, Stage::Open(_)) {
            let mut tail = slot.wire.take_tail();
            self.receive(key, &mut tail);
            self.settle(key);
        }
        if self.slots.get(key).is_some_and(|slot| !slot.wire.flags.queued) {
            self.read(key);
        }
    }

    /// Reads while there is something to read and the connection's share of the turn lasts.
    pub(super) fn read(&mut self, key: usize) {
        for _ in 0..READS {
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
                let progress = slot.wire.ws.incoming.progress(rest.len());
                slot.wire.deadlines.read(&self.desk.config.timing, self.desk.now, progress);
                if slot.has_said_enough(&self.desk) {
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

impl<H: Handler> Slot<H> {
    /// So many bytes have come.
    pub(super) fn heard(&mut self, desk: &mut Desk, count: usize) {
        self.wire.heard = desk.now.0.wrapping_div(1000) as u32;
        desk.metrics.bytes_received.add(count as u64);
        let within = |meters: &mut Meters| meters.bytes(&desk.config.limits, count, desk.now);
        // Before a WebSocket is open and after it there are other limits, and no frame to say so.
        if !self.wire.meters().is_none_or(within) && matches!(self.stage, Stage::Open(_)) {
            self.refuse(desk, CloseCode::POLICY, "too many bytes");
        }
    }

    /// Tells the handler what has arrived, and how many bytes are done with.
    fn receive(
        &mut self,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
        arrived: &mut [u8],
    ) -> usize {
        let mut done = 0;
        while done < arrived.len()
            && !self.wire.ends_now()
            && !self.wire.is_paused()
            && !self.has_said_enough(desk)
        {
            let Some(unread) = arrived.get_mut(done..) else { break };
            match self.wire.ws.receive(unread) {
                Ok(decoded) => {
                    done += decoded.consumed;
                    let Some(event) = decoded.event else { break };
                    if let Err(panicked) = self.event(key, engine, desk, event, unread) {
                        self.panicked(desk, panicked);
                    }
                }
                Err(violation) => self.violated(desk, violation),
            }
        }
        if self.wire.ends_now() { arrived.len() } else { done }
    }

    /// The peer has broken a rule, and is told so.
    pub(super) fn violated(&mut self, desk: &mut Desk, violation: Violation) {
        let code = violation.rule.close_code();
        desk.metrics.violations.add(1);
        tracing::debug!(connection = self.wire.id.0, %violation, "a rule was broken");
        self.wire.send_close_owed(desk);
        let (text, reason) = (violation.rule.text().to_owned(), Reason::Protocol(code));
        self.wire.end(Ended { by: By::Peer, code, text, reason });
    }

    /// Whether what has arrived waits until we go on. It is told before the end of TLS is; the end of
    /// TCP, or a deadline, ends the connection then.
    fn has_to_catch_up(&self) -> bool {
        !self.wire.tail().is_empty() && (self.wire.is_paused() || self.wire.flags.queued)
    }

    /// Whether so much waits for the peer that what it asks for next has to wait, too: until it is
    /// seen, at the end of its turn, how much of that the socket takes.
    fn has_said_enough(&self, desk: &Desk) -> bool {
        self.wire.waiting() > desk.config.limits.outbox_high
    }

    fn event(
        &mut self,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
        event: Event,
        unread: &[u8],
    ) -> Result<(), Panicked> {
        match event {
            Event::Chunk(chunk) => {
                let payload = chunk.span.of(unread);
                if chunk.ends {
                    self.wire.deadlines.message_ended();
                }
                if chunk.begins && !self.admits_message(desk) {
                    return Ok(());
                }
                return self.chunk(key, engine, desk, &chunk, payload);
            }
            Event::Ping(payload) => {
                desk.metrics.pings_received.add(1);
                let within = |meters: &mut Meters| meters.ping(&desk.config.limits, desk.now);
                if self.wire.meters().is_none_or(within) {
                    self.wire.send_pong(desk, payload.of(unread));
                } else {
                    self.refuse(desk, CloseCode::POLICY, "too many Pings");
                }
            }
            Event::Pong(payload) => self.pong(desk, &event, payload.of(unread)),
            Event::Close { code, reason } => self.peer_closed(desk, code, reason.of(unread)),
        }
        Ok(())
    }

    fn chunk(
        &mut self,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
        chunk: &Chunk,
        payload: &[u8],
    ) -> Result<(), Panicked> {
        // A message that began in pieces goes on in pieces.
        let in_pieces =
            if chunk.begins { self.wire.flags.pieces } else { !self.wire.is_assembling() };
        if self.is_deaf() {
            return Ok(());
        }
        if in_pieces {
            let Chunk { kind, begins, ends, .. } = *chunk;
            let piece = Piece { kind, begins, ends, bytes: payload };
            if ends {
                desk.metrics.received(kind);
            }
            return self
                .call(key, engine, desk, |handler, state, ctx| handler.on_piece(state, ctx, piece))
                .map(drop);
        }
        if chunk.begins && chunk.ends {
            return self.message(key, engine, desk, chunk.kind, payload);
        }
        self.wire.assembling(chunk.kind).add(chunk, payload, &mut desk.spare);
        if chunk.ends
            && let Some(message) = self.wire.take_message()
        {
            return self.whole(key, engine, desk, message);
        }
        Ok(())
    }

    /// A message has been put together.
    pub(super) fn whole(
        &mut self,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
        message: Assembling,
    ) -> Result<(), Panicked> {
        let told = self.message(key, engine, desk, message.kind, message.bytes());
        message.recycle(&mut desk.spare);
        told
    }

    fn message(
        &mut self,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
        kind: Kind,
        payload: &[u8],
    ) -> Result<(), Panicked> {
        desk.metrics.received(kind);
        let message = Message::checked(kind, payload);
        self.call(key, engine, desk, |handler, state, ctx| handler.on_message(state, ctx, message))
            .map(drop)
    }

    /// Whether another message is within its rate; if not, that was the last.
    fn admits_message(&mut self, desk: &mut Desk) -> bool {
        let now = desk.now;
        let Some(meters) = self.wire.meters() else { return true };
        let within = meters.message(&desk.config.limits, now);
        if !within {
            self.refuse(desk, CloseCode::POLICY, "too many messages");
        }
        within
    }

    fn pong(&mut self, desk: &Desk, event: &Event, payload: &[u8]) {
        let deadlines = &mut self.wire.deadlines;
        let due = deadlines.poll_timeout();
        deadlines.event(&desk.config.timing, desk.now, event, payload);
        desk.metrics.pongs_received.add(1);
        if deadlines.poll_timeout() != due
            && let Some(last) = deadlines.heartbeat().last_round_trip()
        {
            desk.metrics.round_trip.record(last.0.into());
        }
    }

    /// The peer's Close: "If an endpoint receives a Close frame and did not previously send a Close
    /// frame, the endpoint MUST send a Close frame in response" (RFC 6455 section 5.5.1).
    fn peer_closed(&mut self, desk: &mut Desk, code: Option<CloseCode>, reason: &[u8]) {
        self.wire.send_close_owed(desk);
        let code = code.unwrap_or(CloseCode::NO_STATUS);
        let text = String::from_utf8_lossy(reason).into_owned();
        self.wire.end(Ended { by: By::Peer, code, text, reason: Reason::PeerClosed(code) });
    }

    pub(super) fn panicked(&mut self, desk: &mut Desk, Panicked(message): Panicked) {
        desk.metrics.panics.add(1);
        tracing::error!(connection = self.wire.id.0, %message, "the handler panicked");
        let text = "the server met an unexpected condition".to_owned();
        let code = CloseCode::INTERNAL_ERROR;
        let ended = Ended { by: By::Us, code, text, reason: Reason::Panic(message) };
        self.wire.fail(desk, code, ended);
    }

    /// The peer has gone beyond a limit of ours.
    pub(super) fn refuse(&mut self, desk: &mut Desk, code: CloseCode, text: &str) {
        tracing::debug!(connection = self.wire.id.0, text, "a limit was exceeded");
        let text = text.to_owned();
        self.wire.fail(
            desk,
            code,
            Ended { by: By::Us, code, text, reason: Reason::Protocol(code) },
        );
    }

    /// Whether the handler has closed, and hears nothing any more.
    pub(super) fn is_deaf(&self) -> bool {
        self.wire.ending().is_some_and(|ending| ending.how != How::Hearing)
    }
}
