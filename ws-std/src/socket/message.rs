//! Whole messages, and how a conversation ended.

use std::fmt;

use ws_core::frame::{CloseCode, Kind};

use crate::actor::By;

/// A whole message that the program owns: a blocking socket gives it away, while the server lends
/// each to its handler as a [`Message<'_>`](crate::Message).
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

/// Makes one to send on of one that was received.
impl<'a> From<&'a Message> for crate::Message<'a> {
    fn from(message: &'a Message) -> Self {
        match message {
            Message::Text(text) => text.into(),
            Message::Binary(bytes) => bytes.into(),
        }
    }
}

/// How a conversation ended: by a closing handshake, for any other end is an
/// [`Error`](super::Error); the server, whose handlers hear of every end in one way, has
/// [`ws_std::Ended`](crate::Ended).
#[derive(Clone, PartialEq, Eq)]
pub struct Ended {
    /// Who said Close first: never [`By::Transport`].
    pub by: By,
    /// The code of the peer's Close frame, which repeats ours if we were first; none if the frame
    /// was empty.
    pub code: Option<CloseCode>,
    /// The reason in it.
    pub text: String,
}

/// How long the reason is, for it is the peer's.
impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, code, text } = self;
        f.debug_struct("Ended")
            .field("by", by)
            .field("code", code)
            .field("text_len", &text.len())
            .finish()
    }
}
