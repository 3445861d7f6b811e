//! Why a server does not open the WebSocket, and how it says so.

use core::fmt;

use super::head::HeadError;
use super::outgoing::{Content, OutgoingHead, Window};
use super::status::Status;

/// Why a server refuses an opening handshake, one reason each.
///
/// The last few are for the application: it may refuse a request that the handshake would accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Refusal {
    /// The head cannot be read, or does not fit.
    Head(HeadError),
    /// The request line is not "method target version".
    RequestLine,
    /// Not HTTP/1.1, or an upgrade over HTTP/1.0.
    HttpVersion,
    /// A request target with a fragment, or one that names no resource.
    Target,
    /// An upgrade by another method than GET.
    Method,
    /// An upgrade that carries a body.
    Body,
    /// No Host.
    MissingHost,
    /// A second Host.
    DuplicateHost,
    /// A Host that is none.
    InvalidHost,
    /// A WebSocket key, and no upgrade to "websocket".
    MissingUpgrade,
    /// An upgrade without "Connection: Upgrade".
    MissingConnection,
    /// No Sec-WebSocket-Key.
    MissingKey,
    /// A second Sec-WebSocket-Key.
    DuplicateKey,
    /// A Sec-WebSocket-Key that is not 16 bytes in base64.
    InvalidKey,
    /// No Sec-WebSocket-Version.
    MissingVersion,
    /// A second Sec-WebSocket-Version.
    DuplicateVersion,
    /// Another version than 13.
    UnsupportedVersion,
    /// A Sec-WebSocket-Extensions that is not a list of extensions.
    Extensions,
    /// A well-formed request that does not ask for a WebSocket: an HTTP server may answer it.
    NotUpgrade,
    /// The application asks for a token (`WWW-Authenticate: Bearer`).
    Unauthorized,
    /// The application forbids it, for example because of the Origin.
    Forbidden,
    /// The application knows no such resource.
    NotFound,
    /// This client asks too often.
    TooManyRequests {
        /// When to come back.
        retry_after_seconds: u16,
    },
    /// The server has no room now.
    Unavailable {
        /// When to come back.
        retry_after_seconds: u16,
    },
    /// The server met an unexpected condition.
    Internal,
}

impl Refusal {
    /// The status of the response.
    // Flash: a table of numbers, where an inlined match is a table of jumps.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub const fn status(self) -> Status {
        match self {
            Self::Head(HeadError::StartLineTooLong) => Status::URI_TOO_LONG,
            Self::Head(HeadError::HeadersTooLong) => Status::HEADERS_TOO_LARGE,
            Self::Method => Status::METHOD_NOT_ALLOWED,
            Self::UnsupportedVersion | Self::NotUpgrade => Status::UPGRADE_REQUIRED,
            Self::Unauthorized => Status::UNAUTHORIZED,
            Self::Forbidden => Status::FORBIDDEN,
            Self::NotFound => Status::NOT_FOUND,
            Self::TooManyRequests { .. } => Status::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => Status::SERVICE_UNAVAILABLE,
            Self::Internal => Status::INTERNAL_SERVER_ERROR,
            _ => Status::BAD_REQUEST,
        }
    }

    /// The header lines, each with its CR LF, that this status cannot do without; every response
    /// says in them that the connection ends.
    pub const fn headers(self) -> &'static str {
        match self.status() {
            // RFC 9110 section 15.5.6: "The origin server MUST generate an Allow header field".
            Status::METHOD_NOT_ALLOWED => "Connection: close\r\nAllow: GET\r\n",
            // RFC 9110 section 15.5.2: "MUST send a WWW-Authenticate header field".
            Status::UNAUTHORIZED => "Connection: close\r\nWWW-Authenticate: Bearer\r\n",
            // RFC 9110 section 15.5.22: "The server MUST send an Upgrade header field in a 426";
            // RFC 6455 section 4.2.2: "and a |Sec-WebSocket-Version| header field indicating the
            // version(s) the server is capable of understanding."
            Status::UPGRADE_REQUIRED => {
                "Connection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            }
            _ => "Connection: close\r\n",
        }
    }

    /// The value of Retry-After, if there is one.
    pub const fn retry_after_seconds(self) -> Option<u16> {
        match self {
            Self::TooManyRequests { retry_after_seconds }
            | Self::Unavailable { retry_after_seconds } => Some(retry_after_seconds),
            _ => None,
        }
    }

    /// What is wrong, in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Head(error) => error.text(),
            Self::RequestLine => "malformed request line",
            Self::HttpVersion => "HTTP/1.1 is needed",
            Self::Target => "bad request target",
            Self::Method => "GET is needed",
            Self::Body => "an upgrade has no body",
            Self::MissingHost => "no Host",
            Self::DuplicateHost => "two Hosts",
            Self::InvalidHost => "bad Host",
            Self::MissingUpgrade => "a WebSocket key without Upgrade: websocket",
            Self::MissingConnection => "no Connection: Upgrade",
            Self::MissingKey => "no Sec-WebSocket-Key",
            Self::DuplicateKey => "two Sec-WebSocket-Keys",
            Self::InvalidKey => "bad Sec-WebSocket-Key",
            Self::MissingVersion => "no Sec-WebSocket-Version",
            Self::DuplicateVersion => "two Sec-WebSocket-Versions",
            Self::UnsupportedVersion => "only WebSocket version 13",
            Self::Extensions => "bad Sec-WebSocket-Extensions",
            Self::NotUpgrade => "only WebSocket here",
            Self::Unauthorized => "who are you?",
            Self::Forbidden => "not allowed",
            Self::NotFound => "nothing here",
            Self::TooManyRequests { .. } => "too many requests",
            Self::Unavailable { .. } => "no room now",
            Self::Internal => "internal error",
        }
    }

    /// The whole response, with the reason as its body.
    ///
    /// The connection ends after it: flush, shut down the write side, read and throw away what
    /// still comes up to a limit, then close, so that the client gets to read it.
    pub const fn response(self) -> OutgoingHead<'static> {
        OutgoingHead { content: Content::Refusal(self) }
    }

    /// The same without words or a body: what a program sends that has no flash to spare for them.
    pub const fn terse(self) -> OutgoingHead<'static> {
        OutgoingHead { content: Content::Terse(self) }
    }

    pub(super) fn pour(self, window: &mut Window<'_>) {
        let text = self.text();
        window.put(b"HTTP/1.1 ");
        window.put(self.status().line().as_bytes());
        if let Some(seconds) = self.retry_after_seconds() {
            window.put(b"\r\nRetry-After: ");
            window.put_number(u32::from(seconds));
        }
        window.put(b"\r\n");
        window.put(self.headers().as_bytes());
        window.put(b"Content-Type: text/plain\r\nContent-Length: ");
        window.put_number((text.len() as u32).saturating_add(1));
        window.put(b"\r\n\r\n");
        window.put(text.as_bytes());
        window.put(b"\n");
    }

    pub(super) fn pour_terse(self, window: &mut Window<'_>) {
        window.put(b"HTTP/1.1 ");
        window.put_number(u32::from(self.status().0));
        // RFC 9112 section 4: "A server MUST send the space that separates the status-code from the
        // reason-phrase even when the reason-phrase is absent".
        window.put(b" \r\n");
        window.put(self.headers().as_bytes());
        window.put(b"Content-Length: 0\r\n\r\n");
    }
}

