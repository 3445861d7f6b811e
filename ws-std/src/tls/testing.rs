//! Both ends of a connection in memory: our session, and a client of rustls.

use std::sync::Arc;

use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};

use super::error::TlsError;
use super::session::{Received, Session};
use super::{Identity, ServerTls};

pub(super) const BOTH: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// A certificate and its key in PEM.
pub(super) struct Pem {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Pem {
    pub(super) fn identity(&self) -> Identity {
        Identity::from_pem(self.certificate.as_bytes(), self.key.as_bytes()).unwrap()
    }

    fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()
    }
}

/// A certificate for this name, signed by itself.
pub(super) fn certificate(name: &str) -> Pem {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    Pem { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
}

/// An authority, and a certificate that it has signed.
pub(super) fn signed(name: &str) -> (Pem, Pem) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root_key = key.serialize_pem();
    let root = CertifiedIssuer::self_signed(params, key).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    let leaf = params.signed_by(&key, &root).unwrap();
    let root = Pem { certificate: root.pem(), key: root_key };
    (root, Pem { certificate: leaf.pem(), key: key.serialize_pem() })
}

/// A client's settings: whom it trusts, what it speaks, who it is.
pub(super) fn client(
    trusted: &Pem,
    version: &'static SupportedProtocolVersion,
    own: Option<&Pem>,
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots);
    match own {
        None => builder.with_no_client_auth(),
        Some(own) => {
            let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap();
            builder.with_client_auth_cert(vec![own.der()], key).unwrap()
        }
    }
}

pub(super) struct Pair {
    pub(super) server: Session,
    pub(super) client: ClientConnection,
    /// What the server has decrypted.
    pub(super) plain: Vec<u8>,
    /// What the server has to send.
    pub(super) out: Vec<u8>,
}

impl Pair {
    /// A client that asks for "localhost", and the server; nothing has been said yet.
    pub(super) fn new(tls: &ServerTls, client: ClientConfig) -> Self {
        Self::asking(tls, client, "localhost")
    }

    pub(super) fn asking(tls: &ServerTls, client: ClientConfig, name: &'static str) -> Self {
        let client = ClientConnection::new(Arc::new(client), name.try_into().unwrap()).unwrap();
        let server = Session::new(tls).unwrap();
        Self { server, client, plain: Vec::new(), out: Vec::new() }
    }

    /// The two of them, after the handshake.
    pub(super) fn open(version: &'static SupportedProtocolVersion) -> Self {
        let pem = certificate("localhost");
        let tls = ServerTls::new(pem.identity()).unwrap();
        let mut pair = Self::new(&tls, client(&pem, version, None));
        pair.shake_hands().unwrap();
        pair
    }

    /// What the client has to send.
    pub(super) fn client_sends(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while self.client.wants_write() {
            self.client.write_tls(&mut bytes).unwrap();
        }
        bytes
    }

    /// Gives these bytes to the server.
    pub(super) fn server_takes(&mut self, bytes: &[u8]) -> Result<Received, TlsError> {
        let mut bytes = bytes.to_vec();
        self.server.receive(&mut bytes, &mut self.plain, &mut self.out)
    }

    /// Gives what the server has to send to the client; answers what that means in plain.
    pub(super) fn client_takes(&mut self) -> Result<Vec<u8>, rustls::Error> {
        use std::io::Read;
        let bytes = std::mem::take(&mut self.out);
        let mut rest = &bytes[..];
        let mut plain = Vec::new();
        while !rest.is_empty() {
            self.client.read_tls(&mut rest).unwrap();
            let state = self.client.process_new_packets()?;
            let start = plain.len();
            plain.resize(start + state.plaintext_bytes_to_read(), 0);
            self.client.reader().read_exact(&mut plain[start..]).unwrap();
        }
        Ok(plain)
    }

    /// The handshake, until nobody has anything more to say.
    pub(super) fn shake_hands(&mut self) -> Result<(), TlsError> {
        loop {
            let bytes = self.client_sends();
            if bytes.is_empty() && self.out.is_empty() {
                return Ok(());
            }
            self.server_takes(&bytes)?;
            self.client_takes().map_err(TlsError::of)?;
        }
    }

    /// What the client sends for this text.
    pub(super) fn client_says(&mut self, text: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut bytes = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let taken = self.client.writer().write(rest).unwrap();
            rest = &rest[taken..];
            bytes.extend(self.client_sends());
        }
        bytes
    }
}

/// How long the records are that lie here one after the other.
pub(super) fn records(mut bytes: &[u8]) -> Vec<usize> {
    let mut lengths = Vec::new();
    while let Some(length) = super::records::length(bytes) {
        lengths.push(length);
        bytes = &bytes[length..];
    }
    assert!(bytes.is_empty(), "an unfinished record");
    lengths
}
