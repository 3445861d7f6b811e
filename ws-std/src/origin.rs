//! Which pages may connect.

use std::net::Ipv6Addr;

/// Which web pages may connect: browsers let every page open a WebSocket to any server, with the
/// user's cookies, and leave it to the server to look at the `Origin` header.
///
/// A request without that header does not come from a page and is allowed by every policy: this
/// protects users of browsers, it does not authenticate programs. `null`, which sandboxed pages
/// and local files send, is refused by all but [`Any`](Self::Any), and so is a request with more
/// than one `Origin`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    /// Pages that were loaded over HTTP or HTTPS from the host and port that they connect to.
    ///
    /// Ports 80, 443 and none are held to be the same and the scheme is not compared: a proxy
    /// that ends TLS hides both. The name is whatever the client was told to ask for, so that a
    /// service which is reached without TLS by pages of any name that an attacker can point at it
    /// (DNS rebinding, mostly services on `localhost`) needs [`Listed`](Self::Listed).
    #[default]
    SameAuthority,
    /// Every page.
    Any,
    /// Pages of exactly these origins, such as `https://example.com` or `http://localhost:3000`.
    ///
    /// Scheme, host and port have to be equal, letter case and the default port of the scheme
    /// aside. The server's own origin is allowed only if it is in the list. There are no
    /// wildcards, and what is not an origin (one with a path or a final `/`, say, or `null`)
    /// matches nothing.
    Listed(Vec<String>),
}

impl Origins {
    /// Whether a request with these `Origin` headers, for this host, may connect.
    ///
    /// `host` is what the client asked for: `Host`, or what a trusted proxy says it was.
    pub(crate) fn allows<'a>(
        &self,
        mut origins: impl Iterator<Item = &'a [u8]>,
        host: Option<&str>,
    ) -> bool {
        let Some(origin) = origins.next() else {
            return true;
        };
        if *self == Self::Any {
            return true;
        }
        // Whoever sends two hopes that we and somebody else look at different ones.
        let None = origins.next() else {
            return false;
        };
        let Some(origin) = std::str::from_utf8(origin).ok().and_then(Origin::parse) else {
            return false;
        };
        match self {
            Self::Any => true,
            Self::SameAuthority => {
                origin.is_web() && host.is_some_and(|host| origin.authority.is_same_as(host))
            }
            Self::Listed(list) => {
                list.iter().filter_map(|entry| Origin::parse(entry)).any(|entry| entry == origin)
            }
        }
    }
}

/// "serialized-origin = scheme "://" host [ ":" port ]" (RFC 6454 section 7.1).
struct Origin<'a> {
    scheme: &'a str,
    authority: Authority<'a>,
}

impl<'a> Origin<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        // "scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )" (RFC 3986 section 3.1).
        let valid = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        valid.then_some(Self { scheme, authority: Authority::parse(authority)? })
    }

    /// Whether a server like ours delivered the page: the host of another scheme, say that of a
    /// browser extension, is a name of another kind.
    fn is_web(&self) -> bool {
        matches!(self.default_port(), Some(80 | 443))
    }

    fn port(&self) -> Option<u16> {
        self.authority.port.or_else(|| self.default_port())
    }

    fn default_port(&self) -> Option<u16> {
        let is = |scheme| self.scheme.eq_ignore_ascii_case(scheme);
        if is("https") {
            Some(443)
        } else if is("http") {
            Some(80)
        } else {
            None
        }
    }
}

impl PartialEq for Origin<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.scheme.eq_ignore_ascii_case(other.scheme)
            && self.authority.host == other.authority.host
            && self.port() == other.port()
    }
}

/// A host and perhaps a port.
struct Authority<'a> {
    host: Host<'a>,
    port: Option<u16>,
}

impl<'a> Authority<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (host, rest) = match text.strip_prefix('[') {
            Some(literal) => {
                let (address, rest) = literal.split_once(']')?;
                (Host::Literal(address.parse().ok()?), rest)
            }
            None => {
                let (name, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
                (Host::name(name)?, rest)
            }
        };
        let port = match rest.strip_prefix(':') {
            Some(digits) => Some(port(digits)?),
            None if rest.is_empty() => None,
            None => return None,
        };
        Some(Self { host, port })
    }

    fn is_same_as(&self, host: &str) -> bool {
        Authority::parse(host).is_some_and(|other| {
            self.host == other.host && self.folded_port() == other.folded_port()
        })
    }

    fn folded_port(&self) -> Option<u16> {
        self.port.filter(|port| !matches!(port, 80 | 443))
    }
}

enum Host<'a> {
    /// A name or an IPv4 address.
    Name(&'a str),
    Literal(Ipv6Addr),
}

impl<'a> Host<'a> {
    /// Browsers send names in their ASCII form; all else is refused, with it user names, paths
    /// and spaces.
    fn name(text: &'a str) -> Option<Self> {
        let valid = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        // Some proxies drop the final dot of a full name. One of a single label is another name:
        // `intranet` depends on the search list, `intranet.` is a top-level domain.
        let name = match text.strip_suffix('.') {
            Some(full) if full.contains('.') => full,
            _ => text,
        };
        (valid && name.starts_with(|first| first != '.')).then_some(Self::Name(name))
    }
}

impl PartialEq for Host<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(other)) => one.eq_ignore_ascii_case(other),
            (Self::Literal(one), Self::Literal(other)) => one == other,
            _ => false,
        }
    }
}

fn port(digits: &str) -> Option<u16> {
    // `u16` alone would take a plus sign.
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
