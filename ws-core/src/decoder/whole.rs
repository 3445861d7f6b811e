//! The short way of a message that lies whole in the bytes: most messages that a server gets.
//!
//! It is taken between messages only, and leaves the decoder between messages, so that nothing of
//! its state changes but the offset. Whatever is not plain sailing (a fragment, a control frame, a
//! rule broken in the header, bytes still to come) is left to the long way, which knows all rules.
//! On 32 bits it would cost more flash than it is worth.

use super::{Chunk, Decoded, Decoder, Event, Side};
use crate::error::{Rule, Violation};
use crate::frame::{Kind, Mask};
use crate::span::Span;
use crate::utf8;

/// A data frame that is a message by itself, masked, in the shortest form of its length.
pub(super) struct Whole {
    kind: Kind,
    mask: Mask,
    span: Span,
}

impl Whole {
    /// What stands at the front of the bytes, if it is that, and all of it is there.
    #[inline]
    pub(super) fn at_front_of(bytes: &[u8]) -> Option<Self> {
        let (first, start, len, key) = match *bytes {
            [first, short @ 0x80..=0xFD, a, b, c, d, ..] => {
                (first, 6, usize::from(short & 0x7F), [a, b, c, d])
            }
            [first, 0xFE, x, y, a, b, c, d, ..] => {
                (first, 8, usize::from(u16::from_be_bytes([x, y])), [a, b, c, d])
            }
            _ => return None,
        };
        let kind = match first {
            0x81 => Kind::Text,
            0x82 => Kind::Binary,
            _ => return None,
        };
        let shortest = start == 6 || len > 125;
        let whole = Self { kind, mask: Mask::new(key), span: Span::new(start, len) };
        (shortest && whole.span.end <= bytes.len()).then_some(whole)
    }

    /// How many bytes of payload.
    #[inline]
    pub(super) fn len(&self) -> u64 {
        self.span.len() as u64
    }
}

impl Decoder {
    /// Whether the short way may be looked for.
    #[inline]
    pub(super) fn is_between_messages(&self) -> bool {
        self.open.is_none() && self.violation.is_none() && self.side == Side::Server
    }

    /// Delivers it.
    #[inline]
    pub(super) fn whole(&mut self, whole: Whole, bytes: &mut [u8]) -> Result<Decoded, Violation> {
        let Whole { kind, mut mask, span } = whole;
        let payload = span.of_mut(bytes);
        mask.apply(payload);
        if kind == Kind::Text
            && let Err(at) = utf8::check_whole(payload)
        {
            // As the long way leaves it.
            self.open = Some(kind);
            return Err(self.fail(Rule::InvalidUtf8, span.start, at as u64));
        }
        let chunk =
            Chunk { kind, begins: true, ends: true, compressed: false, span, frame_left: 0 };
        Ok(self.done(span.end, Event::Chunk(chunk)))
    }
}
