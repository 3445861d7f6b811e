//! Through an HTTP proxy: CONNECT (RFC 9110 section 9.3.6).

use std::fmt;
use std::io::{self, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::error::{ConnectError, Stage};
use super::url::{Url, UrlError, cut_before, host_and_port};
use crate::socket::is_timeout;

/// How long the proxy's answer may be.
const MAX_HEAD: usize = 8 * 1024;

/// Where the proxy is, and how we tell it who we are.
#[derive(Clone)]
pub(super) struct Proxy {
    pub(super) host: String,
    pub(super) port: u16,
    /// The value of Proxy-Authorization.
    authorization: Option<String>,
}

/// Why a proxy did not let us through.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProxyError {
    /// Its address is none: `http://user:password@host:port` is how it must look.
    Url(UrlError),
    /// It refused with this status: 407 asks for a name and a password.
    Status(u16),
    /// Its answer is not HTTP, or too long.
    Malformed,
    /// The connection to it failed, or ended.
    Io(io::Error),
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(UrlError::Scheme) => f.write_str("its address does not begin with http://"),
            Self::Url(error) => error.fmt(f),
            Self::Status(407) => f.write_str("it asks for a name and a password (407)"),
            Self::Status(status) => write!(f, "it refused with {status}"),
            Self::Malformed => f.write_str("its answer is not HTTP"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ProxyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Url(error) => Some(error),
            Self::Io(error) => Some(error),
            Self::Status(_) | Self::Malformed => None,
        }
    }
}

impl Proxy {
    pub(super) fn parse(text: &str) -> Result<Self, UrlError> {
        let rest = text
            .split_at_checked(7)
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("http://"))
            .ok_or(UrlError::Scheme)?
            .1;
        let (authority, path) = cut_before(rest, &['/', '?', '#']);
        if !matches!(path, "" | "/") {
            return Err(UrlError::Target);
        }
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => (Some(user), address),
            None => (None, authority),
        };
        let (host, port) = host_and_port(address, 80)?;
        let authorization = user.map(authorization).transpose()?;
        Ok(Self { host, port, authorization })
    }

    /// Has the proxy connect the stream to the server.
    pub(super) fn tunnel(
        &self,
        mut stream: impl Read + Write,
        to: &Url,
    ) -> Result<(), ConnectError> {
        let result = self.ask(&mut stream, &to.authority());
        result.map_err(|error| match error {
            ProxyError::Io(error) if is_timeout(&error) => ConnectError::TimedOut(Stage::Proxy),
            error => error.into(),
        })
    }

    fn ask(&self, stream: &mut (impl Read + Write), to: &str) -> Result<(), ProxyError> {
        let mut request = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n");
        if let Some(authorization) = &self.authorization {
            request.push_str("Proxy-Authorization: ");
            request.push_str(authorization);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes()).map_err(ProxyError::Io)?;
        let mut answer = Vec::new();
        let mut buffer = [0; 1024];
        loop {
            let len = stream.read(&mut buffer).map_err(ProxyError::Io)?;
            if len == 0 {
                return Err(ProxyError::Io(io::ErrorKind::UnexpectedEof.into()));
            }
            // Only the last three bytes can be the beginning of the end.
            let seen = answer.len().saturating_sub(3);
            answer.extend_from_slice(buffer.get(..len).unwrap_or_default());
            let unseen = answer.get(seen..).unwrap_or_default();
            if let Some(at) = unseen.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                return judge(&answer, seen + at + 4);
            }
            if !b"HTTP/1.".starts_with(answer.get(..7).unwrap_or(&answer))
                || answer.len() > MAX_HEAD
            {
                return Err(ProxyError::Malformed);
            }
        }
    }
}

/// Neither the name nor the password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({}:{})", self.host, self.port)
    }
}

/// "Any 2xx (Successful) response indicates that the sender (and all inbound proxies) will switch to
/// tunnel mode immediately after the response header section" (RFC 9110 section 9.3.6). The server
/// speaks only when it is spoken to, so that nothing may follow yet.
fn judge(answer: &[u8], end: usize) -> Result<(), ProxyError> {
    let code = match answer {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0' | b'1', b' ', code @ ..] => code,
        _ => return Err(ProxyError::Malformed),
    };
    match code {
        [b'2', b'0'..=b'9', b'0'..=b'9', b' ' | b'\r', ..] if answer.len() == end => Ok(()),
        [b'2', ..] => Err(ProxyError::Malformed),
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b' ' | b'\r', ..] => {
            let digit = |byte: &u8| u16::from(byte - b'0');
            Err(ProxyError::Status(digit(a) * 100 + digit(b) * 10 + digit(c)))
        }
        _ => Err(ProxyError::Malformed),
    }
}

/// "user:password", each with `%XX` where needed, as Basic credentials (RFC 7617).
fn authorization(user: &str) -> Result<String, UrlError> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let mut plain = unescaped(name)?;
    plain.push(b':');
    plain.extend(unescaped(password)?);
    Ok(format!("Basic {}", BASE64.encode(&plain)))
}

fn unescaped(text: &str) -> Result<Vec<u8>, UrlError> {
    let mut bytes = text.bytes();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let pair = digit().zip(digit()).ok_or(UrlError::UserInfo)?;
                u8::try_from(pair.0 * 16 + pair.1).map_err(|_| UrlError::UserInfo)?
            }
            byte => byte,
        });
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_hold_credentials_which_are_not_printed() {
        let proxy = Proxy::parse("http://Aladdin:open%20sesame@p.example:3128/").unwrap();
        assert_eq!((proxy.host.as_str(), proxy.port), ("p.example", 3128));
        assert_eq!(proxy.authorization.as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assert_eq!(format!("{proxy:?}"), "Proxy(p.example:3128)");
    }

    #[test]
    fn an_address_is_that_of_an_http_proxy() {
        assert!(Proxy::parse("http://p").is_ok_and(|proxy| proxy.port == 80));
        assert!(Proxy::parse("http://[::1]:1").is_ok_and(|proxy| proxy.host == "::1"));
        for (text, error) in [
            ("p:3128", UrlError::Scheme),
            ("https://p", UrlError::Scheme),
            ("socks5://p", UrlError::Scheme),
            ("http://", UrlError::Host),
            ("http://p/path", UrlError::Target),
            ("http://u:%zz@p", UrlError::UserInfo),
            ("http://u:%f@p", UrlError::UserInfo),
        ] {
            assert_eq!(Proxy::parse(text).err(), Some(error), "{text}");
        }
    }
}
