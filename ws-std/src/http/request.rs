//! A request, as the program gets to see it.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str;
use std::sync::Arc;

use ws_core::handshake::Target;

use super::head::Head;
use crate::tls::TlsFacts;

/// What a client asked for, and who it is.
///
/// Header names are compared without regard to case. What is not UTF-8 is not shown as text; the
/// bytes can be had from [`header_bytes`](Self::header_bytes) and [`headers`](Self::headers).
#[derive(Clone, Copy)]
pub struct Request<'a> {
    head: &'a Head,
    facts: &'a Facts,
}

/// What is known of a client beyond what its request says.
#[derive(Clone, Default)]
pub(crate) struct Facts {
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) client_ip: Option<IpAddr>,
    pub(crate) tls: Option<Arc<TlsFacts>>,
    pub(crate) subprotocol: Option<String>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(head: &'a Head, facts: &'a Facts) -> Self {
        Self { head, facts }
    }

    /// The method: GET, if it asks for a WebSocket.
    pub fn method(&self) -> &'a str {
        self.head.method()
    }

    /// The path, with escapes (`%20`) as they came.
    pub fn path(&self) -> &'a str {
        self.target().map_or_else(|| self.head.target(), |target| target.path)
    }

    /// What follows the question mark, with escapes as they came.
    pub fn query(&self) -> Option<&'a str> {
        self.target()?.query
    }

    /// The first parameter of that name in the query, without its escapes. A plus sign is a
    /// space, as in a form.
    pub fn parameter(&self, name: &str) -> Option<Cow<'a, str>> {
        self.query()?.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unescaped(key)? == name).then(|| unescaped(value))
        })?
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        str::from_utf8(self.header_bytes(name)?).ok()
    }

    /// The first header of that name, whatever its bytes are.
    pub fn header_bytes(&self, name: &str) -> Option<&'a [u8]> {
        self.head.values(name).next()
    }

    /// All headers, in the order in which they came.
    pub fn headers(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        self.head.fields()
    }

    /// The host that the client wants to talk to, with its port if it named one.
    ///
    /// RFC 9112 section 3.2.2: "When an origin server receives a request with an absolute-form of
    /// request-target, the origin server MUST ignore the received Host header field (if any) and
    /// instead use the host information of the request-target."
    pub fn host(&self) -> Option<&'a str> {
        match self.target().and_then(|target| target.authority) {
            Some(authority) => Some(authority),
            None => self.header("Host"),
        }
    }

    /// The page that the request comes from, if a browser sent it.
    pub fn origin(&self) -> Option<&'a str> {
        self.header("Origin")
    }

    /// Whether the client offers to speak this subprotocol.
    pub fn offers(&self, subprotocol: &str) -> bool {
        self.subprotocols().any(|offered| offered == subprotocol)
    }

    /// The subprotocols that the client offers, its favourite first.
    pub fn subprotocols(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.list("Sec-WebSocket-Protocol", ',')
    }

    /// The value of the first cookie of that name, as it came.
    pub fn cookie(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.list("Cookie", ';').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| key.trim_ascii_end() == name).map(|(_, value)| value.trim_ascii())
    }

    /// The address at the other end of the TCP connection, which may be a proxy; none for a Unix
    /// socket.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.facts.peer
    }

    /// The address of the client itself: the peer's, or what a trusted proxy said.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.facts.client_ip
    }

    /// What the TLS handshake told; none for a plain connection.
    pub fn tls(&self) -> Option<&'a TlsFacts> {
        self.facts.tls.as_deref()
    }

    /// The subprotocol that was agreed to, once that is known.
    pub fn subprotocol(&self) -> Option<&'a str> {
        self.facts.subprotocol.as_deref()
    }

    pub(crate) fn head(&self) -> &'a Head {
        self.head
    }

    fn target(&self) -> Option<Target<'a>> {
        Target::parse(self.head.target().as_bytes())
    }

    /// The elements of a list that may be spread over several headers.
    fn list(&self, name: &'static str, separator: char) -> impl Iterator<Item = &'a str> + use<'a> {
        self.head
            .values(name)
            .filter_map(|value| str::from_utf8(value).ok())
            .flat_map(move |value| value.split(separator))
            .map(str::trim_ascii)
            .filter(|element| !element.is_empty())
    }
}

/// Tells what is asked for, and nothing of the query or the headers: they hold tokens.
impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method())
            .field("path", &self.path())
            .field("query_len", &self.query().map(str::len))
            .field("headers", &self.headers().count())
            .field("peer", &self.peer())
            .field("client_ip", &self.client_ip())
            .field("subprotocol", &self.subprotocol())
            .finish_non_exhaustive()
    }
}

/// Decodes "application/x-www-form-urlencoded"; `None` if the outcome is not UTF-8. A percent sign
/// that begins no escape stands for itself.
fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
#[path = "request_tests.rs"]
pub(crate) mod tests;
