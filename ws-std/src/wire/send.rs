//! What is to be sent: onto the desk if it can leave with this turn, else into the outbox.

use std::io::IoSlice;
use std::sync::Arc;

use ws_core::connection::Frame;
use ws_core::frame::{Close, CloseCode, Kind, MAX_CONTROL};

use super::deflate::Form;
use super::outbox::{Bytes, Class, Item};
use super::{Ending, How, Outbox, Wire};
use crate::actor::{By, Encoded, Ended, Key, Message, Outgoing, Reason, Sent};
use crate::desk::{CORK, Desk};
use crate::rooms::Piece;
use crate::server::Overflow;

/// A whole control frame from a server.
const CONTROL_FRAME: usize = 2 + MAX_CONTROL;

impl Wire {
    /// Sends a message that the program lends: while the connection has its turn.
    pub(crate) fn send(&mut self, desk: &mut Desk, message: Outgoing<'_>) -> Sent {
        self.send_by(desk, message, None, desk.config.limits.overflow)
    }

    /// The same, as it is sent to a room, with a policy of its own.
    pub(crate) fn send_by(
        &mut self,
        desk: &mut Desk,
        outgoing: Outgoing<'_>,
        room: Option<&Arc<str>>,
        overflow: Overflow,
    ) -> Sent {
        let key = Key::of(room, outgoing.key, overflow);
        if let Err(sent) = self.admit(desk, overflow, key.as_ref()) {
            return sent;
        }
        let message = outgoing.message;
        let (kind, payload) = (message.kind(), message.bytes());
        if self.ws.outgoing.open_message().is_some() {
            let encoded = Encoded::new(message, desk.config.limits.fragment).keyed(key);
            self.put_encoded(desk, &encoded, Form::Plain);
        } else if let Some((deflated, form)) = self.deflate(desk, outgoing, overflow) {
            self.put_whole(desk, kind, &deflated, form, key.as_ref());
            desk.deflate.put_scratch(deflated);
        } else {
            self.put_whole(desk, kind, payload, Form::Plain, key.as_ref());
        }
        desk.metrics.sent(kind, 1);
        Sent::Queued
    }

    /// Sends a message that many share: it leaves when the turn is over.
    pub(crate) fn send_encoded(
        &mut self,
        desk: &mut Desk,
        encoded: &Encoded,
        overflow: Overflow,
    ) -> Sent {
        if let Err(sent) = self.admit(desk, overflow, encoded.key()) {
            return sent;
        }
        let frames = self.shared(desk, encoded);
        self.put_encoded(desk, frames, Form::Plain);
        desk.metrics.sent(encoded.kind, 1);
        Sent::Queued
    }

    /// Sends a message that others have encoded for this peer alone: it leaves when the turn is over.
    pub(crate) fn send_own(
        &mut self,
        desk: &mut Desk,
        encoded: &Encoded,
        overflow: Overflow,
    ) -> Sent {
        if self.ws.outgoing.open_message().is_some() {
            return self.send_encoded(desk, encoded, overflow);
        }
        if let Err(sent) = self.admit(desk, overflow, encoded.key()) {
            return sent;
        }
        match self.chained(desk, encoded, overflow) {
            Some(chained) => self.put_encoded(desk, &chained, Form::Chained),
            None => {
                let frames = self.shared(desk, encoded);
                self.put_encoded(desk, frames, Form::Plain);
            }
        }
        desk.metrics.sent(encoded.kind, 1);
        Sent::Queued
    }

    /// Whether nothing waits for this peer, so that several messages can be given to it in one
    /// piece.
    pub(crate) fn keeps_up(&self) -> bool {
        !self.is_backed_up()
            && !self.ws.outgoing.is_closed()
            && self.ws.outgoing.open_message().is_none()
    }

    /// Sends messages in one piece to a peer that keeps up: they leave when the turn is over.
    pub(crate) fn send_piece(&mut self, desk: &mut Desk, piece: &Piece) {
        self.outbox(desk).add(piece.into());
    }

    /// The same, but they leave now. Tells whether all of it has left, so that nothing is to be done
    /// for this peer when the turn is over.
    pub(crate) fn send_piece_now(&mut self, desk: &mut Desk, piece: &Piece) -> bool {
        let bytes = piece.bytes();
        let taken = self.transmit(desk, &[IoSlice::new(bytes)]);
        if taken < bytes.len() {
            let outbox = self.outbox(desk);
            outbox.add(piece.into());
            outbox.advance(taken);
        }
        self.waiting() == 0 && !self.flags.broken
    }

