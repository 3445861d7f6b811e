//! A valid opening handshake, and the response that accepts it.

use core::fmt;

use super::accept::Accept;
#[cfg(feature = "deflate")]
use super::agreement::Agreement;
#[cfg(feature = "deflate")]
use super::deflate::DeflateOffer;
use super::grammar::{Name, is_token, is_value_char};
use super::outgoing::{Content, OutgoingHead, Window};

/// A request for a WebSocket that the server may accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Upgrade {
    accept: Accept,
    #[cfg(feature = "deflate")]
    deflate: Option<DeflateOffer>,
}

impl Upgrade {
    pub(super) const fn new(accept: Accept) -> Self {
        Self {
            accept,
            #[cfg(feature = "deflate")]
            deflate: None,
        }
    }

    /// The same with an answer to an offer to compress, which [`response`](Self::response) carries
    /// then: what [`DeflateAnswer`](super::DeflateAnswer) chose.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub const fn with_deflate(mut self, answer: DeflateOffer) -> Self {
        self.deflate = Some(answer);
        self
    }

    /// What that answer agrees to; none if nothing is compressed.
    #[cfg(feature = "deflate")]
    pub fn agreement(&self) -> Option<Agreement> {
        self.deflate.as_ref().map(Agreement::of)
    }

    /// The response that opens the WebSocket, with the subprotocol that the server chose among
    /// those offered, and headers of the application.
    ///
    /// # Errors
    ///
    /// What would break the response, or say something else than the handshake does.
    pub fn response<'a>(
        &'a self,
        subprotocol: Option<&'a str>,
        headers: &'a [(&'a str, &'a str)],
    ) -> Result<OutgoingHead<'a>, BadHeader> {
        check_headers(headers)?;
        if subprotocol.is_some_and(|name| !is_token(name.as_bytes())) {
            return Err(BadHeader::Subprotocol);
        }
        let acceptance = Acceptance {
            accept: &self.accept,
            subprotocol,
            #[cfg(feature = "deflate")]
            deflate: self.deflate,
            headers,
        };
        Ok(OutgoingHead { content: Content::Acceptance(acceptance) })
    }
}

/// What varies of a response that accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Acceptance<'a> {
    accept: &'a Accept,
    subprotocol: Option<&'a str>,
    #[cfg(feature = "deflate")]
    deflate: Option<DeflateOffer>,
    headers: &'a [(&'a str, &'a str)],
}

impl Acceptance<'_> {
    pub(super) fn pour(&self, window: &mut Window<'_>) {
        window.put(
            b"HTTP/1.1 101 Switching Protocols\r\n\
            Upgrade: websocket\r\n\
            Connection: Upgrade\r\n\
            Sec-WebSocket-Accept: ",
        );
        window.put(&self.accept.0);
        if let Some(subprotocol) = self.subprotocol {
            window.put(b"\r\nSec-WebSocket-Protocol: ");
            window.put(subprotocol.as_bytes());
        }
        window.put(b"\r\n");
        #[cfg(feature = "deflate")]
        if let Some(answer) = self.deflate {
            answer.pour(window);
        }
        window.put_headers(self.headers);
        window.put(b"\r\n");
    }
}

/// Something to be sent that would break the head it is in: a mistake of the program, or input
/// that it passed on unchecked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BadHeader {
    /// A header name that is not a token.
    Name,
    /// A header value with a control character, such as a line end.
    Value,
    /// A header that the handshake itself writes or gives a meaning to.
    Reserved,
    /// A subprotocol that is not a token, or is offered twice.
    Subprotocol,
    /// A host that is none.
    Host,
    /// A target that does not begin with a slash, or holds what has to be escaped.
    Target,
}

impl fmt::Display for BadHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "a header name is not a token",
            Self::Value => "a header value holds a control character",
            Self::Reserved => "a header belongs to the handshake",
            Self::Subprotocol => "a subprotocol is not a token, or is there twice",
            Self::Host => "the host is none",
            Self::Target => "the target is not a path",
        })
    }
}

impl core::error::Error for BadHeader {}

/// Whether headers of the application can be sent as they are.
pub(super) fn check_headers(headers: &[(&str, &str)]) -> Result<(), BadHeader> {
    for (name, value) in headers {
        if !is_token(name.as_bytes()) {
            return Err(BadHeader::Name);
        }
        if !value.bytes().all(is_value_char) {
            return Err(BadHeader::Value);
        }
        if Name::of(name.as_bytes()).is_some() {
            return Err(BadHeader::Reserved);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const UPGRADE: Upgrade = Upgrade::new(Accept(*b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));

    #[track_caller]
    fn check(outgoing: OutgoingHead<'_>, expected: &str) {
        let mut out = [0; 300];
        let len = outgoing.write(0, &mut out);
        assert_eq!(core::str::from_utf8(&out[..len]).unwrap(), expected);
    }

    #[test]
    fn without_extras_it_is_what_section_4_2_2_asks_for() {
        check(
            UPGRADE.response(None, &[]).unwrap(),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        );
    }

    #[test]
    fn a_subprotocol_and_headers_come_after() {
        check(
            UPGRADE.response(Some("chat"), &[("Server", "ws"), ("Set-Cookie", "a=b")]).unwrap(),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\
             Server: ws\r\nSet-Cookie: a=b\r\n\r\n",
        );
    }

    /// EXT-01
    #[cfg(feature = "deflate")]
    #[test]
    fn what_was_agreed_on_stands_between_them() {
        let answer = DeflateOffer { server_no_context_takeover: true, ..DeflateOffer::default() };
        check(
            UPGRADE.with_deflate(answer).response(Some("chat"), &[("Server", "ws")]).unwrap(),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\
             Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n\
             Server: ws\r\n\r\n",
        );
    }

    #[test]
    fn nothing_can_be_smuggled_in() {
        let header = |name, value| UPGRADE.response(None, &[(name, value)]).err();
        assert_eq!(header("X: y\r\nZ", "z"), Some(BadHeader::Name));
        assert_eq!(header("", "z"), Some(BadHeader::Name));
        assert_eq!(header("X", "y\r\nZ: z"), Some(BadHeader::Value));
        assert_eq!(header("X", "\0"), Some(BadHeader::Value));
        assert_eq!(header("sec-websocket-accept", "x"), Some(BadHeader::Reserved));
        assert_eq!(header("Transfer-Encoding", "chunked"), Some(BadHeader::Reserved));
        assert_eq!(header("X", "\t\u{e4}"), None);
        for bad in ["", "a,b", "a\r\n", "a b"] {
            assert_eq!(UPGRADE.response(Some(bad), &[]), Err(BadHeader::Subprotocol));
        }
    }
}
