//! Why there is no connection.

use std::fmt;
use std::io;

use ws_core::handshake::{BadHeader, ClientError};

use super::proxy::ProxyError;
use super::response::Response;
use super::url::UrlError;
use crate::tls::TlsError;

/// Why there is no connection.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address is none.
    Url(UrlError),
    /// A header or a subprotocol that must not be sent like that.
    Request(BadHeader),
    /// The host's name has no address.
    Resolve(io::Error),
    /// None of the host's addresses, or of the proxy's, took the connection: the last one's reason.
    Connect(io::Error),
    /// The proxy did not let us through.
    Proxy(ProxyError),
    /// There is no TLS: no root certificates, or the server is not who it should be.
    Tls(TlsError),
    /// The server answered, and not with a WebSocket: [`Response::location`] tells where it
    /// redirects to, which is not followed, and [`Response::retry_after`] when to come back.
    Refused(Box<Response>),
    /// The server's answer breaks a rule of the opening handshake.
    Handshake(ClientError),
    /// The stream failed, or ended, during the opening handshake; or the system has no entropy.
    Io(io::Error),
    /// It took too long.
    TimedOut(Stage),
}

/// How far it had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Resolving the host's name.
    Resolve,
    /// Connecting to an address.
    Connect,
    /// Talking to the proxy.
    Proxy,
    /// The handshake of TLS.
    Tls,
    /// The opening handshake of the WebSocket.
    Handshake,
}

impl Stage {
    const fn text(self) -> &'static str {
        match self {
            Self::Resolve => "resolving the host's name",
            Self::Connect => "connecting",
            Self::Proxy => "asking the proxy",
            Self::Tls => "the TLS handshake",
            Self::Handshake => "the opening handshake",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(error) => error.fmt(f),
            Self::Request(bad) => bad.fmt(f),
            Self::Resolve(error) => write!(f, "the host has no address: {error}"),
            Self::Connect(error) => write!(f, "no connection: {error}"),
            Self::Proxy(error) => write!(f, "the proxy: {error}"),
            Self::Tls(error) => error.fmt(f),
            Self::Refused(response) => response.fmt(f),
            Self::Handshake(error) => error.fmt(f),
            Self::Io(error) => write!(f, "during the opening handshake: {error}"),
            Self::TimedOut(stage) => write!(f, "{stage} took too long"),
        }
    }
}

impl std::error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Url(error) => Some(error),
            Self::Request(bad) => Some(bad),
            Self::Resolve(error) | Self::Connect(error) | Self::Io(error) => Some(error),
            Self::Proxy(error) => Some(error),
            Self::Tls(error) => Some(error),
            Self::Handshake(error) => Some(error),
            Self::Refused(_) | Self::TimedOut(_) => None,
        }
    }
}

impl From<UrlError> for ConnectError {
    fn from(error: UrlError) -> Self {
        Self::Url(error)
    }
}

impl From<ProxyError> for ConnectError {
    fn from(error: ProxyError) -> Self {
        Self::Proxy(error)
    }
}

impl From<TlsError> for ConnectError {
    fn from(error: TlsError) -> Self {
        Self::Tls(error)
    }
}
