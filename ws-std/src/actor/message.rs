//! What connections say to each other.

use std::fmt;
use std::ops::Deref;

use ws_core::frame::Kind;

/// A whole message, lent: to a handler, or by whoever sends it;
/// [`socket::Message`](crate::socket::Message) is one that the program owns.
///
/// Whatever it was made of, it can be sent on: `ctx.send(message)` echoes it, `ctx.send("hello")`
/// and `ctx.send(&bytes)` make one of a `str` or of bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// Text: UTF-8, checked.
    Text(Text<'a>),
    /// Bytes.
    Binary(&'a [u8]),
}

/// The text of a message.
///
/// It derefs to `str`. The codec has checked it as it arrived, and the way from bytes to a `str`
/// checks it once more (there is no other without `unsafe`), so whoever needs it often takes
/// [`as_str`](Self::as_str) once; whoever only passes it on pays nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Message<'a> {
    /// A message that the codec has put together.
    pub(crate) const fn checked(kind: Kind, payload: &'a [u8]) -> Self {
        match kind {
            Kind::Text => Self::Text(Text(payload)),
            Kind::Binary => Self::Binary(payload),
        }
    }

    /// Whether it is text or binary.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Binary(_) => Kind::Binary,
        }
    }

    /// Its bytes, whichever it is.
    pub const fn bytes(&self) -> &'a [u8] {
        match *self {
            Self::Text(Text(bytes)) | Self::Binary(bytes) => bytes,
        }
    }

    /// Its text, if it is text.
    pub fn text(&self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            Self::Binary(_) => None,
        }
    }
}

impl<'a> Text<'a> {
    /// The text.
    pub fn as_str(&self) -> &'a str {
        std::str::from_utf8(self.0).unwrap_or_default()
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Tells how long it is, and nothing of what it says.
impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text").field("len", &self.0.len()).finish_non_exhaustive()
    }
}

/// Tells how long it is, and nothing of what it says.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({} bytes)", self.kind(), self.bytes().len())
    }
}

impl<'a> From<Text<'a>> for Message<'a> {
    fn from(text: Text<'a>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a str> for Message<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Text(text.as_bytes()))
    }
}

impl<'a> From<&'a String> for Message<'a> {
    fn from(text: &'a String) -> Self {
        text.as_str().into()
    }
}

impl<'a> From<&'a [u8]> for Message<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Binary(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Message<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Binary(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Message<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Binary(bytes)
    }
}

/// A message that is the program's own: what it answers when it is asked for one.
#[derive(Clone, PartialEq, Eq)]
pub enum OwnedMessage {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl From<String> for OwnedMessage {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for OwnedMessage {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for OwnedMessage {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes)
    }
}

impl<'a> From<&'a OwnedMessage> for Message<'a> {
    fn from(message: &'a OwnedMessage) -> Self {
        match message {
            OwnedMessage::Text(text) => text.into(),
            OwnedMessage::Binary(bytes) => bytes.into(),
        }
    }
}

/// Tells how long it is, and nothing of what it says.
impl fmt::Debug for OwnedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(f)
    }
}

/// A piece of a message, lent: what arrived of it just now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Whether the message is text or binary. A piece of text may end inside a character.
    pub kind: Kind,
    /// Whether the message begins with it.
    pub begins: bool,
    /// Whether it ends with it.
    pub ends: bool,
    /// Its bytes; empty only at the end of a message.
    pub bytes: &'a [u8],
}

/// Tells how long it is, and nothing of what it says.
impl fmt::Debug for Piece<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, begins, ends, bytes } = self;
        f.debug_struct("Piece")
            .field("kind", kind)
            .field("begins", begins)
            .field("ends", ends)
            .field("len", &bytes.len())
            .finish_non_exhaustive()
    }
}

/// What became of a message that was to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sent {
    /// It will leave in its turn, if the connection lasts.
    Queued,
    /// So much waits for this peer already that the message was dropped, or the connection is
    /// closed for it, as the server's [`Overflow`](crate::Overflow) says.
    Full,
    /// Nothing can be sent any more: the connection is closing, or gone.
    Gone,
    /// It cannot be sent as it is: a Ping above 125 bytes, or a part that is not of the kind that
    /// its message is of.
    Refused,
}

impl Sent {
    /// Whether it will leave.
    pub const fn is_queued(self) -> bool {
        matches!(self, Self::Queued)
    }
}
