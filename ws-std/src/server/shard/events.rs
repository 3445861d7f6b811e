//! Telling the handler what was read.

use ws_core::frame::{CloseCode, Kind};
use ws_core::{Chunk, Event, Violation};

use super::slot::{Panicked, Slot, Stage};
use crate::actor::{By, Ended, Handler, Message, Piece, Reason};
use crate::desk::Desk;
use crate::meters::Meters;
use crate::server::engine::Engine;
use crate::wire::{Assembling, How};

/// So many events of what one read has brought are told before it is others' turn: small messages
/// are many.
const EVENTS: usize = 4096;

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

    /// Tells the handler what has arrived, but not more of it than is a connection's share of a turn,
    /// and how many bytes are done with.
    pub(super) fn receive(
        &mut self,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
        arrived: &mut [u8],
    ) -> usize {
        let (mut done, mut events) = (0, 0);
        desk.deflate.begin_share();
        if !self.wire.is_paused()
            && let Err(panicked) = self.inflate_more(key, engine, desk)
        {
            self.panicked(desk, panicked);
        }
        while done < arrived.len()
            && events < EVENTS
            && !self.wire.is_squeezed()
            && !desk.deflate.has_had_share()
            && !self.wire.ends_now()
            && !self.wire.is_paused()
            && !self.has_said_enough(desk)
        {
            events += 1;
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
        let has_had_share = events == EVENTS || desk.deflate.has_had_share();
        self.wire.flags.greedy = has_had_share || self.wire.is_squeezed();
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
    pub(super) fn has_to_catch_up(&self) -> bool {
        self.wire.has_untold() && (self.wire.is_paused() || self.wire.flags.queued)
    }

    /// Whether so much waits for the peer that what it asks for next has to wait, too: until it is
    /// seen, at the end of its turn, how much of that the socket takes.
    pub(super) fn has_said_enough(&self, desk: &Desk) -> bool {
        self.wire.pressing() > desk.config.limits.outbox_high
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
        if self.is_deaf() {
            return Ok(());
        }
        if chunk.compressed {
            return self.inflate(key, engine, desk, chunk, payload);
        }
        self.told(key, engine, desk, chunk, payload)
    }

    /// Tells a part of a message as it is, or puts it to the others.
    pub(super) fn told(
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
        tracing::error!(connection = self.wire.id.0, panic = %message, "the handler panicked");
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
