//! The client's side: asking for a WebSocket and reading the answer (RFC 6455 section 4.1).

use core::fmt;

use super::accept::new_key;
#[cfg(feature = "deflate")]
use super::agreement::Agreement;
use super::answer::{Answer, ClientError};
#[cfg(feature = "deflate")]
use super::deflate::DeflateOffer;
use super::grammar::{is_authority, is_token};
use super::head::{Head, Line, MAX_HEAD};
use super::outgoing::{Content, OutgoingHead, Window};
use super::progress::{Field, Progress};
use super::status::Status;
use super::target::is_target;
use super::upgrade::{BadHeader, check_headers};

/// What a client sees of the response as it passes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Seen {
    /// The status line.
    Status(Status),
    /// A header field, whole or in pieces.
    Field(Field),
    /// An interim response ended; the real one follows.
    Interim,
    /// The WebSocket is open. What follows in the buffer are frames.
    Complete {
        /// Which of the offered subprotocols the server agreed to.
        subprotocol: Option<usize>,
    },
}

/// Asks for a WebSocket and reads the answer.
///
/// Send the [`request`](Self::request), then offer the unread bytes with
/// [`receive`](Self::receive) until it has seen [`Seen::Complete`], or fails.
#[derive(Clone, Copy)]
pub struct ClientHandshake<'a> {
    key: [u8; 24],
    subprotocols: &'a [&'a str],
    head: Head,
    answer: Answer,
    failed: Option<ClientError>,
}

impl<'a> ClientHandshake<'a> {
    /// With 16 fresh random bytes, and the subprotocols to offer, the best first.
    pub fn new(nonce: [u8; 16], subprotocols: &'a [&'a str]) -> Self {
        Self::with_max_head(nonce, subprotocols, MAX_HEAD)
    }

    /// The same for a response whose head has at most `max_bytes`.
    pub fn with_max_head(nonce: [u8; 16], subprotocols: &'a [&'a str], max_bytes: u32) -> Self {
        Self {
            key: new_key(nonce),
            subprotocols,
            head: Head::new(max_bytes),
            answer: Answer::default(),
            failed: None,
        }
    }

    /// The same with an offer to compress, which [`request`](Self::request) carries then.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub const fn with_deflate(mut self, offer: DeflateOffer) -> Self {
        self.answer.deflate.offered = Some(offer);
        self
    }

    /// What the server agreed to, once the response is complete; none if nothing is compressed.
    #[cfg(feature = "deflate")]
    pub const fn deflate(&self) -> Option<Agreement> {
        self.answer.deflate.agreed
    }

    /// The request: `host` with its port unless that is the default one, `target` from its first
    /// slash on, and headers of the application.
    ///
    /// # Errors
    ///
    /// What would break the request, or say something else than the handshake does.
    pub fn request<'r>(
        &'r self,
        host: &'r str,
        target: &'r str,
        headers: &'r [(&'r str, &'r str)],
    ) -> Result<OutgoingHead<'r>, BadHeader> {
        if host.is_empty() || !is_authority(host.as_bytes()) {
            return Err(BadHeader::Host);
        }
        if !target.starts_with('/') || !is_target(target.as_bytes()) {
            return Err(BadHeader::Target);
        }
        check_headers(headers)?;
        check_subprotocols(self.subprotocols)?;
        let request = Request {
            host,
            target,
            key: &self.key,
            subprotocols: self.subprotocols,
            #[cfg(feature = "deflate")]
            deflate: self.answer.deflate.offered,
            headers,
        };
        Ok(OutgoingHead { content: Content::Request(request) })
    }

    /// Looks at the unread bytes of the response, up to the next thing to see.
    ///
    /// `bytes` begin with those that were not consumed by the last call, unchanged; `capacity` is
    /// how many the caller can offer at most: its whole buffer.
    ///
    /// # Errors
    ///
    /// Why there is no WebSocket, the same at every later call. A status other than 101 is
    /// reported at the end of the head, when all headers have been seen; the body, if there is
    /// one, begins after the first two of `bytes`.
    pub fn receive(
        &mut self,
        bytes: &[u8],
        capacity: usize,
    ) -> Result<Progress<Seen>, ClientError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let result = self.advance(bytes, capacity);
        self.failed = result.err();
        result
    }

    fn advance(&mut self, bytes: &[u8], capacity: usize) -> Result<Progress<Seen>, ClientError> {
        let Progress { consumed, seen } = self.head.next(bytes, capacity)?;
        let seen = match seen {
            None => None,
            Some(Line::Start(line)) => Some(Seen::Status(self.answer.line(line.of(bytes))?)),
            Some(Line::Field(field)) => {
                self.answer.field(field, bytes, &self.key, self.subprotocols)?;
                Some(Seen::Field(field))
            }
            // RFC 9110 section 15.2: "A client MUST be able to parse one or more 1xx responses
            // received prior to a final response".
            Some(Line::Empty) if self.answer.status.is_interim() => {
                self.head.restart();
                Some(Seen::Interim)
            }
            Some(Line::Empty) => Some(Seen::Complete { subprotocol: self.answer.complete()? }),
        };
        Ok(Progress { consumed, seen })
    }
}

/// What varies of a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Request<'a> {
    host: &'a str,
    target: &'a str,
    key: &'a [u8],
    subprotocols: &'a [&'a str],
    #[cfg(feature = "deflate")]
    deflate: Option<DeflateOffer>,
    headers: &'a [(&'a str, &'a str)],
}

impl Request<'_> {
    pub(super) fn pour(&self, window: &mut Window<'_>) {
        window.put(b"GET ");
        window.put(self.target.as_bytes());
        window.put(b" HTTP/1.1\r\nHost: ");
        window.put(self.host.as_bytes());
        window.put(
            b"\r\nUpgrade: websocket\r\n\
            Connection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: ",
        );
        window.put(self.key);
        if !self.subprotocols.is_empty() {
            window.put(b"\r\nSec-WebSocket-Protocol: ");
            window.put_list(self.subprotocols);
        }
        window.put(b"\r\n");
        #[cfg(feature = "deflate")]
        if let Some(offer) = self.deflate {
            offer.pour(window);
        }
        window.put_headers(self.headers);
        window.put(b"\r\n");
    }
}

/// RFC 6455 section 4.1: "The elements that comprise this value MUST be non-empty strings [...] not
/// including separator characters [...] and MUST all be unique strings."
fn check_subprotocols(names: &[&str]) -> Result<(), BadHeader> {
    let mut rest = names.iter();
    while let Some(name) = rest.next() {
        if !is_token(name.as_bytes()) || rest.as_slice().contains(name) {
            return Err(BadHeader::Subprotocol);
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;

/// Tells how it stands, and neither the key nor anything of the response.
impl fmt::Debug for ClientHandshake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHandshake").field("failed", &self.failed).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ClientHandshake<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "ClientHandshake {{ failed: {} }}", self.failed);
    }
}
