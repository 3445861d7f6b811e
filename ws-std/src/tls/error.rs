//! What can go wrong with TLS: what we were given does not serve, or the peer does not speak it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no TLS.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Something of what was given does not serve.
    Unfit {
        /// The file that it comes from, if it comes from one.
        path: Option<PathBuf>,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// A name that is none, or that an identity cannot be put to.
    Name {
        /// Which name.
        name: String,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// The system has no root certificate to trust.
    NoRoots,
    /// The peer's certificate does not prove that it is who it should be: expired, issued by
    /// somebody unknown, or for another name.
    Certificate(ProtocolError),
    /// The peer broke the protocol, or has nothing in common with us.
    Protocol(ProtocolError),
    /// The peer keeps us holding more of an unfinished handshake message than any needs.
    TooMuchHeld,
    /// The session has failed, or was closed: nothing can be sent over it.
    Over,
    /// The stream below failed, or ended.
    Io(io::Error),
}

/// What is wrong with a certificate, a key or a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flaw {
    /// It is not PEM: a section does not end, or its base64 is broken.
    NotPem,
    /// There is no `CERTIFICATE` section in it.
    NoCertificate,
    /// There is no private key in it: neither PKCS#8, nor PKCS#1, nor SEC1; one that is encrypted
    /// does not count.
    NoKey,
    /// A certificate cannot be read.
    BadCertificate,
    /// The private key cannot be read, or is of a kind that is not supported.
    BadKey,
    /// The private key belongs to another certificate.
    KeyOfAnother,
    /// That is not the name of a host.
    BadName,
    /// The certificate does not stand for that name.
    NameOfAnother,
}

/// What rustls says of a peer: a text, and no type of rustls.
#[derive(Debug)]
pub struct ProtocolError(rustls::Error);

impl TlsError {
    pub(super) fn unfit(path: Option<&Path>, flaw: Flaw) -> Self {
        Self::Unfit { path: path.map(Path::to_owned), flaw }
    }

    /// No `From`: that would be a promise to others about rustls.
    pub(super) fn of(error: rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(_) => Self::Certificate(ProtocolError(error)),
            error => Self::Protocol(ProtocolError(error)),
        }
    }
}

impl Flaw {
    /// What is wrong, in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NotPem => "not PEM, or broken PEM",
            Self::NoCertificate => "no certificate in it",
            Self::NoKey => "no private key in it, or an encrypted one",
            Self::BadCertificate => "a certificate in it cannot be read",
            Self::BadKey => "the private key cannot be read, or is of a kind that is not supported",
            Self::KeyOfAnother => "the private key does not belong to the certificate",
            Self::BadName => "not the name of a host",
            Self::NameOfAnother => "the certificate does not stand for this name",
        }
    }
}

/// What TLS has to say comes out of a stream wrapped into an error of I/O.
impl From<io::Error> for TlsError {
    fn from(error: io::Error) -> Self {
        let wrapped = error.downcast::<Self>().or_else(|error| {
            // By rustls itself, during a handshake.
            error.downcast::<rustls::Error>().map(Self::of)
        });
        wrapped.unwrap_or_else(Self::Io)
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Unfit { path: Some(path), flaw } => write!(f, "{}: {flaw}", path.display()),
            Self::Unfit { path: None, flaw } => write!(f, "the PEM text: {flaw}"),
            Self::Name { name, flaw } => write!(f, "{name:?}: {flaw}"),
            Self::NoRoots => f.write_str("the system has no root certificate to trust"),
            Self::Certificate(error) | Self::Protocol(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
            Self::TooMuchHeld => f.write_str("a handshake message in too many small records"),
            Self::Over => f.write_str("the TLS session is over"),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TLS: {}", self.0)
    }
}

impl std::error::Error for TlsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { error, .. } | Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl std::error::Error for Flaw {}
impl std::error::Error for ProtocolError {}
