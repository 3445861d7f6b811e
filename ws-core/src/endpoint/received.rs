//! What an inbox tells, and how it is asked.

use crate::decoder::Chunk;
use crate::frame::{CloseCode, Kind};
use crate::span::Span;

/// How data is taken: chosen per call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Take {
    /// Whole messages, which must fit the buffer.
    Messages,
    /// Whatever has arrived of a message, of any size.
    Chunks,
}

/// What was received. Spans are of the buffer, see [`Inbox::bytes`](super::Inbox::bytes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Received {
    /// A message, or a piece of one.
    Data(Data),
    /// A Ping; its payload.
    Ping(Span),
    /// A Pong; its payload.
    Pong(Span),
    /// The peer's Close frame.
    Close {
        /// Its code; none if it was empty.
        code: Option<CloseCode>,
        /// Its reason.
        reason: Span,
    },
}

/// A message, or a piece of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Data {
    /// What the message is.
    pub kind: Kind,
    /// Whether the message begins with this piece.
    pub begins: bool,
    /// Whether it ends with it.
    pub ends: bool,
    /// Where it lies.
    pub span: Span,
    /// How many bytes of the frame that it came in are still to come.
    pub frame_left: u64,
    /// Whether that frame is the last one of the message.
    pub last_frame: bool,
    #[cfg(feature = "deflate")]
    pub(super) compressed: bool,
}

impl Data {
    /// Whether it is compressed, which it only is where that was agreed on, and so is still to be
    /// inflated.
    pub const fn is_compressed(&self) -> bool {
        #[cfg(feature = "deflate")]
        return self.compressed;
        #[cfg(not(feature = "deflate"))]
        false
    }

    /// A message that is whole.
    pub(super) const fn whole(kind: Kind, span: Span) -> Self {
        Self {
            kind,
            begins: true,
            ends: true,
            span,
            frame_left: 0,
            last_frame: true,
            #[cfg(feature = "deflate")]
            compressed: false,
        }
    }

    /// What there is of a message in a chunk.
    pub(super) fn piece(chunk: &Chunk) -> Self {
        let Chunk { kind, begins, ends, span, frame_left, last_frame, .. } = *chunk;
        Self {
            kind,
            begins,
            ends,
            span,
            frame_left,
            last_frame,
            #[cfg(feature = "deflate")]
            compressed: chunk.compressed,
        }
    }
}
