//! The client's side.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::TlsStream;

/// Whose word is taken for who the server is.
#[derive(Clone, Default)]
pub enum Roots {
    /// The root certificates of the system.
    #[default]
    Platform,
    /// These certificates, in PEM, and no others.
    Pem(Vec<u8>),
}

/// How many bytes, for what is in them is long.
impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Platform => f.write_str("Platform"),
            Self::Pem(pem) => write!(f, "Pem({} bytes)", pem.len()),
        }
    }
}

/// Who the client is: its certificate chain and the private key to it, in PEM.
#[derive(Clone)]
pub struct ClientIdentity {
    /// The certificates, the client's own first.
    pub chain: Vec<u8>,
    /// The private key.
    pub key: Vec<u8>,
}

/// Never the key.
impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIdentity").finish_non_exhaustive()
    }
}

/// Why there is no TLS.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// There is no root certificate: the system has none, or the PEM holds none.
    NoRoots,
    /// A certificate or a key that is none.
    Pem,
    /// The host is no name that a certificate can vouch for.
    ServerName,
    /// The server's certificate does not prove that it is who it should be: expired, issued by
    /// somebody unknown, or for another name.
    Certificate(rustls::Error),
    /// Another failure of the protocol.
    Protocol(rustls::Error),
    /// The connection failed, or ended.
    Io(io::Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoots => f.write_str("there is no root certificate to trust"),
            Self::Pem => f.write_str("a certificate or a key cannot be read"),
            Self::ServerName => f.write_str("no certificate can vouch for this host name"),
            Self::Certificate(error) | Self::Protocol(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Certificate(error) | Self::Protocol(error) => Some(error),
            Self::Io(error) => Some(error),
            Self::NoRoots | Self::Pem | Self::ServerName => None,
        }
    }
}

impl From<rustls::Error> for TlsError {
    fn from(error: rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(_) => Self::Certificate(error),
            error => Self::Protocol(error),
        }
    }
}

impl From<io::Error> for TlsError {
    /// The handshake wraps what TLS has to say into an error of I/O.
    fn from(error: io::Error) -> Self {
        match error.downcast::<rustls::Error>() {
            Ok(error) => error.into(),
            Err(error) => Self::Io(error),
        }
    }
}

/// What every connection of a connector uses: roots are loaded once, and sessions are resumed.
#[derive(Clone)]
pub(crate) struct TlsClient(Arc<ClientConfig>);

impl TlsClient {
    pub(crate) fn new(roots: &Roots, identity: Option<&ClientIdentity>) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(load(roots)?);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(ClientIdentity { chain, key }) => {
                let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Pem)?;
                builder.with_client_auth_cert(certificates(chain)?, key)?
            }
        };
        // A server that speaks HTTP/2 too must not choose it: RFC 6455 is about HTTP/1.1.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// The handshake goes over `within`, which keeps the deadline; then the connection takes the
    /// socket.
    pub(crate) fn open(
        &self,
        host: &str,
        mut within: impl Read + Write,
        socket: TcpStream,
    ) -> Result<TlsStream<TcpStream>, TlsError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| TlsError::ServerName)?;
        let mut connection = ClientConnection::new(Arc::clone(&self.0), name)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut within)?;
        }
        Ok(TlsStream::new(connection, socket)?)
    }
}

fn load(roots: &Roots) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    match roots {
        Roots::Platform => {
            // One unreadable file does not spoil the rest.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Roots::Pem(pem) => {
            for certificate in certificates(pem)? {
                store.add(certificate)?;
            }
        }
    }
    if store.is_empty() { Err(TlsError::NoRoots) } else { Ok(store) }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| TlsError::Pem)
}
