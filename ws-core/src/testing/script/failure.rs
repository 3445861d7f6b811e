//! How it fails.

use core::fmt;

use embedded_io::ErrorKind;

/// Why a [`Script`](super::Script) failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was told to.
    Told,
    /// It is silent from here on, and a blocking read would have waited for ever.
    WouldBlock,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Told => "failed as told",
            Self::WouldBlock => "would have waited for ever",
        })
    }
}

impl core::error::Error for Failure {}

impl embedded_io::Error for Failure {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Told => ErrorKind::ConnectionReset,
            Self::WouldBlock => ErrorKind::TimedOut,
        }
    }
}
