//! Whose word is taken for who the other side is.

use std::fmt;
use std::path::Path;

use rustls::RootCertStore;

use super::error::{Flaw, TlsError};
use super::identity::{chain, read};

/// Root certificates: whoever shows a certificate that one of them has signed is believed.
#[derive(Clone)]
pub struct Roots(RootCertStore);

impl Roots {
    /// Those of the system; what cannot be read of them is passed over.
    ///
    /// # Errors
    ///
    /// [`TlsError::NoRoots`] if nothing is left.
    pub fn platform() -> Result<Self, TlsError> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() { Err(TlsError::NoRoots) } else { Ok(Self(store)) }
    }

    /// Those in this PEM text, and no others.
    ///
    /// # Errors
    ///
    /// [`TlsError::Unfit`] if there is none in it, or one that cannot be read.
    pub fn from_pem(certificates: &[u8]) -> Result<Self, TlsError> {
        Self::new(certificates, None)
    }

    /// Those in this PEM file, and no others.
    ///
    /// # Errors
    ///
    /// As there, and [`TlsError::File`]; both name the file.
    pub fn from_pem_file(certificates: impl AsRef<Path>) -> Result<Self, TlsError> {
        let path = certificates.as_ref();
        Self::new(&read(path)?, Some(path))
    }

    pub(super) fn into_store(self) -> RootCertStore {
        self.0
    }

    fn new(text: &[u8], path: Option<&Path>) -> Result<Self, TlsError> {
        let mut store = RootCertStore::empty();
        for certificate in chain(text, path)? {
            let added = store.add(certificate);
            added.map_err(|_| TlsError::unfit(path, Flaw::BadCertificate))?;
        }
        Ok(Self(store))
    }
}

/// How many, for what is in them is long.
impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roots({})", self.0.len())
    }
}
