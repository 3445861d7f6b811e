//! What ends a call of a socket.

use std::fmt;
use std::io;

use ws_core::connection::Expired;
use ws_core::handshake::Refusal;
use ws_core::{Full, Misuse, Violation};

/// What ends a call of a socket.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed.
    Io(io::Error),
    /// The read timeout has passed. Nothing is lost: call again.
    TimedOut,
    /// The stream ended without a Close frame: code 1006, in the words of the RFC.
    Ended,
    /// The peer broke a rule. The Close frame that says so has been sent.
    Violation(Violation),
    /// A deadline has passed: the peer is dead, or does not answer our Close.
    Expired(Expired),
    /// We are the server, and the client's request was refused; it has been told so.
    Refused(Refusal),
    /// A call that makes no sense now: a mistake of the program, which has changed nothing.
    Misuse(Misuse),
    /// There is no memory for the message.
    Full,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::TimedOut => f.write_str("nothing arrived in time"),
            Self::Ended => f.write_str("the stream ended without a Close frame"),
            Self::Violation(violation) => violation.fmt(f),
            Self::Expired(expired) => expired.fmt(f),
            Self::Refused(refusal) => f.write_str(refusal.text()),
            Self::Misuse(misuse) => misuse.fmt(f),
            Self::Full => f.write_str("no memory for the message"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::Violation(violation) => Some(violation),
            Self::Expired(expired) => Some(expired),
            Self::Misuse(misuse) => Some(misuse),
            Self::TimedOut | Self::Ended | Self::Refused(_) | Self::Full => None,
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident,)*) => {$(
        impl From<$type> for Error {
            fn from(cause: $type) -> Self {
                Self::$variant(cause)
            }
        }
    )*};
}

from! {
    io::Error => Io,
    Violation => Violation,
    Expired => Expired,
    Refusal => Refused,
    Misuse => Misuse,
}

impl From<Full> for Error {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

/// Of the codec, without a transport.
impl From<ws_core::Error> for Error {
    fn from(error: ws_core::Error) -> Self {
        match error {
            ws_core::Error::Io(never) => match never {},
            ws_core::Error::Violation(violation) => Self::Violation(violation),
            ws_core::Error::Expired(expired) => Self::Expired(expired),
            ws_core::Error::Refused(refusal) => Self::Refused(refusal),
            ws_core::Error::Misuse(misuse) => Self::Misuse(misuse),
            ws_core::Error::Full(_) => Self::Full,
            _ => Self::Ended,
        }
    }
}

/// Whether the stream only says that it took too long.
pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}
