//! Opening connections: a few at a time, so that no server's backlog overflows.

use std::io;

use mio::{Interest, Poll, Token};
use ws_core::handshake::{DeflateOffer, Offer, Offers, Takeover};

use super::link::{Link, Scratch, Target};
use super::script::Protocol;
use super::wait;

/// Fewer than the 128 connections that the standard library lets wait for `accept`.
const AT_ONCE: usize = 64;

/// The request, with these headers of its own.
macro_rules! request {
    ($headers:expr) => {
        concat!(
            "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
            $headers,
            "\r\n"
        )
    };
}

const REQUEST: &str = request!("");

const TAKES_OVER: &str = request!("Sec-WebSocket-Extensions: permessage-deflate\r\n");

const FORGETS: &str = request!(
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; \
     client_no_context_takeover\r\n"
);

/// What RFC 6455, section 1.3, answers to this key.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// What a connection has to have before it is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaits {
    Nothing,
    Upgrade,
    /// One that agrees to compress, and to forget its window if it was asked to.
    Compression(Takeover),
    /// The request itself, from a server that knows no handshake.
    Echo,
}

/// A connection that is being opened.
pub(crate) struct Opening {
    link: Link,
    request: &'static str,
    awaits: Awaits,
    is_set_up: bool,
    sent: usize,
    received: Vec<u8>,
}

impl Opening {
    /// One that will be used.
    pub(crate) fn to_use(
        poll: &Poll,
        target: &Target,
        protocol: Protocol,
        token: Token,
    ) -> io::Result<Self> {
        let (request, awaits) = match protocol {
            Protocol::WebSocket => (REQUEST, Awaits::Upgrade),
            Protocol::Deflate(asked @ Takeover::Keep) => (TAKES_OVER, Awaits::Compression(asked)),
            Protocol::Deflate(asked @ Takeover::Forget) => (FORGETS, Awaits::Compression(asked)),
            Protocol::Raw => (REQUEST, Awaits::Nothing),
        };
        Self::begin(poll, target, request, awaits, token)
    }

    /// One that is opened for the sake of the handshake. On the loopback the connection stands
    /// at once, and the request goes out without waiting for an event to say so.
    pub(crate) fn to_count(
        poll: &Poll,
        target: &Target,
        protocol: Protocol,
        token: Token,
        scratch: &mut Scratch,
    ) -> io::Result<Self> {
        let awaits = match protocol {
            Protocol::WebSocket | Protocol::Deflate(_) => Awaits::Upgrade,
            Protocol::Raw => Awaits::Echo,
        };
        let mut opening = Self::begin(poll, target, REQUEST, awaits, token)?;
        opening.advance(scratch)?;
        Ok(opening)
    }

    fn begin(
        poll: &Poll,
        target: &Target,
        request: &'static str,
        awaits: Awaits,
        token: Token,
    ) -> io::Result<Self> {
        let mut link = Link::connect(target)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(link.socket(), token, interest)?;
        Ok(Self { link, request, awaits, is_set_up: false, sent: 0, received: Vec::new() })
    }

    /// Goes on as far as it can. Tells whether the connection is open.
    pub(crate) fn advance(&mut self, scratch: &mut Scratch) -> io::Result<bool> {
        if !self.is_set_up {
            if !self.link.is_connected()? {
                return Ok(false);
            }
            self.link.set_up()?;
            self.is_set_up = true;
        }
        if self.awaits == Awaits::Nothing {
            return Ok(true);
        }
        if self.sent < self.request.len() {
            self.sent += self.link.send(&self.request.as_bytes()[self.sent..])?;
            // The answer is an event of its own.
            return Ok(false);
        }
        self.link.flush()?;
        let received = &mut self.received;
        self.link.receive(scratch, |bytes| {
            received.extend(bytes);
            Ok(())
        })?;
        match self.awaits {
            Awaits::Echo => Ok(self.received == self.request.as_bytes()),
            Awaits::Compression(asked) => {
                Ok(is_upgraded(&self.received)? && compresses(&self.received, asked)?)
            }
            _ => is_upgraded(&self.received),
        }
    }

    pub(crate) fn into_link(self) -> Link {
        self.link
    }
}

fn is_upgraded(response: &[u8]) -> io::Result<bool> {
    if !response.ends_with(b"\r\n\r\n") {
        return Ok(false);
    }
    let text = String::from_utf8_lossy(response);
    if text.starts_with("HTTP/1.1 101") && text.contains(ACCEPT) {
        return Ok(true);
    }
    Err(io::Error::other(format!("the handshake was answered by {:?}", text.lines().next())))
}

/// "A server accepts an extension negotiation offer that includes the "server_no_context_takeover"
/// extension parameter by including the "server_no_context_takeover" extension parameter in the
/// corresponding extension negotiation response" (RFC 7692 section 7.1.1.1). One that leaves it out
/// may refer to a window that nobody has kept.
fn compresses(response: &[u8], asked: Takeover) -> io::Result<bool> {
    let Some(answer) = deflate_answer(&String::from_utf8_lossy(response)) else {
        return Err(io::Error::other("it does not compress"));
    };
    match asked {
        Takeover::Forget if !answer.server_no_context_takeover => {
            Err(io::Error::other("it takes over the context, which it was asked not to"))
        }
        _ => Ok(true),
    }
}

/// The parameters that a server has agreed to, if it compresses.
fn deflate_answer(response: &str) -> Option<DeflateOffer> {
    let fields = response.lines().filter_map(|line| line.split_once(':'));
    let mut values =
        fields.filter(|(name, _)| name.eq_ignore_ascii_case("Sec-WebSocket-Extensions"));
    match Offers::new(values.next()?.1.trim().as_bytes()).next()? {
        Ok(Offer::Deflate(answer)) => Some(answer),
        _ => None,
    }
}

/// Opens so many connections; each is known to `poll` by its place among them.
pub(crate) fn open(
    poll: &mut Poll,
    target: &Target,
    protocol: Protocol,
    count: usize,
    scratch: &mut Scratch,
) -> io::Result<Vec<Link>> {
    let mut open: Vec<Option<Link>> = (0..count).map(|_| None).collect();
    let mut opening: Vec<Option<Opening>> = (0..count).map(|_| None).collect();
    let (mut begun, mut done) = (0, 0);
    let mut events = mio::Events::with_capacity(AT_ONCE);
    while done < count {
        while begun < count && begun - done < AT_ONCE {
            opening[begun] = Some(Opening::to_use(poll, target, protocol, Token(begun))?);
            begun += 1;
        }
        wait(poll, &mut events)?;
        for event in &events {
            let place = event.token().0;
            let Some(connection) = &mut opening[place] else { continue };
            if connection.advance(scratch)? {
                open[place] = opening[place].take().map(Opening::into_link);
                done += 1;
            }
        }
    }
    Ok(open.into_iter().flatten().collect())
}
