//! Who a side is: a chain of certificates and the private key of the first of them.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;

use super::error::{Flaw, TlsError};

/// A chain of certificates with the private key of the first, checked to belong together.
#[derive(Clone)]
pub struct Identity {
    key: Arc<CertifiedKey>,
    /// How long the chain is, for whoever prints it.
    certificates: usize,
}

impl Identity {
    /// Reads two PEM files: the certificates, our own first, and its private key.
    ///
    /// # Errors
    ///
    /// [`TlsError::File`] and [`TlsError::Unfit`], which name the file.
    pub fn from_pem_files(
        certificates: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, TlsError> {
        let (certificates, key) = (certificates.as_ref(), key.as_ref());
        let chain = chain(&read(certificates)?, Some(certificates))?;
        let private = private_key(&read(key)?, Some(key))?;
        Self::new(chain, private, Some(certificates), Some(key))
    }

    /// The same from memory.
    ///
    /// # Errors
    ///
    /// [`TlsError::Unfit`].
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Self::new(chain(certificates, None)?, private_key(key, None)?, None, None)
    }

    /// Whether the certificate stands for this name.
    pub(super) fn stands_for(&self, name: &str) -> Result<(), Flaw> {
        let name = ServerName::try_from(name).map_err(|_| Flaw::BadName)?;
        let own = self.key.end_entity_cert().map_err(|_| Flaw::BadCertificate)?;
        let own = ParsedCertificate::try_from(own).map_err(|_| Flaw::BadCertificate)?;
        rustls::client::verify_server_name(&own, &name).map_err(|_| Flaw::NameOfAnother)
    }

    pub(super) fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }

    fn new(
        chain: Vec<CertificateDer<'static>>,
        private: PrivateKeyDer<'static>,
        certificates: Option<&Path>,
        key: Option<&Path>,
    ) -> Result<Self, TlsError> {
        let length = chain.len();
        for certificate in &chain {
            ParsedCertificate::try_from(certificate)
                .map_err(|_| TlsError::unfit(certificates, Flaw::BadCertificate))?;
        }
        let pair = CertifiedKey::from_der(chain, private, &ring::default_provider());
        let pair = pair.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => TlsError::unfit(key, Flaw::KeyOfAnother),
            rustls::Error::InvalidCertificate(_) => {
                TlsError::unfit(certificates, Flaw::BadCertificate)
            }
            _ => TlsError::unfit(key, Flaw::BadKey),
        })?;
        Ok(Self { key: Arc::new(pair), certificates: length })
    }
}

// Nothing of a key is printed, whatever rustls may print of it one day.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.certificates).finish_non_exhaustive()
    }
}

/// Every certificate of a PEM text; at least one.
pub(super) fn chain(
    text: &[u8],
    path: Option<&Path>,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|_| TlsError::unfit(path, Flaw::NotPem))?;
    if chain.is_empty() {
        return Err(TlsError::unfit(path, Flaw::NoCertificate));
    }
    Ok(chain)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| TlsError::File { path: path.to_owned(), error })
}

/// The first private key of a PEM text.
fn private_key(text: &[u8], path: Option<&Path>) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(text).map_err(|error| {
        let none = matches!(error, pem::Error::NoItemsFound);
        TlsError::unfit(path, if none { Flaw::NoKey } else { Flaw::NotPem })
    })
}
