//! What is to be sent: onto the desk if it can leave with this turn, else into the outbox.

use std::io::IoSlice;

use ws_core::connection::Frame;
use ws_core::frame::{Close, CloseCode, MAX_CONTROL, MAX_HEADER};

use super::outbox::{Bytes, Class};
use super::{Ending, How, Wire};
use crate::actor::{By, Encoded, Ended, Message, Reason, Sent};
use crate::desk::{CORK, Desk};
use crate::metrics::Dropped;
use crate::server::Overflow;

/// A whole control frame from a server.
const CONTROL_FRAME: usize = 2 + MAX_CONTROL;

impl Wire {
    /// Sends a message that the program lends: while the connection has its turn.
    pub(crate) fn send(&mut self, desk: &mut Desk, message: Message<'_>) -> Sent {
        if let Err(sent) = self.admit(desk) {
            return sent;
        }
        let kind = message.kind();
        let fragment = desk.config.limits.fragment.max(1);
        let mut rest = message.bytes();
        let mut class = Class::Message;
        while rest.len() > fragment {
            let (front, back) = rest.split_at(fragment);
            class = Class::Fragment;
            self.put(desk, Frame::Part(kind), front, class);
            rest = back;
        }
        let frame = Frame::Message(kind);
        self.put(desk, if class == Class::Message { frame } else { frame.rest() }, rest, class);
        desk.metrics.sent(kind);
        Sent::Queued
    }

    /// Sends a message that many share: it leaves when the turn is over.
    pub(crate) fn send_encoded(&mut self, desk: &mut Desk, encoded: &Encoded) -> Sent {
        if let Err(sent) = self.admit(desk) {
            return sent;
        }
        let class = if encoded.is_one_frame() { Class::Message } else { Class::Fragment };
        let outbox = self.outbox.get_or_insert_default();
        for frame in encoded.frames() {
            outbox.push(Bytes::Shared(frame.clone()), class);
        }
        desk.metrics.sent(encoded.kind);
        Sent::Queued
    }

    /// Sends what is no frame: a response to a request.
    pub(crate) fn send_bytes(&mut self, desk: &mut Desk, bytes: &[u8]) {
        if desk.cork.len() + bytes.len() <= CORK {
            desk.cork.extend_from_slice(bytes);
        } else {
            self.write_through(desk, &[], bytes, Class::Started);
        }
    }

    /// Sends a Ping of the program's.
    pub(crate) fn send_ping(&mut self, desk: &mut Desk, payload: &[u8]) -> Sent {
        self.put_control(desk, Frame::Ping, payload, Class::Ping)
    }

    /// Sends the heartbeat's Ping. It goes through the outbox, which tells when it has left.
    pub(crate) fn send_beat(&mut self, nonce: [u8; 8]) {
        let mut frame = [0; CONTROL_FRAME];
        if let Ok(len) = self.ws.outgoing.write(Frame::Ping, &nonce, &mut frame) {
            let frame = frame.get(..len).unwrap_or_default().to_vec();
            self.outbox.get_or_insert_default().push_control(frame, Class::Beat);
        }
    }

    /// Answers a Ping.
    pub(crate) fn send_pong(&mut self, desk: &mut Desk, payload: &[u8]) {
        self.put_control(desk, Frame::Pong, payload, Class::Pong);
    }

    /// Sends Close after all that was sent before, and waits for the peer's: the handler is done
    /// with this connection, or the server is.
    pub(crate) fn close(&mut self, desk: &mut Desk, code: CloseCode, text: &str, ending: Ending) {
        if self.ending.is_some() || self.ws.outgoing.is_closed() {
            return;
        }
        let code = if code.is_sendable() { code } else { CloseCode::NORMAL };
        let mut frame = [0; CONTROL_FRAME];
        if let Ok(len) = self.ws.outgoing.write_close(Close::new(code, text), &mut frame) {
            let frame = frame.get(..len).unwrap_or_default();
            self.put_made(desk, frame, Class::Close);
        }
        self.ending = Some(Box::new(ending));
        self.closing(desk);
    }

    /// Sends Close in front of all that was sent before and has not begun to leave.
    pub(super) fn push_close(&mut self, desk: &mut Desk, code: CloseCode, text: &str) {
        let code = if code.is_sendable() { code } else { CloseCode::NORMAL };
        self.send_last(desk, Close::new(code, text));
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
        if let Some(peer) = &self.peer {
            peer.is_gone();
        }
    }

