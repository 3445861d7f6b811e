//! The short way of a message that lies whole in the bytes: most messages that a server gets.
//!
//! It is taken between messages only, and leaves the decoder between messages, so that nothing of
//! its state changes but the offset. Whatever is not plain sailing (a fragment, a control frame, a
//! rule broken in the header, bytes still to come) is left to the long way, which knows all rules.

use super::{Decoder, Room, Side};
use crate::error::{Rule, Violation};
use crate::frame::{Kind, Mask};
use crate::span::Span;
use crate::utf8;

/// The header of a data frame that is a message by itself, masked, with a length below 64 KiB in
/// its shortest form.
struct Front {
    kind: Kind,
    /// Where the payload begins.
    start: usize,
    len: u16,
    mask: Mask,
}

impl Front {
    #[inline]
    fn of(bytes: &[u8]) -> Option<Self> {
        // One load and shifts: bytes taken one by one would be put together again one by one. (A
        // payload shorter than two bytes at the very end of the bytes goes the long way for it.)
        let head = u64::from_le_bytes(*bytes.first_chunk()?);
        let kind = match head as u8 {
            0x81 => Kind::Text,
            0x82 => Kind::Binary,
            _ => return None,
        };
        let (start, len, key) = match (head >> 8) as u8 {
            short @ 0x80..=0xFD => (6, u16::from(short & 0x7F), (head >> 16) as u32),
            0xFE => (8, ((head >> 16) as u16).swap_bytes(), (head >> 32) as u32),
            _ => return None,
        };
        if start == 8 && len < 126 {
            return None;
        }
        let mask = Mask::new(key.to_le_bytes());
        Some(Self { kind, start, len, mask })
    }
}

impl Decoder {
    /// Delivers the message at the front of the bytes if it can go the short way: behind it, nothing
    /// more of them is used.
    #[inline]
    pub(crate) fn whole(
        &mut self,
        bytes: &mut [u8],
        room: Room,
    ) -> Option<Result<(Kind, Span), Violation>> {
        // Nobody who has broken a rule is between messages, either.
        if self.open.is_some() || self.broken.is_some() || self.side != Side::Server {
            return None;
        }
        let Front { kind, start, len, mask } = Front::of(bytes)?;
        let len = usize::from(len);
        if len > self.max_message || !room.fits(len, true) {
            return None;
        }
        let span = Span { start, end: start + len };
        let payload = bytes.get_mut(span.start..span.end)?;
        if kind == Kind::Binary {
            mask.apply_once(payload);
        } else if !mask.apply_to_text(payload)
            && let Err(at) = utf8::check_whole(payload)
        {
            // As the long way leaves it.
            self.open = Some(kind);
            return Some(Err(self.fail(Rule::InvalidUtf8, start, at)));
        }
        self.offset = self.offset.wrapping_add(span.end);
        Some(Ok((kind, span)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Header, Opcode, Reserved};
    use std::vec::Vec;

    /// A frame of `len` bytes: of text in three alphabets, which the lengths cut anywhere.
    fn frame(opcode: Opcode, len: usize) -> Vec<u8> {
        let mut mask = Mask::new([0x37, 0xfa, 0x21, 0x3d]);
        let (reserved, len_u64) = (Reserved::NONE, len as u64);
        let header = Header { fin: true, reserved, opcode, mask: Some(mask), len: len_u64 };
        let mut bytes = header.encode().as_slice().to_vec();
        let start = bytes.len();
        bytes.extend("plain κόσμε 日本 ".bytes().cycle().take(len));
        mask.apply(&mut bytes[start..]);
        bytes
    }

    #[test]
    fn both_ways_agree_whatever_the_bytes() {
        for opcode in [Opcode::Text, Opcode::Binary, Opcode::Ping, Opcode::Continuation] {
            for len in [0, 1, 2, 12, 16, 63, 64, 65, 125, 126, 127, 200] {
                let frame = frame(opcode, len);
                for at in 0..frame.len() {
                    for flip in [0x00, 0x01, 0x02, 0x10, 0x40, 0x80, 0xFE] {
                        let mut bytes = frame.clone();
                        bytes[at] ^= flip;
                        both_ways_agree(&bytes);
                        both_ways_agree(&bytes[..at]);
                    }
                }
            }
        }
    }

    fn both_ways_agree(bytes: &[u8]) {
        let short = Decoder::new(Side::Server).with_max_message(150);
        let (mut short, mut long) = (short.clone(), short);
        let (mut by_short, mut by_long) = (bytes.to_vec(), bytes.to_vec());
        let decoded = short.decode(&mut by_short);
        assert_eq!(decoded, long.decode_step_by_step(&mut by_long, Room::ANY), "{bytes:x?}");
        assert_eq!(by_short, by_long, "{bytes:x?}");
        assert_eq!(short.offset, long.offset, "{bytes:x?}");
        assert_eq!(short.open_message(), long.open_message(), "{bytes:x?}");
        assert_eq!(short.violation(), long.violation(), "{bytes:x?}");
    }
}
