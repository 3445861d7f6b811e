//! Whole messages, and how a conversation ended.

use std::fmt;

use ws_core::frame::{CloseCode, Kind};

/// A whole message.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl Message {
    /// The text, if it is some.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// The bytes of either.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// The bytes of either.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// What it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Binary(_) => Kind::Binary,
        }
    }

    /// The decoder has checked text; it is checked again, because there is no other way from bytes
    /// to a `String` without `unsafe`.
    pub(super) fn checked(kind: Kind, bytes: Vec<u8>) -> Self {
        match kind {
            Kind::Text => Self::Text(String::from_utf8(bytes).unwrap_or_default()),
            Kind::Binary => Self::Binary(bytes),
        }
    }
}

/// Tells how long it is, and nothing of what it says.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({} bytes)", self.kind(), self.bytes().len())
    }
}

/// A piece of a message, lent by the socket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// What the message is.
    pub kind: Kind,
    /// The bytes: UTF-8 as far as it goes if the message is text, and perhaps cut inside a
    /// character. Empty only at the end of a message.
    pub bytes: &'a [u8],
    /// Whether the message begins with this piece.
    pub begins: bool,
    /// Whether it ends with it.
    pub ends: bool,
}

/// Tells how long it is, and nothing of what it says.
impl fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({} bytes)", self.kind, self.bytes.len())
    }
}

/// How a conversation ended: by a closing handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Who said Close first.
    pub by: By,
    /// The code of the peer's Close frame, which repeats ours if we were first; none if the frame
    /// was empty.
    pub code: Option<CloseCode>,
    /// Its reason.
    pub reason: String,
}

/// An end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// This one.
    Us,
    /// The other one.
    Peer,
}
