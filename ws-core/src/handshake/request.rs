//! What a request must have to open a WebSocket (RFC 6455 section 4.2.1).

use super::accept::{Accept, accept_key, is_key};
use super::extension::is_well_formed;
use super::grammar::{List, Name, cut, http_1_minor, is_authority, is_token, same_word};
use super::head::HeadError;
use super::progress::Field;
use super::refusal::Refusal;
use super::target::{is_resource, is_target};
use super::upgrade::Upgrade;
use crate::Span;

/// What is known of the request so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    is_http_1_0: bool,
    is_get: bool,
    /// A WebSocket can be opened at the target.
    is_resource: bool,
    has_host: bool,
    /// "websocket" is among the protocols of Upgrade.
    upgrade: bool,
    /// "upgrade" is among the options of Connection.
    connection: bool,
    has_body: bool,
    version: Option<Version>,
    /// The answer to the key, which was there.
    accept: Option<Accept>,
}

#[derive(Clone, Copy, Debug)]
enum Version {
    Thirteen,
    Other,
}

impl Request {
    pub(super) const NOTHING: Self = Self {
        is_http_1_0: false,
        is_get: false,
        is_resource: false,
        has_host: false,
        upgrade: false,
        connection: false,
        has_body: false,
        version: None,
        accept: None,
    };

    /// Takes in the request line, and says where its method and its target lie.
    ///
    /// RFC 9112 section 3: "request-line = method SP request-target SP HTTP-version".
    pub(super) fn line(&mut self, line: Span, bytes: &[u8]) -> Result<(Span, Span), Refusal> {
        let (method, rest) = cut(line.of(bytes), b' ').ok_or(Refusal::RequestLine)?;
        let (target, version) = cut(rest, b' ').ok_or(Refusal::RequestLine)?;
        if !is_token(method) {
            return Err(Refusal::RequestLine);
        }
        if !is_target(target) {
            return Err(Refusal::Target);
        }
        self.is_http_1_0 = http_1_minor(version).ok_or(Refusal::HttpVersion)? == 0;
        self.is_get = method == b"GET";
        self.is_resource = is_resource(target);
        let method = Span::new(line.start, method.len());
        Ok((method, Span::new(method.end.wrapping_add(1), target.len())))
    }

    /// Takes in a header field, if it means something to the handshake.
    pub(super) fn field(&mut self, field: Field, bytes: &[u8]) -> Result<(), Refusal> {
        let (Field::Whole { name, value } | Field::Begin { name, value }) = field else {
            return Ok(());
        };
        let Some(name) = Name::of(name.of(bytes)) else { return Ok(()) };
        let is_whole = matches!(field, Field::Whole { .. });
        let value = value.of(bytes);
        match name {
            Name::Accept | Name::Protocol => {}
            Name::Extensions if !is_whole => {}
            _ if !is_whole => return Err(Refusal::Head(HeadError::HeadersTooLong)),
            Name::Host => return self.host(value),
            Name::Key => return self.key(value),
            Name::Version => return self.version(value),
            Name::Upgrade => self.upgrade |= List(value).any(is_websocket),
            Name::Connection => {
                self.connection |= List(value).any(|option| same_word(option, b"upgrade"));
            }
            Name::ContentLength => {
                self.has_body |= value.is_empty() || value.iter().any(|digit| *digit != b'0');
            }
            Name::TransferEncoding => self.has_body = true,
            // RFC 6455 section 9.1: "If a value is received by either the client or the server
            // during negotiation that does not conform to the ABNF below, the recipient of such
            // malformed data MUST immediately _Fail the WebSocket Connection_."
            Name::Extensions if !is_well_formed(value) => return Err(Refusal::Extensions),
            Name::Extensions => {}
        }
        Ok(())
    }

    /// RFC 9112 section 3.2: "A server MUST respond with a 400 (Bad Request) status code to [...]
    /// any request message that contains more than one Host header field line or a Host header
    /// field with an invalid field value." An empty one is valid.
    fn host(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if core::mem::replace(&mut self.has_host, true) {
            return Err(Refusal::DuplicateHost);
        }
        is_authority(value).then_some(()).ok_or(Refusal::InvalidHost)
    }

    /// RFC 6455 section 11.3.1: "The |Sec-WebSocket-Key| header field MUST NOT appear more than
    /// once in an HTTP request."
    fn key(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if self.accept.is_some() {
            return Err(Refusal::DuplicateKey);
        }
        let key = value
            .try_into()
            .ok()
            .filter(|key: &&[u8; 24]| is_key(&key[..]))
            .ok_or(Refusal::InvalidKey)?;
        self.accept = Some(Accept(accept_key(key)));
        Ok(())
    }

    /// RFC 6455 section 11.3.5: "The |Sec-WebSocket-Version| header field MUST NOT appear more
    /// than once in an HTTP request."
    fn version(&mut self, value: &[u8]) -> Result<(), Refusal> {
        let version = if matches!(value, b"13") { Version::Thirteen } else { Version::Other };
        match self.version.replace(version) {
            Some(_) => Err(Refusal::DuplicateVersion),
            None => Ok(()),
        }
    }

    /// Judges the whole, by the numbered items of RFC 6455 section 4.2.1.
    pub(super) fn complete(&self) -> Result<Upgrade, Refusal> {
        // RFC 9112 section 3.2: "A server MUST respond with a 400 (Bad Request) status code to any
        // HTTP/1.1 request message that lacks a Host header field".
        if !self.has_host && !self.is_http_1_0 {
            return Err(Refusal::MissingHost);
        }
        match (self.upgrade, self.accept) {
            (false, None) => return Err(Refusal::NotUpgrade),
            (false, Some(_)) => return Err(Refusal::MissingUpgrade),
            (true, _) => {}
        }
        // "1. An HTTP/1.1 or higher GET request, including a "Request-URI"".
        if self.is_http_1_0 {
            return Err(Refusal::HttpVersion);
        }
        if !self.is_get {
            return Err(Refusal::Method);
        }
        if !self.is_resource {
            return Err(Refusal::Target);
        }
        // What follows the head are frames, so there is no place for a body.
        if self.has_body {
            return Err(Refusal::Body);
        }
        // "4. A |Connection| header field that includes the token "Upgrade"".
        if !self.connection {
            return Err(Refusal::MissingConnection);
        }
        // "6. A |Sec-WebSocket-Version| header field, with a value of 13."
        match self.version {
            Some(Version::Thirteen) => {}
            Some(Version::Other) => return Err(Refusal::UnsupportedVersion),
            None => return Err(Refusal::MissingVersion),
        }
        // "5. A |Sec-WebSocket-Key| header field with a base64-encoded [...] value".
        self.accept.map(Upgrade::new).ok_or(Refusal::MissingKey)
    }
}

/// RFC 9110 section 7.8: "protocol = protocol-name ["/" protocol-version]".
fn is_websocket(protocol: &[u8]) -> bool {
    let name = cut(protocol, b'/').map_or(protocol, |(name, _)| name);
    same_word(name, b"websocket")
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