impl From<HeadError> for Refusal {
    fn from(error: HeadError) -> Self {
        Self::Head(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;

    #[track_caller]
    fn check(refusal: Refusal, expected: &str) {
        let mut out = [0; 300];
        let len = refusal.response().write(0, &mut out);
        assert_eq!(core::str::from_utf8(&out[..len]).unwrap(), expected);
    }

    #[test]
    fn a_refusal_says_why_and_how_long_that_is() {
        check(
            Refusal::DuplicateHost,
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\
             Content-Type: text/plain\r\nContent-Length: 10\r\n\r\ntwo Hosts\n",
        );
    }

    #[test]
    fn a_refusal_has_the_headers_that_its_status_asks_for() {
        check(
            Refusal::Method,
            "HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nAllow: GET\r\n\
             Content-Type: text/plain\r\nContent-Length: 14\r\n\r\nGET is needed\n",
        );
        check(
            Refusal::UnsupportedVersion,
            "HTTP/1.1 426 Upgrade Required\r\nConnection: Upgrade, close\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Content-Type: text/plain\r\nContent-Length: 26\r\n\r\nonly WebSocket version 13\n",
        );
        check(
            Refusal::Unavailable { retry_after_seconds: 120 },
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\nConnection: close\r\n\
             Content-Type: text/plain\r\nContent-Length: 12\r\n\r\nno room now\n",
        );
    }

    #[test]
    fn a_terse_refusal_has_its_status_and_headers_only() {
        let mut out = [0; 300];
        let len = Refusal::Method.terse().write(0, &mut out);
        let expected = "HTTP/1.1 405 \r\nConnection: close\r\nAllow: GET\r\n\
                        Content-Length: 0\r\n\r\n";
        assert_eq!(core::str::from_utf8(&out[..len]).unwrap(), expected);
    }

    #[test]
    fn every_status_that_is_sent_has_its_words() {
        for refusal in [
            Refusal::Head(HeadError::StartLineTooLong),
            Refusal::Head(HeadError::HeadersTooLong),
            Refusal::Unauthorized,
            Refusal::Forbidden,
            Refusal::NotFound,
            Refusal::TooManyRequests { retry_after_seconds: 1 },
            Refusal::Internal,
        ] {
            assert_eq!(refusal.status().line(), refusal.status().to_string());
        }
    }
}
