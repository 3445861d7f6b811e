//! What the decoder answers.

use crate::frame::{CloseCode, Kind};
use crate::span::Span;

/// What [`Decoder::decode`](super::Decoder::decode) found at the front of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decoded {
    /// How many bytes are done with: do not offer them again. The event may point into them.
    pub consumed: usize,
    /// What they were; none if more bytes are needed to tell.
    pub event: Option<Event>,
}

/// One step of a conversation, its payload a span of the bytes that were offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Event {
    /// A piece of a message.
    Chunk(Chunk),
    /// A Ping, and the payload that its Pong must carry.
    Ping(Span),
    /// A Pong.
    Pong(Span),
    /// A Close frame.
    Close {
        /// Its code; none if the frame was empty.
        code: Option<CloseCode>,
        /// Its reason: UTF-8, checked.
        reason: Span,
    },
}

/// A piece of a message: unmasked, and UTF-8 as far as it goes if the message is text.
///
/// A piece of text may end inside a character; the message as a whole does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Chunk {
    /// What the message is.
    pub kind: Kind,
    /// Whether the message begins with this piece.
    pub begins: bool,
    /// Whether it ends with it.
    pub ends: bool,
    /// Whether the message came with RSV1 set: compressed, if that was negotiated.
    pub compressed: bool,
    /// Where the piece lies. Empty only at the end of a message.
    pub span: Span,
    /// How many bytes of the current frame are still to come: a lower bound of what the rest of
    /// the message needs. The peer *claims* it; nothing has arrived.
    pub frame_left: u64,
    /// Whether the current frame is the last one of the message.
    pub last_frame: bool,
}
