//! What a request that is not an upgrade gets.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use ws_core::handshake::{Refusal, Status};

/// A whole response over HTTP, after which the connection ends. A clone shares the body.
///
/// ```
/// use ws_std::http::Response;
///
/// let response = Response::html("<h1>Attic</h1>").header("Cache-Control", "max-age=60");
/// assert_eq!(response.status().0, 200);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Response {
    status: Status,
    /// Whole lines, each with its CR LF.
    headers: String,
    content_type: Cow<'static, str>,
    body: Body,
    /// A header was such that the response could not be sent.
    is_broken: bool,
}

impl Response {
    /// A response with this status and this body, which is said to be text if it is made of text.
    ///
    /// A status that does not end a request (1xx), or is none, is a mistake: a 500.
    pub fn new(status: Status, body: impl Into<Body>) -> Self {
        let body = body.into();
        let content_type = Cow::Borrowed(match body {
            Body { is_text: true, .. } => "text/plain; charset=utf-8",
            Body { is_text: false, .. } => "application/octet-stream",
        });
        let response =
            Self { status, headers: String::new(), content_type, body, is_broken: false };
        match status.0 {
            200..=599 => response,
            _ => response.broken("a status that no response can have"),
        }
    }

    /// 200, with this body.
    pub fn ok(body: impl Into<Body>) -> Self {
        Self::new(OK, body)
    }

    /// 200, with a page.
    pub fn html(body: impl Into<Body>) -> Self {
        Self::ok(body).content_type("text/html; charset=utf-8")
    }

    /// 200, with plain text in UTF-8.
    pub fn text(body: impl Into<Body>) -> Self {
        Self::ok(body).content_type("text/plain; charset=utf-8")
    }

    /// 400, and what is wrong with the request.
    pub fn bad_request(words: &'static str) -> Self {
        Self::new(Status::BAD_REQUEST, words)
    }

    /// 307: what is asked for is elsewhere for now. A location that is no URI is a mistake: a 500.
    pub fn redirect(location: impl Into<String>) -> Self {
        let location = location.into();
        let response = Self::new(TEMPORARY_REDIRECT, "");
        match !location.is_empty() && location.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => response.header("Location", location),
            false => response.broken("a location that is no URI"),
        }
    }

    /// What the body is. A type that would break the response turns it into a 500.
    pub fn content_type(mut self, content_type: impl Into<Cow<'static, str>>) -> Self {
        let content_type = content_type.into();
        if content_type.is_empty() || !is_value(&content_type) {
            return self.broken("a content type that would break it");
        }
        if !self.is_broken {
            self.content_type = content_type;
        }
        self
    }

    /// One header more. One that would break the response, or that the response writes itself,
    /// turns it into a 500, whatever is said of it later, and into a line in the log.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let (name, value) = (name.as_ref(), value.as_ref());
        if !is_name(name) || !is_value(value) {
            return self.broken("a header that would break it");
        }
        if is_ours(name) {
            return self.broken("a header that it writes itself");
        }
        if !self.is_broken {
            for part in [name, ": ", value, "\r\n"] {
                self.headers.push_str(part);
            }
        }
        self
    }

    /// The status.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The bytes to send.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.encode_head();
        bytes.extend_from_slice(self.content().unwrap_or_default());
        bytes
    }

    /// The bytes to send to one who asked with HEAD: "The HEAD method is identical to GET except
    /// that the server MUST NOT send content in the response" (RFC 9110 section 9.3.2).
    pub fn encode_head(&self) -> Vec<u8> {
        // RFC 9112 section 4: "A server MUST send the space that separates the status-code from
        // the reason-phrase even when the reason-phrase is absent".
        let mut head = format!("HTTP/1.1 {}\r\n", self.status);
        head.push_str(match self.status {
            // Connection: close, and the three headers that this status cannot do without.
            Status::UPGRADE_REQUIRED => Refusal::NotUpgrade.headers(),
            _ => "Connection: close\r\n",
        });
        head.push_str("X-Content-Type-Options: nosniff\r\n");
        if let Some(content) = self.content() {
            let (content_type, length) = (&self.content_type, content.len());
            head.push_str(&format!("Content-Type: {content_type}\r\nContent-Length: {length}\r\n"));
        }
        head.push_str(&self.headers);
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// The body; none where no body can be.
    fn content(&self) -> Option<&[u8]> {
        match self.status.0 {
            // RFC 9110 section 8.6: "A server MUST NOT send a Content-Length header field in any
            // response with a status code of 1xx (Informational) or 204 (No Content)."
            // Section 15.4.5: "A 304 response is terminated by the end of the header section; it
            // cannot contain content or trailers."
            204 | 304 => None,
            // Section 15.3.6: "a server MUST NOT generate content in a 205 response".
            205 => Some(b""),
            _ => Some(self.body.bytes()),
        }
    }

    fn broken(self, why: &'static str) -> Self {
        if !self.is_broken {
            tracing::error!(status = self.status.0, why, "a response cannot be sent");
        }
        let mut response = Self::new(Status::INTERNAL_SERVER_ERROR, "internal error\n");
        response.is_broken = true;
        response
    }
}

/// Sizes only: what is in it is nobody's business.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status.0)
            .field("header_bytes", &self.headers.len())
            .field("body_bytes", &self.body.bytes().len())
            .field("is_broken", &self.is_broken)
            .finish_non_exhaustive()
    }
}

/// The body of a [`Response`]: bytes that are there for good, or that clones share.
#[derive(Clone)]
pub struct Body {
    content: Content,
    is_text: bool,
}

#[derive(Clone)]
enum Content {
    Static(&'static [u8]),
    Shared(Arc<[u8]>),
}

impl Body {
    fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Static(bytes) => bytes,
            Content::Shared(bytes) => bytes,
        }
    }
}

/// Its size only.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("bytes", &self.bytes().len()).finish()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self { content: Content::Static(text.as_bytes()), is_text: true }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self { content: Content::Shared(text.into_bytes().into()), is_text: true }
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Self { content: Content::Static(bytes), is_text: false }
    }
}

impl<const N: usize> From<&'static [u8; N]> for Body {
    fn from(bytes: &'static [u8; N]) -> Self {
        Self::from(bytes.as_slice())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::from(Arc::from(bytes))
    }
}

impl From<Arc<[u8]>> for Body {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self { content: Content::Shared(bytes), is_text: false }
    }
}

const OK: Status = Status(200);
const TEMPORARY_REDIRECT: Status = Status(307);

/// Headers that say where the response ends, and what becomes of the connection: a second opinion
/// on those is how one response becomes two.
fn is_ours(name: &str) -> bool {
    const OURS: [&str; 7] = [
        "Connection",
        "Content-Length",
        "Content-Type",
        "Keep-Alive",
        "Transfer-Encoding",
        "Upgrade",
        "X-Content-Type-Options",
    ];
    const HANDSHAKE: &[u8] = b"Sec-WebSocket-";
    let start = name.as_bytes().get(..HANDSHAKE.len());
    OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours))
        || start.is_some_and(|start| start.eq_ignore_ascii_case(HANDSHAKE))
}

/// "token = 1*tchar" (RFC 9110 section 5.6.2).
fn is_name(name: &str) -> bool {
    let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_tchar)
}

/// HTAB, SP, VCHAR and obs-text (RFC 9110 section 5.5): above all no CR and no LF.
fn is_value(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~' | 0x80..))
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
