//! Whether a request for a WebSocket is granted, and with what response.

use std::net::IpAddr;

use ws_core::handshake::{Agreement, DeflateOffer, Refusal, Upgrade};

use super::accept::RETRY_AFTER_SECONDS;
use super::config::Subprotocol;
use super::engine::Engine;
use super::gate::State;
use crate::actor::{Accept, AnswerKind, ConnectionId, Handler};
use crate::desk::Desk;
use crate::forwarded::{self, Trusted};
use crate::http::{Facts, Head, Request, Response};
use crate::server::shard::guard;

/// What becomes of a request.
pub(crate) enum Verdict {
    /// This response opens the WebSocket.
    Accept(Vec<u8>, Option<Agreement>),
    Refuse(Refusal),
    Respond(Response),
}

/// Judges a request: limits first, then the origin, then the subprotocol, then the handler.
pub(crate) fn judge<H: Handler>(
    engine: &Engine<H>,
    desk: &Desk,
    connection: ConnectionId,
    head: &Head,
    facts: &mut Facts,
    upgrade: &Upgrade,
) -> Verdict {
    let config = &engine.config;
    if engine.gate.state() >= State::NotAccepting || engine.gate.is_full_of_bytes() {
        return Verdict::Refuse(Refusal::Unavailable { retry_after_seconds: RETRY_AFTER_SECONDS });
    }
    let request = Request::new(head, facts);
    let (client_ip, forwarded_host) = forwarded(&config.trusted, &request);
    let host = forwarded_host.or(request.host());
    if !config.origins.allows(request.head().values("Origin"), host) {
        tracing::warn!(
            connection = connection.0,
            origin = request.origin(),
            "refused by the origin policy: see Builder::origins"
        );
        return Verdict::Refuse(Refusal::Forbidden);
    }
    let mut known = config.subprotocols.iter();
    let chosen = known.find(|name| request.offers(name)).cloned();
    if chosen.is_none() && config.subprotocol == Subprotocol::Required {
        return Verdict::Respond(Response::bad_request("no subprotocol in common"));
    }
    facts.client_ip = client_ip;
    facts.subprotocol = chosen;
    let request = Request::new(head, facts);
    let answer = match guard(|| engine.handler.on_request(&request)) {
        Ok(answer) => answer.0,
        Err(panicked) => {
            desk.metrics.panics.add(1);
            tracing::error!(
                connection = connection.0,
                panic = %panicked.0,
                "on_request panicked"
            );
            return Verdict::Refuse(Refusal::Internal);
        }
    };
    match answer {
        AnswerKind::Refuse(refusal) => Verdict::Refuse(refusal),
        AnswerKind::Respond(response) => Verdict::Respond(response),
        AnswerKind::Accept(accept) => {
            if let Some(name) = &accept.subprotocol
                && !request.offers(name)
            {
                tracing::error!(
                    connection = connection.0,
                    name,
                    "on_request chose a subprotocol that was not offered"
                );
                return Verdict::Refuse(Refusal::Internal);
            }
            let offers = request.head().values("Sec-WebSocket-Extensions");
            let deflate = config.compression.and_then(|settings| settings.answer(offers));
            grant(connection, facts, upgrade, accept, deflate)
        }
    }
}

/// Where the client of a request that is no upgrade is.
pub(crate) fn client_ip(trusted: &Trusted, head: &Head, facts: &Facts) -> Option<IpAddr> {
    forwarded(trusted, &Request::new(head, facts)).0
}

/// Where the client is, and which host it asked for, if proxies that we trust say so.
fn forwarded<'a>(trusted: &Trusted, request: &Request<'a>) -> (Option<IpAddr>, Option<&'a str>) {
    let Some(peer) = request.client_ip() else { return (None, None) };
    let client = forwarded::client_ip(trusted, peer, request.head().values("X-Forwarded-For"));
    let host = request.head().values("X-Forwarded-Host").next();
    (Some(client), forwarded::host(trusted, peer, host))
}

fn grant(
    connection: ConnectionId,
    facts: &mut Facts,
    upgrade: &Upgrade,
    accept: Accept,
    deflate: Option<(DeflateOffer, Agreement)>,
) -> Verdict {
    if accept.subprotocol.is_some() {
        facts.subprotocol = accept.subprotocol;
    }
    let headers = accept.headers.iter();
    let headers: Vec<_> = headers.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let upgrade = deflate.map_or(*upgrade, |(answer, _)| upgrade.with_deflate(answer));
    match upgrade.response(facts.subprotocol.as_deref(), &headers) {
        Ok(response) => {
            let mut bytes = vec![0; response.len()];
            response.write(0, &mut bytes);
            Verdict::Accept(bytes, deflate.map(|(_, agreement)| agreement))
        }
        Err(error) => {
            tracing::error!(connection = connection.0, %error, "the response cannot be sent");
            Verdict::Refuse(Refusal::Internal)
        }
    }
}
