//! Where to connect: `ws://host:port/path?query` (RFC 6455 section 3).

use std::fmt;

/// An address, taken apart.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) security: Security,
    /// The host, an IPv6 address without its brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Path and query, from the first slash on.
    pub(super) target: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    Plain,
    Tls,
}

/// Why an address is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UrlError {
    /// Neither `ws://` nor `wss://`; `http` and `https` are other protocols.
    Scheme,
    /// No host, or one that is none; one that is not ASCII must be written in Punycode (`xn--`).
    Host,
    /// A port that is none.
    Port,
    /// A `#`: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT
    /// be used on these URIs" (RFC 6455 section 3).
    Fragment,
    /// A name or a password before the host. A server wants them in an `Authorization` header.
    UserInfo,
    /// A path or a query with a character that must be written as `%XX`.
    Target,
}

impl UrlError {
    /// What is wrong, in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Scheme => "the address does not begin with ws:// or wss://",
            Self::Host => "the address has no valid host",
            Self::Port => "the address has no valid port",
            Self::Fragment => "the address has a fragment (#), which a WebSocket must not have",
            Self::UserInfo => "the address has a user name: send an Authorization header instead",
            Self::Target => "the address has a character that must be written as %XX",
        }
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for UrlError {}

impl Url {
    pub(super) fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        let (security, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "ws" => (Security::Plain, 80),
            "wss" => (Security::Tls, 443),
            _ => return Err(UrlError::Scheme),
        };
        if rest.contains('#') {
            return Err(UrlError::Fragment);
        }
        let (authority, target) = cut_before(rest, &['/', '?']);
        if authority.contains('@') {
            return Err(UrlError::UserInfo);
        }
        let (host, port) = host_and_port(authority, default_port)?;
        if !target.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UrlError::Target);
        }
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(Self { security, host, port, target: format!("{slash}{target}") })
    }

    /// What the Host header says: the port unless it is the default one (RFC 6455 section 4.1).
    pub(super) fn host_header(&self) -> String {
        match (self.security, self.port) {
            (Security::Plain, 80) | (Security::Tls, 443) => self.bracketed(),
            _ => self.authority(),
        }
    }

    /// Host and port.
    pub(super) fn authority(&self) -> String {
        format!("{}:{}", self.bracketed(), self.port)
    }

    fn bracketed(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }
}

/// The query may hold a token.
impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({:?} {})", self.security, self.authority())
    }
}

/// What lies before the first of these characters, and the rest with it.
pub(super) fn cut_before<'a>(text: &'a str, any: &[char]) -> (&'a str, &'a str) {
    text.split_at(text.find(any).unwrap_or(text.len()))
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(super) fn host_and_port(text: &str, default_port: u16) -> Result<(String, u16), UrlError> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(UrlError::Host)?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| UrlError::Host)?;
            (host, port)
        }
        None => {
            let (host, port) = cut_before(text, &[':']);
            let is_name =
                |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte);
            if host.is_empty() || !host.bytes().all(is_name) {
                return Err(UrlError::Host);
            }
            (host, port)
        }
    };
    let port = match port.strip_prefix(':') {
        // RFC 3986 section 3.2.3: an empty port is the default one.
        Some("") => default_port,
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            digits.parse().ok().filter(|port| *port != 0).ok_or(UrlError::Port)?
        }
        Some(_) => return Err(UrlError::Port),
        None if port.is_empty() => default_port,
        None => return Err(UrlError::Host),
    };
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Result<(Security, String, u16, String, String), UrlError> {
        let url = Url::parse(text)?;
        let header = url.host_header();
        Ok((url.security, url.host, url.port, url.target, header))
    }

    #[track_caller]
    fn check(text: &str, security: Security, host: &str, port: u16, target: &str, header: &str) {
        let expected = (security, host.to_owned(), port, target.to_owned(), header.to_owned());
        assert_eq!(parts(text), Ok(expected));
    }

    #[test]
    fn addresses_are_taken_apart() {
        check("ws://a.example", Security::Plain, "a.example", 80, "/", "a.example");
        check("WSS://h/p?q=/?", Security::Tls, "h", 443, "/p?q=/?", "h");
        check("ws://h:81?q", Security::Plain, "h", 81, "/?q", "h:81");
        check("ws://h:443/", Security::Plain, "h", 443, "/", "h:443");
        check("ws://h:/", Security::Plain, "h", 80, "/", "h");
        check("wss://[::1]:9/x", Security::Tls, "::1", 9, "/x", "[::1]:9");
        check("ws://[2001:db8::7]", Security::Plain, "2001:db8::7", 80, "/", "[2001:db8::7]");
    }

    #[test]
    fn what_is_none_is_told_why() {
        for (text, error) in [
            ("", UrlError::Scheme),
            ("h/p", UrlError::Scheme),
            ("http://h/", UrlError::Scheme),
            ("https://h/", UrlError::Scheme),
            ("ws:/h", UrlError::Scheme),
            ("ws://", UrlError::Host),
            ("ws:///p", UrlError::Host),
            ("ws://:80/", UrlError::Host),
            ("ws://h h/", UrlError::Host),
            ("ws://b\u{fc}cher.example/", UrlError::Host),
            ("ws://[::1/", UrlError::Host),
            ("ws://[h]/", UrlError::Host),
            ("ws://[::1]x/", UrlError::Host),
            ("ws://h\r\nX: y/", UrlError::Host),
            ("ws://h:x/", UrlError::Port),
            ("ws://h:+1/", UrlError::Port),
            ("ws://h:0/", UrlError::Port),
            ("ws://h:65536/", UrlError::Port),
            ("ws://h/#f", UrlError::Fragment),
            ("ws://h#f", UrlError::Fragment),
            ("ws://u:p@h/", UrlError::UserInfo),
            ("ws://u@h/", UrlError::UserInfo),
            ("ws://h/a b", UrlError::Target),
            ("ws://h/\u{e4}", UrlError::Target),
            ("ws://h/a\r\nX: y", UrlError::Target),
        ] {
            assert_eq!(Url::parse(text), Err(error), "{text:?}");
        }
        assert!(parts("ws://h/a@b?c@d").is_ok(), "an @ in a path is no user name");
    }
}
