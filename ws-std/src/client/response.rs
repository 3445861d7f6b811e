//! What a server answered that did not open the WebSocket.

use std::fmt;
use std::time::Duration;

use ws_core::handshake::Status;

/// An answer that is not a WebSocket: its status, its headers and the beginning of its body.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response {
    pub(super) status: Status,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Response {
    /// The status.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The first header of that name, whatever the case of its letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value)
    }

    /// All headers, in their order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The first 4 KiB of the body, or what came of them.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Where a redirect leads. It is not followed: credentials would go to a stranger, and a page
    /// that says `wss` could be led to `ws`.
    pub fn location(&self) -> Option<&str> {
        matches!(self.status.0, 300..=399).then(|| self.header("Location")).flatten()
    }

    /// When to come back, if the server says so in seconds (RFC 9110 section 10.2.3). A date is
    /// passed over: it would need the right time.
    pub fn retry_after(&self) -> Option<Duration> {
        let seconds = self.header("Retry-After")?.parse::<u32>().ok()?;
        Some(Duration::from_secs(u64::from(seconds)))
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server did not open a WebSocket: {}", self.status)
    }
}

/// Tells the status and sizes: headers hold cookies.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &self.headers.len())
            .field("body_len", &self.body.len())
            .finish()
    }
}
