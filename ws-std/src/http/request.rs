//! What a client asks for.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::from_utf8;
use std::sync::Arc;

use ws_core::handshake::Target;

use super::head::HeadReader;
use crate::tls::TlsFacts;

/// A request: for a WebSocket, or for something else.
///
/// It is lent to the handler for the time of a call. `Debug` shows its method and its path, and
/// nothing that may be secret.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    head: &'a HeadReader,
    facts: &'a Facts,
}

/// What is known of a client besides what it says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// The other end of the socket.
    pub(crate) peer: Option<SocketAddr>,
    /// The client, if somebody trusted says where it is; else the other end.
    pub(crate) client_ip: Option<IpAddr>,
    pub(crate) tls: Option<Arc<TlsFacts>>,
    /// What was agreed to.
    pub(crate) subprotocol: Option<String>,
}

impl<'a> Request<'a> {
    pub(crate) const fn new(head: &'a HeadReader, facts: &'a Facts) -> Self {
        Self { head, facts }
    }

    /// The method: `GET`, for a WebSocket.
    pub fn method(&self) -> &'a str {
        from_utf8(self.head.span(self.head.method)).unwrap_or_default()
    }

    /// The path, from its first slash on, with escapes (`%20`) as they came.
    pub fn path(&self) -> &'a str {
        self.target().map_or("", |target| target.path)
    }

    /// What follows the question mark.
    pub fn query(&self) -> Option<&'a str> {
        self.target()?.query
    }

    /// The value of this name in the query (`?name=value&...`), the first if there are several,
    /// unescaped: `%20` and `+` are a space. None as well if what is escaped is not UTF-8.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.query()?.split('&');
        pairs.find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if unescape(key)? == name { unescape(value) } else { None }
        })
    }

    /// The value of a header, the first if there are several; names are compared without regard to
    /// case. None as well if it is not UTF-8.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        from_utf8(self.values(name).next()?).ok()
    }

    /// All headers, in order, as they came.
    pub fn headers(&self) -> impl DoubleEndedIterator<Item = (&'a str, &'a [u8])> + use<'a> {
        let head = self.head;
        head.fields.iter().map(move |(name, value)| {
            (from_utf8(head.span(*name)).unwrap_or_default(), head.span(*value))
        })
    }

    /// The values of all headers of this name, in order.
    pub(crate) fn values<'n>(
        &self,
        name: &'n str,
    ) -> impl DoubleEndedIterator<Item = &'a [u8]> + use<'a, 'n> {
        let same = move |(other, _): &(&str, _)| name.eq_ignore_ascii_case(other);
        self.headers().filter(same).map(|(_, value)| value)
    }

    /// The host that the client asks, with its port if it names one: that of a target that names
    /// one counts more than the header (RFC 9112 section 3.2.2).
    pub fn host(&self) -> Option<&'a str> {
        self.target()?.authority.or_else(|| self.header("Host"))
    }

    /// Whose page asks, if a browser does.
    pub fn origin(&self) -> Option<&'a str> {
        self.header("Origin")
    }

    /// Whether the client offers this subprotocol.
    pub fn offers(&self, subprotocol: &str) -> bool {
        self.subprotocols().any(|offered| offered == subprotocol)
    }

    /// The subprotocols that the client offers, those first that it likes best.
    pub fn subprotocols(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let values = self.values("Sec-WebSocket-Protocol");
        let lists = values.filter_map(|value| from_utf8(value).ok());
        lists.flat_map(|list| list.split(',')).map(str::trim).filter(|name| !name.is_empty())
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&'a str> {
        let values = self.values("Cookie").filter_map(|value| from_utf8(value).ok());
        let mut cookies = values.flat_map(|list| list.split(';'));
        cookies.find_map(|cookie| {
            let (key, value) = cookie.trim().split_once('=')?;
            (key == name).then_some(value)
        })
    }

    /// The other end of the socket: that of a proxy, if there is one. None on a Unix socket.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.facts.peer
    }

    /// The address of the client: what a [trusted](crate::Builder::trust) proxy says, else that of
    /// the other end of the socket.
    pub fn client_ip(&self) -> Option<IpAddr> {
        self.facts.client_ip
    }

    /// What is known of the connection over TLS; none if it is not.
    pub fn tls(&self) -> Option<&'a TlsFacts> {
        self.facts.tls.as_deref()
    }

    /// The subprotocol that was agreed to, or that will be unless the handler chooses another.
    pub fn subprotocol(&self) -> Option<&'a str> {
        self.facts.subprotocol.as_deref()
    }

    fn target(&self) -> Option<Target<'a>> {
        Target::parse(self.head.span(self.head.target))
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method())
            .field("path", &self.path())
            .field("headers", &self.head.fields.len())
            .finish_non_exhaustive()
    }
}

/// Undoes the escapes of a query; none if what comes of it is not UTF-8.
fn unescape(escaped: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.first_chunk::<2>().and_then(|digits| from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        (rest, _) = match (first, digits) {
            (b'%', Some(digits)) => {
                let byte = u8::from_str_radix(digits, 16).ok()?;
                (behind.get(2..).unwrap_or_default(), bytes.push(byte))
            }
            (b'+', _) => (behind, bytes.push(b' ')),
            _ => (behind, bytes.push(*first)),
        };
    }
    String::from_utf8(bytes).ok()
}
