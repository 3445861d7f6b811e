//! From a socket that was accepted to a WebSocket that is open, or to a refusal.

use std::sync::atomic::Ordering;

use ws_core::Connection;
use ws_core::connection::{Deadlines, Incoming};
use ws_core::frame::CloseCode;
use ws_core::handshake::{Refusal, Upgrade};
use ws_core::{Decoder, Server, Side};

use super::Shard;
use super::slot::{Slot, Stage, guard};
use crate::actor::{ConnectionId, Context, Handler, Reason, Reject, say_farewells};
use crate::forwarded::proxy::{ProxyHeader, Read as Proxied};
use crate::http::{Facts, HeadLimits, HeadReader, Outcome, Received, Request, Response};
use crate::meters::Meters;
use crate::server::accept::Arrival;
use crate::server::engine::next_id;
use crate::server::negotiate::{Verdict, client_ip, judge};
use crate::tls::{ServerTls, Session};
use crate::wire::{Tls, Wire};
use mio::Token;

/// What is only needed until a connection is open.
pub(crate) struct Opening {
    head: HeadReader,
    facts: Facts,
    /// A PROXY header that must come first.
    proxy: Option<ProxyHeader>,
    /// TLS that begins after it.
    secure: Option<ServerTls>,
    /// What was decided at the door: the request is read, so that the answer can be.
    refusal: Option<Refusal>,
}

impl Opening {
    /// How many bytes of the request are kept.
    pub(super) fn retained(&self) -> usize {
        self.head.head().retained()
    }
}

impl<H: Handler> Shard<H> {
    /// Takes care of a socket that was accepted.
    pub(super) fn adopt(&mut self, arrival: Arrival) {
        let Arrival { mut socket, tls, proxy, refusal, address } = arrival;
        let config = self.desk.config.clone();
        let limits = &config.limits;
        let place = self.slots.vacant_entry();
        let key = place.key();
        let id = ConnectionId(next_id());
        self.served = true;
        if socket.register(self.poll.registry(), Token(key)).is_err() {
            match refusal {
                None => self.engine.gate.left(address),
                Some(_) => self.engine.gate.turned_away_left(),
            }
            self.desk.port.load.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        let deadlines = Deadlines::new(&config.timing, self.desk.now);
        let peer = socket.peer();
        let mut wire = Wire::new(id, socket, deadlines);
        wire.flags.turned_away = refusal.is_some();
        let decoder = Decoder::new(Side::Server).with_max_message(limits.message as u64);
        wire.ws =
            Connection { incoming: Incoming::from_decoder(decoder), ..Connection::new(Server) };
        if let Some(meters) = Meters::new(limits, address, self.desk.now) {
            wire.rare_mut().meters = Some(meters);
        }
        let opening = Opening {
            head: HeadReader::new(HeadLimits { max_bytes: limits.head, max_fields: limits.fields }),
            facts: Facts { peer, client_ip: peer.map(|peer| peer.ip()), ..Facts::default() },
            proxy: proxy.then(ProxyHeader::default),
            secure: tls,
            refusal,
        };
        place.insert(Slot { wire, stage: Stage::Opening(Box::new(opening)), extra: None });
        self.desk.metrics.open.add(1);
        if !proxy {
            self.secure(key);
        }
        self.settle(key);
    }

    /// Begins TLS, where it is spoken.
    fn secure(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        let Stage::Opening(opening) = &mut slot.stage else { return };
        let Some(tls) = opening.secure.take() else { return };
        match Session::new(&tls) {
            Ok(session) => {
                slot.wire.tls = Some(Box::new(Tls { session, unsent: vec![], has_beat: false }));
            }
            Err(error) => {
                tracing::error!(connection = slot.wire.id.0, %error, "no TLS session");
                self.drop_now(key);
            }
        }
    }

    /// Takes bytes of what comes before the first frame.
    pub(super) fn receive_head(&mut self, key: usize, arrived: &mut [u8]) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        let Stage::Opening(opening) = &mut slot.stage else { return };
        let mut arrived = arrived;
        if let Some(proxy) = &mut opening.proxy {
            match proxy.receive(arrived) {
                Proxied::More => return,
                Proxied::Bad => {
                    tracing::debug!(connection = slot.wire.id.0, "no PROXY header");
                    return self.drop_now(key);
                }
                Proxied::Done { consumed, source } => {
                    if let Some(source) = source {
                        opening.facts.client_ip = Some(source.ip());
                    }
                    opening.proxy = None;
                    arrived = arrived.get_mut(consumed..).unwrap_or_default();
                }
            }
            if opening.secure.is_some() {
                self.secure(key);
                return self.decrypt(key, arrived);
            }
        }
        let Received { consumed, outcome } = opening.head.receive(arrived);
        match outcome {
            Outcome::More => {}
            Outcome::Upgrade(upgrade) => self.upgrade(key, &upgrade),
            Outcome::Http => self.answer_http(key),
            Outcome::Refused(refusal) => self.refuse(key, refusal),
        }
        let rest = arrived.get_mut(consumed..).unwrap_or_default();
        if !rest.is_empty() {
            self.receive(key, rest);
        }
    }