    /// Sends a part of a message.
    pub(crate) fn send_part(
        &mut self,
        desk: &mut Desk,
        part: Message<'_>,
        frame: impl FnOnce(Kind) -> Frame,
    ) -> Sent {
        if let Err(sent) = self.admit_part(desk) {
            return sent;
        }
        let kind = self.ws.outgoing.open_message().unwrap_or(part.kind());
        // Text that went on in bytes might not be text.
        if kind == Kind::Text && part.kind() == Kind::Binary {
            return Sent::Refused;
        }
        let make = |bytes| Item::new(bytes, Class::Fragment);
        self.put(desk, frame(kind), part.bytes(), make, Form::Plain);
        if self.ws.outgoing.open_message().is_none() {
            desk.metrics.sent(kind, 1);
            if let Some(outbox) = &mut self.outbox {
                outbox.release();
            }
        }
        Sent::Queued
    }

    /// Sends what is no frame: a response to a request.
    pub(crate) fn send_bytes(&mut self, desk: &mut Desk, bytes: &[u8]) {
        if desk.cork.len() + bytes.len() > CORK {
            self.uncork(desk);
        }
        match &mut self.outbox {
            Some(outbox) => outbox.push(Bytes::Own(bytes.to_vec()), Class::Started),
            None => desk.cork.extend_from_slice(bytes),
        }
    }

    /// Sends a Ping of the program's.
    pub(crate) fn send_ping(&mut self, desk: &mut Desk, payload: &[u8]) -> Sent {
        self.put_control(desk, Frame::Ping, payload, Class::Ping)
    }

    /// Sends the heartbeat's Ping. It goes through the outbox, which tells when it has left.
    pub(crate) fn send_beat(&mut self, desk: &mut Desk, nonce: [u8; 8]) {
        let mut frame = [0; CONTROL_FRAME];
        if let Ok(len) = self.ws.outgoing.write(Frame::Ping, &nonce, &mut frame) {
            let frame = frame.get(..len).unwrap_or_default().to_vec();
            self.outbox(desk).push_control(frame, Class::Beat);
        }
    }

    /// Answers a Ping.
    pub(crate) fn send_pong(&mut self, desk: &mut Desk, payload: &[u8]) {
        self.put_control(desk, Frame::Pong, payload, Class::Pong);
    }

    /// Sends Close after all that was sent before, and waits for the peer's: the handler is done
    /// with this connection, or the server is.
    pub(crate) fn close(
        &mut self,
        desk: &mut Desk,
        code: CloseCode,
        text: &str,
        mut ending: Ending,
    ) {
        if self.ending().is_some() || self.ws.outgoing.is_closed() {
            return;
        }
        let code = sendable(code);
        let mut frame = [0; CONTROL_FRAME];
        if let Ok(len) = self.ws.outgoing.write_close(Close::new(code, text), &mut frame) {
            let frame = frame.get(..len).unwrap_or_default();
            self.put_made(desk, frame, Class::Close);
        }
        ending.ended.code = code;
        self.rare_mut().ending = Some(ending);
        // It can be told nothing any more, so it is a member no more.
        self.leave_rooms(desk);
        self.closing(desk);
    }

    /// Sends Close in front of all that was sent before and has not begun to leave.
    pub(super) fn push_close(&mut self, desk: &mut Desk, code: CloseCode, text: &str) {
        self.send_last(desk, Close::new(sendable(code), text));
    }

    /// The answer to the peer's Close, or to a broken rule.
    pub(crate) fn send_close_owed(&mut self, desk: &mut Desk) {
        if let Some(close) = self.ws.close_owed() {
            self.send_last(desk, close);
        }
    }

    fn send_last(&mut self, desk: &mut Desk, close: Close<'_>) {
        let mut frame = [0; CONTROL_FRAME];
        if let Ok(len) = self.ws.outgoing.write_close(close, &mut frame) {
            let frame = frame.get(..len).unwrap_or_default();
            match &mut self.outbox {
                Some(outbox) => outbox.push_last(frame.to_vec()),
                None => self.put_made(desk, frame, Class::Close),
            }
        }
        self.closing(desk);
    }

