//! The request target: what the client asks for.

use core::fmt;

use super::grammar::{cut, is_authority, same_word};

/// A request target, taken apart.
///
/// ```
/// use ws_core::handshake::Target;
///
/// let target = Target::parse(b"/chat/7?as=ada").unwrap();
/// assert_eq!((target.path, target.query), ("/chat/7", Some("as=ada")));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// Host and port, if the target names them; they then count instead of the Host header
    /// (RFC 9112 section 3.2.2).
    pub authority: Option<&'a str>,
    /// The path, from its first slash on, with escapes (`%20`) as they came.
    pub path: &'a str,
    /// What follows the question mark.
    pub query: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// Takes apart what [`server::Seen::Request`](super::server::Seen::Request) shows; `None` if
    /// it is neither a path nor a whole `http`, `https`, `ws` or `wss` address.
    pub fn parse(target: &'a [u8]) -> Option<Self> {
        let Pieces { authority, path, query } = Pieces::of(target)?;
        let text = |bytes: &'a [u8]| core::str::from_utf8(bytes).ok();
        Some(Self {
            authority: authority.and_then(text),
            path: text(path)?,
            query: query.and_then(text),
        })
    }
}

/// Tells how long the query is, and nothing of what it says: it may hold a token.
impl fmt::Debug for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { authority, path, query } = self;
        f.debug_struct("Target")
            .field("authority", authority)
            .field("path", path)
            .field("query_len", &query.map(str::len))
            .finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Target<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        let Self { authority, path, query } = self;
        let len = query.map(str::len);
        defmt::write!(
            f,
            "Target {{ authority: {}, path: {=str}, query_len: {} }}",
            authority,
            path,
            len
        );
    }
}

/// Whether a request target is made of what it may be made of: visible ASCII without a "#".
///
/// RFC 6455 section 3: "Fragment identifiers are meaningless in the context of WebSocket URIs and
/// MUST NOT be used on these URIs." Browsers leave a few characters unescaped that RFC 3986 wants
/// escaped, so those pass.
pub(super) fn is_target(target: &[u8]) -> bool {
    !target.is_empty() && target.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'#')
}

/// Whether a WebSocket can be opened at this [target](is_target).
pub(super) fn is_resource(target: &[u8]) -> bool {
    split(target).is_some()
}

struct Pieces<'a> {
    authority: Option<&'a [u8]>,
    path: &'a [u8],
    query: Option<&'a [u8]>,
}

impl<'a> Pieces<'a> {
    fn of(target: &'a [u8]) -> Option<Self> {
        let (authority, local) = is_target(target).then(|| split(target))??;
        Some(Self::local(authority, local))
    }

    fn local(authority: Option<&'a [u8]>, target: &'a [u8]) -> Self {
        let (path, query) = match cut(target, b'?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        Self { authority, path: if path.is_empty() { b"/" } else { path }, query }
    }
}

/// The authority, if the target names one, and what follows it.
#[inline(never)]
fn split(target: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    if target.starts_with(b"/") {
        return Some((None, target));
    }
    // RFC 9112 section 3.2.2: "a server MUST accept the absolute-form in requests even though most
    // HTTP/1.1 clients will only send the absolute-form to a proxy".
    let rest = after_scheme(target)?;
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    let (authority, local) = rest.split_at_checked(end)?;
    let is_authority = !authority.is_empty() && is_authority(authority);
    is_authority.then_some((Some(authority), local))
}

fn after_scheme(target: &[u8]) -> Option<&[u8]> {
    let schemes: [&[u8]; 4] = [b"http://", b"https://", b"ws://", b"wss://"];
    schemes.iter().find_map(|scheme| {
        let (start, rest) = target.split_at_checked(scheme.len())?;
        same_word(start, scheme).then_some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(target: &str) -> Option<(Option<&str>, &str, Option<&str>)> {
        Target::parse(target.as_bytes()).map(|t| (t.authority, t.path, t.query))
    }

    #[test]
    fn a_path_with_or_without_a_query() {
        assert_eq!(parse("/"), Some((None, "/", None)));
        assert_eq!(parse("/a%20b?"), Some((None, "/a%20b", Some(""))));
        assert_eq!(parse("//x/?a=/?b"), Some((None, "//x/", Some("a=/?b"))));
    }

    #[test]
    fn a_whole_address() {
        assert_eq!(parse("http://h"), Some((Some("h"), "/", None)));
        assert_eq!(parse("WSS://h:1/p?q"), Some((Some("h:1"), "/p", Some("q"))));
        assert_eq!(parse("https://[::1]:8?q"), Some((Some("[::1]:8"), "/", Some("q"))));
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in ["", "*", "h:80", "chat", "ftp://h/", "ws:///", "ws://?q", "ws://u@h/", "/a#b"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(Target::parse(b"/\xc3\xa4"), None);
        assert_eq!(Target::parse(b"/a b"), None);
    }
}
