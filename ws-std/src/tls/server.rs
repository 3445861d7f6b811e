//! The server's side: who we are, by which names, and whom we let in.

use std::fmt;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConnection;
use rustls::crypto::ring;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, NoServerSessionStorage, ServerConfig, WebPkiClientVerifier};

use super::duplex::{TlsStream, complete};
use super::error::{Flaw, TlsError};
use super::identity::Identity;
use super::names::{Asked, Names, Resolver};
use super::roots::Roots;
use crate::socket::Split;

/// The TLS of a server: a handle, cheap to clone; all clones see what [`ServerTls::replace`] puts
/// in place.
///
/// TLS 1.2 and 1.3, the suites and groups that rustls takes for safe, `http/1.1` for a client that
/// names protocols.
///
/// A client that comes back resumes by a ticket that only we can read: we keep nothing per client,
/// and after the loss of many connections each is cheap to take up again. The keys of the tickets
/// live in memory, change every six hours and die with the settings that made them: who was let in
/// by a replaced certificate or by replaced roots is asked again.
#[derive(Clone)]
pub struct ServerTls {
    current: Arc<RwLock<Arc<Settings>>>,
}

/// What is demanded of a client that has no certificate to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientCertificate {
    /// Nothing: it is served, and [`TlsFacts::peer_certificates`] is empty. A certificate that is
    /// shown must be good, though.
    ///
    /// [`TlsFacts::peer_certificates`]: super::TlsFacts::peer_certificates
    Optional,
    /// It is refused.
    Required,
}

impl ServerTls {
    /// The TLS of a server with this certificate.
    ///
    /// # Errors
    ///
    /// The system has no entropy for the keys of the tickets.
    pub fn new(identity: Identity) -> Result<Self, TlsError> {
        Self::with(Names::new(identity), Arc::new(NoClientAuth))
    }

    /// The TLS of a server with the certificates, its own first, and the key in these two files.
    ///
    /// # Errors
    ///
    /// As [`Identity::from_pem_files`] and [`ServerTls::new`].
    pub fn from_pem_files(
        certificates: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, TlsError> {
        Self::new(Identity::from_pem_files(certificates, key)?)
    }

    /// The same from memory.
    ///
    /// # Errors
    ///
    /// As [`Identity::from_pem`] and [`ServerTls::new`].
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Self::new(Identity::from_pem(certificates, key)?)
    }

    /// A handle of its own that shows this identity to a client that asks for this name (SNI), and
    /// the one that it was made with to all others.
    ///
    /// # Errors
    ///
    /// [`TlsError::Name`] if that is not the name of a host, or one that the certificate does not
    /// stand for.
    pub fn with_identity_for(self, name: &str, identity: Identity) -> Result<Self, TlsError> {
        identity.stands_for(name).map_err(|flaw| TlsError::Name { name: name.to_owned(), flaw })?;
        let settings = self.settings();
        let mut names = (*settings.names).clone();
        names.insert(name, identity);
        Self::with(names, Arc::clone(&settings.clients))
    }

    /// A handle of its own that asks clients for a certificate signed by one of these roots.
    ///
    /// # Errors
    ///
    /// As [`ServerTls::new`].
    pub fn with_client_certificates(
        self,
        demand: ClientCertificate,
        roots: Roots,
    ) -> Result<Self, TlsError> {
        let (roots, provider) = (Arc::new(roots.into_store()), Arc::new(ring::default_provider()));
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
        let verifier = match demand {
            ClientCertificate::Optional => verifier.allow_unauthenticated(),
            ClientCertificate::Required => verifier,
        };
        // It refuses an empty store, which `Roots` never is, and lists of revocations, none here.
        let clients = verifier.build().map_err(|_| TlsError::unfit(None, Flaw::NoCertificate))?;
        Self::with((*self.settings().names).clone(), clients)
    }

    /// Goes through the handshake with a client, and waits for its end: for a blocking server. The
    /// server of this crate does it without waiting.
    ///
    /// # Errors
    ///
    /// [`TlsError::Protocol`], [`TlsError::Certificate`] of a client whose certificate is not good,
    /// and [`TlsError::Io`].
    pub fn accept<S: Split + Read + Write>(&self, mut stream: S) -> Result<TlsStream<S>, TlsError> {
        let connection = ServerConnection::new(self.config(Asked::default()));
        let mut connection = connection.map_err(TlsError::of)?.into();
        complete(&mut connection, &mut stream)?;
        TlsStream::over(connection, stream)
    }

    /// Puts another's settings in place for every handshake to come, in all clones of this handle;
    /// connections that are there go on as they are.
    pub fn replace(&self, by: Self) {
        let new = by.settings();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
    }

    /// The settings of one connection, whose resolver leaves the name that the client asks for.
    pub(super) fn config(&self, asked: Asked) -> Arc<ServerConfig> {
        let settings = self.settings();
        let mut config = settings.config.clone();
        config.cert_resolver = Arc::new(Resolver::new(&settings.names, asked));
        Arc::new(config)
    }

    fn with(names: Names, clients: Arc<dyn ClientCertVerifier>) -> Result<Self, TlsError> {
        let settings = Arc::new(Settings::new(names, clients)?);
        Ok(Self { current: Arc::new(RwLock::new(settings)) })
    }

    fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServerTls").field(&self.settings().names).finish()
    }
}

/// What is replaced as one.
struct Settings {
    names: Arc<Names>,
    clients: Arc<dyn ClientCertVerifier>,
    config: ServerConfig,
}

impl Settings {
    fn new(names: Names, clients: Arc<dyn ClientCertVerifier>) -> Result<Self, TlsError> {
        let names = Arc::new(names);
        // Of a connection's own: see `ServerTls::config`.
        let resolver = Resolver::new(&names, Asked::default());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::of)?
            .with_client_cert_verifier(Arc::clone(&clients))
            .with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![super::HTTP_1_1.to_vec()];
        config.ticketer = ring::Ticketer::new().map_err(TlsError::of)?;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        // A WebSocket client comes back with one connection.
        config.send_tls13_tickets = 1;
        Ok(Self { names, clients, config })
    }
}