    fn closing(&mut self, desk: &Desk) {
        self.deadlines.closing(&desk.config.timing, desk.now);
        if let Some(peer) = self.peer() {
            peer.ends();
        }
    }

    fn put_control(&mut self, desk: &mut Desk, frame: Frame, payload: &[u8], class: Class) -> Sent {
        let mut made = [0; CONTROL_FRAME];
        match self.ws.outgoing.write(frame, payload, &mut made) {
            Ok(len) => {
                self.put_made(desk, made.get(..len).unwrap_or_default(), class);
                Sent::Queued
            }
            Err(_) if self.ws.outgoing.is_closed() => Sent::Gone,
            Err(_) => Sent::Refused,
        }
    }

    /// A small frame that is ready.
    fn put_made(&mut self, desk: &mut Desk, frame: &[u8], class: Class) {
        if desk.cork.len() + frame.len() > CORK {
            self.uncork(desk);
        }
        let is_backed_up = self.is_backed_up();
        match &mut self.outbox {
            Some(outbox) if class == Class::Close => outbox.push_close(frame.to_vec()),
            Some(outbox) => outbox.push_control(frame.to_vec(), class),
            None if is_backed_up => {
                let outbox = self.outbox(desk);
                outbox.push(Bytes::Own(frame.to_vec()), class);
            }
            None => desk.cork.extend_from_slice(frame),
        }
    }

    /// A message that is encoded already, behind what waits.
    fn put_encoded(&mut self, desk: &mut Desk, encoded: &Encoded, form: Form) {
        // What lies on the desk was sent before.
        self.uncork(desk);
        let is_one_frame = encoded.is_one_frame();
        let is_open = self.ws.outgoing.open_message().is_some();
        let outbox = self.outbox(desk);
        for frame in encoded.frames() {
            let frame = Bytes::Shared(frame.clone());
            let item = match is_one_frame {
                true => form.item(frame, encoded.key()),
                false => Item::new(frame, Class::Fragment),
            };
            if is_open { outbox.hold(item) } else { outbox.add(item) }
        }
    }

    /// The outbox: one that lay on the desk, if there was none.
    pub(super) fn outbox(&mut self, desk: &mut Desk) -> &mut Outbox {
        self.outbox.get_or_insert_with(|| desk.outbox())
    }

    /// Whether something must leave before anything else may.
    pub(super) fn is_backed_up(&self) -> bool {
        self.outbox.is_some() || self.tls.as_ref().is_some_and(|tls| !tls.unsent.is_empty())
    }

    /// Writes what lies on the desk; what the socket does not take goes into the outbox.
    pub(super) fn uncork(&mut self, desk: &mut Desk) {
        if desk.cork.is_empty() {
            return;
        }
        let cork = std::mem::take(&mut desk.cork);
        let taken = self.transmit(desk, &[IoSlice::new(&cork)]);
        self.keep_rest(desk, &cork, taken);
        desk.clear_cork(cork);
    }

    /// Keeps what was not taken of what had been gathered.
    pub(super) fn keep_rest(&mut self, desk: &mut Desk, cork: &[u8], taken: usize) {
        if let Some(rest) = cork.get(taken..).filter(|rest| !rest.is_empty()) {
            // Nothing may come between it and what the socket took.
            debug_assert!(self.outbox.is_none());
            let outbox = self.outbox(desk);
            outbox.push(Bytes::Own(rest.to_vec()), Class::Started);
        }
    }
}

/// What a program asks for may be a code that must not be sent (RFC 6455 section 7.4).
const fn sendable(code: CloseCode) -> CloseCode {
    if code.is_sendable() { code } else { CloseCode::NORMAL }
}

impl Ending {
    /// The handler has closed the connection.
    pub(crate) fn by_handler(code: CloseCode, text: &str) -> Self {
        let text = text.to_owned();
        let ended = Ended { by: By::Us, code, text, reason: Reason::Normal };
        Self { ended, how: How::Deaf }
    }

    /// The server drains.
    pub(crate) fn by_drain(code: CloseCode, text: &str) -> Self {
        let text = text.to_owned();
        let ended = Ended { by: By::Us, code, text, reason: Reason::Draining };
        Self { ended, how: How::Hearing }
    }
}