    /// A valid request for a WebSocket.
    fn upgrade(&mut self, key: usize, upgrade: &Upgrade) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        let Stage::Opening(opening) = &mut slot.stage else { return };
        opening.facts.tls = slot.wire.tls.as_ref().map(|tls| tls.session.facts().into());
        if let Some(refusal) = opening.refusal {
            return self.refuse(key, refusal);
        }
        let Opening { head, facts, .. } = &mut **opening;
        let id = slot.wire.id;
        let verdict = judge(&self.engine, &self.desk, id, head.head(), facts, upgrade);
        match verdict {
            Verdict::Refuse(refusal) => self.refuse(key, refusal),
            Verdict::Respond(response) => self.respond(key, &response),
            Verdict::Accept(head, agreement) => {
                if let Some(agreement) = agreement {
                    slot.wire.agree(&self.desk, agreement);
                }
                slot.wire.send_bytes(&mut self.desk, &head);
                self.open(key);
            }
        }
    }

    /// The response is on its way: the connection is the handler's.
    fn open(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        let Slot { wire, stage, extra } = slot;
        let Stage::Opening(opening) = std::mem::replace(stage, Stage::Leaving { discarded: 0 })
        else {
            return;
        };
        let phase = self.desk.stock.take::<1>();
        wire.deadlines.opened(&self.desk.config.timing, self.desk.now, u8::from_le_bytes(phase));
        self.desk.metrics.handshakes_accepted.add(1);
        tracing::debug!(connection = wire.id.0, "open");
        let request = Request::new(opening.head.head(), &opening.facts);
        let (handler, pool) = (&self.engine.handler, &self.engine.pool);
        let mut ctx = Context { handler, wire, desk: &mut self.desk, pool, key, extra };
        let greeted = guard(|| handler.on_connect(&mut ctx, &request));
        match greeted {
            Ok(Ok(state)) => *stage = Stage::Open(state),
            // It was an actor, and others may be linked to it: whoever it was to be is not to stay.
            Ok(Err(reject)) => self.reject(key, &reject, &Reason::Protocol(reject.code)),
            Err(panicked) => {
                let reason = Reason::Panic(panicked.0.clone());
                slot.panicked(&mut self.desk, panicked);
                let reject = Reject::new(CloseCode::INTERNAL_ERROR, "");
                self.reject(key, &reject, &reason);
            }
        }
    }

    /// The handler does not take the connection.
    fn reject(&mut self, key: usize, reject: &Reject, reason: &Reason) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.wire.turn_away(&mut self.desk, reject);
        slot.wire.leave_rooms(&mut self.desk);
        say_farewells(&self.engine.handler, &mut self.desk);
        slot.abandon(&mut self.desk, reason);
        self.desk.metrics.closed(reject.code);
        tracing::debug!(connection = slot.wire.id.0, code = reject.code.0, "not taken");
    }

    /// A request that is no upgrade.
    fn answer_http(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        let Stage::Opening(opening) = &mut slot.stage else { return };
        if let Some(refusal) = opening.refusal {
            return self.refuse(key, refusal);
        }
        opening.facts.tls = slot.wire.tls.as_ref().map(|tls| tls.session.facts().into());
        let (head, trusted) = (opening.head.head(), &self.desk.config.trusted);
        opening.facts.client_ip = client_ip(trusted, head, &opening.facts);
        let request = Request::new(head, &opening.facts);
        let routes = &self.desk.config.routes;
        match guard(|| routes.answer(&request, self.engine.gate.serving(), &self.engine.metrics)) {
            Ok(Some(response)) => self.respond(key, &response),
            Ok(None) => self.refuse(key, Refusal::NotUpgrade),
            Err(panicked) => {
                let connection = slot.wire.id.0;
                tracing::error!(connection, panic = %panicked.0, "a route panicked");
                self.desk.metrics.panics.add(1);
                self.refuse(key, Refusal::Internal);
            }
        }
    }

    fn respond(&mut self, key: usize, response: &Response) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        let is_head = match &slot.stage {
            Stage::Opening(opening) => opening.head.head().method() == "HEAD",
            _ => false,
        };
        self.desk.metrics.http.add(1);
        let bytes = if is_head { response.encode_head() } else { response.encode() };
        slot.wire.send_bytes(&mut self.desk, &bytes);
        self.go(key);
    }

    fn refuse(&mut self, key: usize, refusal: Refusal) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        self.desk.metrics.refused(refusal.status());
        tracing::debug!(connection = slot.wire.id.0, reason = refusal.text(), "refused");
        let response = refusal.response();
        let mut bytes = vec![0; response.len()];
        response.write(0, &mut bytes);
        slot.wire.send_bytes(&mut self.desk, &bytes);
        self.go(key);
    }

    /// All has been said to one who got no WebSocket.
    fn go(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.stage = Stage::Leaving { discarded: 0 };
        slot.wire.deadlines.closing(&self.desk.config.timing, self.desk.now);
    }

    /// Takes records, and tells whether more may come.
    pub(super) fn decrypt_into(
        &mut self,
        key: usize,
        arrived: &mut [u8],
        plain: &mut Vec<u8>,
    ) -> bool {
        let Some(slot) = self.slots.get_mut(key) else { return false };
        let Some(tls) = &mut slot.wire.tls else { return false };
        let mut records = std::mem::take(&mut self.desk.cipher);
        records.clear();
        let was_handshaking = tls.session.is_handshaking();
        let received = tls.session.receive(arrived, plain, &mut records);
        slot.wire.send_records(&self.desk, &records);
        self.desk.cipher = records;
        match received {
            Ok(received) => !received.closed,
            Err(error) => {
                if was_handshaking {
                    self.desk.metrics.handshakes_tls.add(1);
                }
                tracing::debug!(connection = slot.wire.id.0, %error, "TLS has failed");
                false
            }
        }
    }
}
