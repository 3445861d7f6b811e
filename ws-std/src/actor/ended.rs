//! How a connection ended.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use ws_core::connection::Expired;
use ws_core::frame::CloseCode;

use super::Cause;
use crate::rooms::{JoinError, Manner};

/// What `on_close` is told, however the connection ended;
/// [`socket::Ended`](crate::socket::Ended) is what a closing handshake told a blocking socket.
#[derive(Clone)]
pub struct Ended {
    /// Who ended it.
    pub by: By,
    /// The code of the first Close frame, whoever sent it: [`CloseCode::NO_STATUS`] if that was
    /// empty, [`CloseCode::ABNORMAL`] if there was none.
    pub code: CloseCode,
    /// The reason in that frame; empty if it gave none.
    pub text: String,
    /// Why, in terms that a program can act on.
    pub reason: Reason,
}

/// How long the reason is, for it may be the peer's.
impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, code, text, reason } = self;
        f.debug_struct("Ended")
            .field("by", by)
            .field("code", code)
            .field("text_len", &text.len())
            .field("reason", reason)
            .finish()
    }
}

impl Ended {
    /// How it goes from its rooms.
    pub(crate) fn manner(&self) -> Manner {
        match (&self.reason, self.by) {
            (Reason::Normal, _) => Manner::Left,
            (Reason::PeerClosed(CloseCode::NORMAL), By::Peer) => Manner::Left,
            _ => Manner::Lost,
        }
    }
}

/// Who ended a connection, of either role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// The peer sent Close first, or broke a rule.
    Peer,
    /// We did: the program, a deadline, a limit, a drain.
    Us,
    /// Nobody said anything: the transport ended.
    Transport,
}

/// Why an actor ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reason {
    /// It has done what it had to: its handler closed the connection.
    Normal,
    /// It was told to: the server stops, or its supervisor has no more use for it.
    Shutdown,
    /// The peer closed with this code: [`CloseCode::ABNORMAL`] if it vanished.
    PeerClosed(CloseCode),
    /// No Pong came in time.
    HeartbeatTimeout,
    /// Another deadline passed.
    Expired(Expired),
    /// The peer did not read what it was sent.
    SlowConsumer,
    /// The peer broke a rule, or a limit, and was told so with this code.
    Protocol(CloseCode),
    /// The server drains.
    Draining,
    /// Its handler panicked, with this message.
    Panic(Arc<str>),
    /// It was killed.
    Killed,
    /// There was no such actor, or no longer.
    NoProc,
    /// The actor is on another node, and that cannot be reached.
    NoConnection,
    /// The transport failed, or the program did.
    Error(Cause),
}

impl Reason {
    /// The program failed, with this error.
    pub fn error(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Error(Cause::new(error))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("done"),
            Self::Shutdown => f.write_str("shut down"),
            Self::PeerClosed(code) => write!(f, "the peer closed with {}", code.0),
            Self::HeartbeatTimeout => f.write_str(Expired::Heartbeat.text()),
            Self::Expired(expired) => f.write_str(expired.text()),
            Self::SlowConsumer => f.write_str(Expired::Write.text()),
            Self::Protocol(code) => write!(f, "closed with {}", code.0),
            Self::Draining => f.write_str("the server drains"),
            Self::Panic(message) => write!(f, "the handler panicked: {message}"),
            Self::Killed => f.write_str("killed"),
            Self::NoProc => f.write_str("no such actor"),
            Self::NoConnection => f.write_str("its node cannot be reached"),
            Self::Error(error) => error.fmt(f),
        }
    }
}

/// Why a handler does not take a connection, told with a Close frame right after the opening
/// handshake. Actors that it has linked the connection to are told [`Reason::Protocol`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The code of the Close frame.
    pub code: CloseCode,
    /// Its reason: what is beyond 123 bytes is cut off.
    pub text: String,
}

impl Reject {
    /// With this code, and a reason for the peer.
    pub fn new(code: CloseCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// This code, and no reason.
impl From<CloseCode> for Reject {
    fn from(code: CloseCode) -> Self {
        Self::new(code, "")
    }
}

/// 1008, and why.
impl From<JoinError> for Reject {
    fn from(error: JoinError) -> Self {
        Self::new(CloseCode::POLICY, error.to_string())
    }
}

/// 1008, and no reason.
impl Default for Reject {
    fn default() -> Self {
        Self::new(CloseCode::POLICY, "")
    }
}