    /// Whether a message may be sent now; what became of it if not.
    fn admit(&mut self, desk: &mut Desk) -> Result<(), Sent> {
        if self.ws.outgoing.is_closed() {
            return Err(Sent::Gone);
        }
        let limits = &desk.config.limits;
        if self.waiting() < limits.outbox_limit.max(1) {
            return Ok(());
        }
        match limits.overflow {
            Overflow::DropNewest => {
                desk.metrics.dropped(Dropped::Newest);
                return Err(Sent::Full);
            }
            Overflow::DropOldest => {
                let limit = limits.outbox_limit.max(1);
                while self.waiting() >= limit {
                    if !self.outbox.as_mut().is_some_and(|outbox| outbox.drop_oldest()) {
                        desk.metrics.dropped(Dropped::Newest);
                        return Err(Sent::Full);
                    }
                    desk.metrics.dropped(Dropped::Oldest);
                }
                return Ok(());
            }
            Overflow::Close => desk.metrics.dropped(Dropped::Close),
        }
        let ended = Ended {
            by: By::Us,
            code: CloseCode::POLICY,
            text: Reason::SlowConsumer.to_string(),
            reason: Reason::SlowConsumer,
        };
        self.fail(desk, CloseCode::POLICY, ended);
        Err(Sent::Full)
    }

    fn put_control(
        &mut self,
        desk: &mut Desk,
        frame: Frame,
        payload: &[u8],
        class: Class,
    ) -> Sent {
        let mut made = [0; CONTROL_FRAME];
        match self.ws.outgoing.write(frame, payload, &mut made) {
            Ok(len) => {
                self.put_made(desk, made.get(..len).unwrap_or_default(), class);
                Sent::Queued
            }
            Err(_) if self.ws.outgoing.is_closed() => Sent::Gone,
            Err(_) => Sent::Full,
        }
    }

    /// A small frame that is ready.
    fn put_made(&mut self, desk: &mut Desk, frame: &[u8], class: Class) {
        if desk.cork.len() + frame.len() > CORK {
            self.uncork(desk);
        }
        match &mut self.outbox {
            Some(outbox) if class == Class::Close => {
                outbox.push(Bytes::Own(frame.to_vec()), class);
            }
            Some(outbox) => outbox.push_control(frame.to_vec(), class),
            None => desk.cork.extend_from_slice(frame),
        }
    }

    /// A data frame: onto the desk, or written through if it is large, or behind what waits.
    fn put(&mut self, desk: &mut Desk, frame: Frame, payload: &[u8], class: Class) {
        let Ok(prefix) = self.ws.outgoing.prefix(frame, payload.len() as u64) else { return };
        let header = prefix.header.as_slice();
        if self.is_backed_up() {
            let outbox = self.outbox.get_or_insert_default();
            outbox.push(Bytes::Own(join(header, payload)), class);
        } else if desk.cork.len() + header.len() + payload.len() <= CORK {
            desk.cork.extend_from_slice(header);
            desk.cork.extend_from_slice(payload);
        } else {
            self.write_through(desk, header, payload, class);
        }
    }

    /// Whether something must leave before anything else may.
    fn is_backed_up(&self) -> bool {
        self.outbox.is_some() || self.tls.as_ref().is_some_and(|tls| !tls.unsent.is_empty())
    }

    /// Writes what lies on the desk and a large frame from where it lies, in one call; what the
    /// socket does not take of them is copied.
    fn write_through(&mut self, desk: &mut Desk, header: &[u8], payload: &[u8], class: Class) {
        let cork = std::mem::take(&mut desk.cork);
        let pieces = [IoSlice::new(&cork), IoSlice::new(header), IoSlice::new(payload)];
        let taken = self.transmit(desk, &pieces);
        if let Some(rest) = cork.get(taken..).filter(|rest| !rest.is_empty()) {
            let outbox = self.outbox.get_or_insert_default();
            outbox.push(Bytes::Own(rest.to_vec()), Class::Started);
        }
        let taken = taken.saturating_sub(cork.len());
        if taken < header.len() + payload.len() {
            let header_rest = header.get(taken..).unwrap_or_default();
            let payload_rest = payload.get(taken.saturating_sub(header.len())..);
            let rest = join(header_rest, payload_rest.unwrap_or_default());
            let class = if taken > 0 { Class::Started } else { class };
            self.outbox.get_or_insert_default().push(Bytes::Own(rest), class);
        }
        desk.cork = cork;
        desk.cork.clear();
    }

    /// Writes what lies on the desk; what the socket does not take goes into the outbox.
    pub(super) fn uncork(&mut self, desk: &mut Desk) {
        if desk.cork.is_empty() {
            return;
        }
        let cork = std::mem::take(&mut desk.cork);
        let taken = self.transmit(desk, &[IoSlice::new(&cork)]);
        if let Some(rest) = cork.get(taken..).filter(|rest| !rest.is_empty()) {
            let outbox = self.outbox.get_or_insert_default();
            outbox.push(Bytes::Own(rest.to_vec()), Class::Started);
        }
        desk.cork = cork;
        desk.cork.clear();
    }
}

fn join(header: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(MAX_HEADER + payload.len());
    frame.extend_from_slice(header);
    frame.extend_from_slice(payload);
    frame
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
