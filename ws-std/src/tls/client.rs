//! The client's side: whom we believe, and who we are.

use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, ClientConnection};

use super::duplex::complete;
use super::{Flaw, Identity, Roots, TlsError, TlsStream};
use crate::socket::Split;

/// The TLS of a client: a handle, cheap to clone, for any number of connections, which resume each
/// other's sessions.
#[derive(Clone)]
pub struct ClientTls(Arc<ClientConfig>);

impl ClientTls {
    /// The TLS of a client that believes these roots, and tells nobody who it is.
    ///
    /// # Errors
    ///
    /// None that is known of: rustls may refuse its own settings.
    pub fn new(roots: Roots) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::of)?
            .with_root_certificates(roots.into_store())
            .with_no_client_auth();
        // A server that speaks HTTP/2 too must not choose it: RFC 6455 is about HTTP/1.1.
        config.alpn_protocols = vec![super::HTTP_1_1.to_vec()];
        Ok(Self(Arc::new(config)))
    }

    /// Shows this identity to a server that asks for one. Sessions are not shared with the handle
    /// that this one comes from.
    #[must_use]
    pub fn with_identity(self, identity: &Identity) -> Self {
        let mut config = Arc::unwrap_or_clone(self.0);
        config.client_auth_cert_resolver =
            Arc::new(SingleCertAndKey::from(identity.certified_key()));
        config.resumption = rustls::client::Resumption::default();
        Self(Arc::new(config))
    }

    /// Goes through the handshake with the server of this name, and waits for its end.
    ///
    /// # Errors
    ///
    /// [`TlsError::Name`] if the name is none, [`TlsError::Certificate`] if the server is not who
    /// it should be, [`TlsError::Protocol`], and [`TlsError::Io`].
    pub fn connect<S: Split + Read + Write>(
        &self,
        host: &str,
        mut stream: S,
    ) -> Result<TlsStream<S>, TlsError> {
        let mut connection = self.begin(host)?;
        complete(&mut connection, &mut stream)?;
        TlsStream::over(connection, stream)
    }

    /// The same with a handshake that goes over `within`, which keeps a deadline; then the
    /// connection takes the stream.
    pub(crate) fn connect_within<S: Split + Read + Write>(
        &self,
        host: &str,
        mut within: impl Read + Write,
        stream: S,
    ) -> Result<TlsStream<S>, TlsError> {
        let mut connection = self.begin(host)?;
        complete(&mut connection, &mut within)?;
        TlsStream::over(connection, stream)
    }

    fn begin(&self, host: &str) -> Result<rustls::Connection, TlsError> {
        let bad = |_| TlsError::Name { name: host.to_owned(), flaw: Flaw::BadName };
        let name = ServerName::try_from(host.to_owned()).map_err(bad)?;
        let connection = ClientConnection::new(Arc::clone(&self.0), name).map_err(TlsError::of)?;
        Ok(connection.into())
    }
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientTls").finish_non_exhaustive()
    }
}
