//! Opening connections: a few at a time, so that no server's backlog overflows.

use std::io;

use mio::{Interest, Poll, Token};

use super::link::{Link, Scratch, Target};
use super::script::Protocol;
use super::wait;

/// Fewer than the 128 connections that the standard library lets wait for `accept`.
const AT_ONCE: usize = 64;

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// What RFC 6455, section 1.3, answers to this key.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// What a connection has to have before it is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaits {
    Nothing,
    Upgrade,
    /// The request itself, from a server that knows no handshake.
    Echo,
}

/// A connection that is being opened.
pub(crate) struct Opening {
    link: Link,
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
        let awaits = match protocol {
            Protocol::WebSocket => Awaits::Upgrade,
            Protocol::Raw => Awaits::Nothing,
        };
        Self::begin(poll, target, awaits, token)
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
            Protocol::WebSocket => Awaits::Upgrade,
            Protocol::Raw => Awaits::Echo,
        };
        let mut opening = Self::begin(poll, target, awaits, token)?;
        opening.advance(scratch)?;
        Ok(opening)
    }

    fn begin(poll: &Poll, target: &Target, awaits: Awaits, token: Token) -> io::Result<Self> {
        let mut link = Link::connect(target)?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(link.socket(), token, interest)?;
        Ok(Self { link, awaits, is_set_up: false, sent: 0, received: Vec::new() })
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
        if self.sent < REQUEST.len() {
            self.sent += self.link.send(&REQUEST.as_bytes()[self.sent..])?;
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
            Awaits::Echo => Ok(self.received == REQUEST.as_bytes()),
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
