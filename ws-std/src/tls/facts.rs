//! What a TLS handshake told about the connection.

use std::fmt;

/// What is known of a connection that came over TLS.
#[derive(Clone)]
#[non_exhaustive]
pub struct TlsFacts {
    /// The name that the client asked for (SNI), if it named one.
    pub server_name: Option<String>,
    /// The protocol that both sides agreed to (ALPN), if they did.
    pub alpn: Option<Vec<u8>>,
    /// The version that is spoken.
    pub version: TlsVersion,
    /// The peer's certificates in DER, its own first; empty if it showed none.
    pub peer_certificates: Vec<Vec<u8>>,
}

impl TlsFacts {
    /// What every connection knows; the rest is filled in by whoever knows it.
    pub(crate) const fn new(version: TlsVersion) -> Self {
        Self { server_name: None, alpn: None, version, peer_certificates: Vec::new() }
    }
}

/// How many certificates, for what is in them is long, and about somebody.
impl fmt::Debug for TlsFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsFacts")
            .field("server_name", &self.server_name)
            .field("version", &self.version)
            .field("peer_certificates", &self.peer_certificates.len())
            .finish_non_exhaustive()
    }
}

/// A version of TLS. Older ones are not spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TlsVersion {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}
