//! The 2 to 14 bytes in front of every payload.
//!
//! ```text
//!  byte 0            byte 1             0, 2 or 8 bytes     0 or 4 bytes
//! ┌─┬───┬────────┐  ┌────┬───────────┐  ┌──────────────┐  ┌─────────────┐
//! │F│RSV│ opcode │  │MASK│ length, or│  │ length, most │  │ masking key │
//! │ │123│        │  │    │ 126 / 127 │  │ significant  │  │             │
//! └─┴───┴────────┘  └────┴───────────┘  │ byte first   │  └─────────────┘
//!                                       └──────────────┘
//! ```

use super::mask::Mask;
use crate::error::Rule;
use crate::span::copy;

/// The longest header: two bytes, a 64-bit length, a key.
pub const MAX_HEADER: usize = 14;

/// The largest payload of a control frame (RFC 6455 section 5.5).
pub const MAX_CONTROL: usize = 125;

/// Text or binary: what a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Kind {
    /// UTF-8, checked.
    Text,
    /// Bytes.
    Binary,
}

/// What a frame is (RFC 6455 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Opcode {
    /// More of the message that is open.
    Continuation = 0x0,
    /// The first or only frame of a text message.
    Text = 0x1,
    /// The first or only frame of a binary message.
    Binary = 0x2,
    /// The last frame of its sender.
    Close = 0x8,
    /// A question whether the peer is there.
    Ping = 0x9,
    /// The answer to it.
    Pong = 0xA,
}

impl Opcode {
    /// The opcode of the low four bits; none for the ten that are reserved.
    #[inline]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        match bits & 0x0F {
            0x0 => Some(Self::Continuation),
            0x1 => Some(Self::Text),
            0x2 => Some(Self::Binary),
            0x8 => Some(Self::Close),
            0x9 => Some(Self::Ping),
            0xA => Some(Self::Pong),
            _ => None,
        }
    }

    /// "Control frames are identified by opcodes where the most significant bit of the opcode is
    /// 1" (section 5.5).
    #[inline]
    pub const fn is_control(self) -> bool {
        self as u8 & 0x8 != 0
    }
}

impl From<Kind> for Opcode {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Binary => Self::Binary,
        }
    }
}

/// The three reserved bits, where they stand in the first byte of a header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Reserved(pub u8);

impl Reserved {
    /// No bit set: what the RFC asks for unless an extension was negotiated.
    pub const NONE: Self = Self(0);
    /// RSV1: "this message is compressed" once permessage-deflate is negotiated (RFC 7692).
    pub const RSV1: Self = Self(0x40);

    /// The bits of this set that are not in `other`.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether no bit is set.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Header {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// The reserved bits.
    pub reserved: Reserved,
    /// What the frame is.
    pub opcode: Opcode,
    /// The key that its payload is masked with: every client's frame has one, no server's has.
    pub mask: Option<Mask>,
    /// How many bytes of payload follow.
    pub len: u64,
}

/// A header in bytes, ready to stand in front of its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HeaderBytes {
    /// Two words, since they are made as such: put together byte by byte, they take twice as long.
    words: [[u8; 8]; 2],
    len: u8,
}

impl HeaderBytes {
    /// Sets reserved bits, too.
    #[cfg(feature = "deflate")]
    pub(crate) const fn mark(&mut self, reserved: Reserved) {
        let [[first, ..], _] = &mut self.words;
        *first |= reserved.0;
    }

    /// The bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        self.words.as_flattened().get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// How many bytes the header of a frame of `len` bytes takes.
pub const fn header_len(len: u64, masked: bool) -> usize {
    let length = match len {
        0..=125 => 2,
        126..=0xFFFF => 4,
        _ => 10,
    };
    if masked { length + 4 } else { length }
}

impl Header {
    /// The header in bytes, its length in the fewest bytes: "in all cases, the minimal number of
    /// bytes MUST be used to encode the length" (section 5.2).
    #[inline]
    pub fn encode(&self) -> HeaderBytes {
        let fin = if self.fin { 0x80 } else { 0 };
        let first = fin | self.reserved.0 | self.opcode as u8;
        let masked = if self.mask.is_some() { MASK_BIT } else { 0 };
        let key = self.mask.map_or(0, |mask| u64::from(u32::from_le_bytes(mask.key())));
        let start = |second| u64::from(u16::from_le_bytes([first, masked | second]));
        let (words, len) = match self.len {
            // The three arms cannot truncate: each is bounded by its pattern.
            0..=125 => ([start(self.len as u8) | key << 16, 0], 2),
            126..=0xFFFF => {
                let len = u64::from((self.len as u16).swap_bytes());
                ([start(126) | len << 16 | key << 32, 0], 4)
            }
            _ => {
                let len = self.len.swap_bytes();
                ([start(127) | len << 16, len >> 48 | key << 16], 10)
            }
        };
        let len = if masked == 0 { len } else { len + 4 };
        HeaderBytes { words: words.map(u64::to_le_bytes), len }
    }

    /// Puts it at the end of `room`, and tells its length; nothing is changed if it does not fit.
    #[inline]
    pub(crate) fn put(&self, room: &mut [u8]) -> Option<usize> {
        let first = if self.fin { 0x80 } else { 0 } | self.reserved.0 | self.opcode as u8;
        // A server's are done before a loop would have begun.
        match (self.len, self.mask) {
            (len @ 0..=125, None) => {
                *room.last_chunk_mut()? = [first, len as u8];
                Some(2)
            }
            (len @ 126..=0xFFFF, None) => {
                let [byte_0, byte_1, length @ ..] = room.last_chunk_mut::<4>()?;
                (*byte_0, *byte_1, *length) = (first, 126, (len as u16).to_be_bytes());
                Some(4)
            }
            (len, None) => {
                let [byte_0, byte_1, length @ ..] = room.last_chunk_mut::<10>()?;
                (*byte_0, *byte_1, *length) = (first, 127, len.to_be_bytes());
                Some(10)
            }
            (_, Some(_)) => {
                let bytes = self.encode();
                let bytes = bytes.as_slice();
                let start = room.len().checked_sub(bytes.len())?;
                copy(bytes, room.get_mut(start..)?);
                Some(bytes.len())
            }
        }
    }

    /// Reads a header from the front of `bytes`: the header and how many bytes it took, or nothing
    /// if more bytes are needed.
    ///
    /// Checks what a header can tell by itself, byte by byte, so that a bad one is refused with
    /// its first bad byte. What needs the state of a connection (a stray continuation, a missing
    /// mask, a size limit) is the [`Decoder`](crate::Decoder)'s.
    ///
    /// # Errors
    ///
    /// The broken rule, and the index of the byte that broke it.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Self, usize)>, (Rule, u64)> {
        let &[first, ref rest @ ..] = bytes else { return Ok(None) };
        let first = FirstByte::decode(first).map_err(|rule| (rule, 0))?;
        Self::decode_after(first, rest).map_err(|(rule, at)| (rule, at as u64))
    }

    /// Reads the header whose first byte has been read: `rest` begins with the second.
    #[inline]
    pub(crate) fn decode_after(
        first: FirstByte,
        rest: &[u8],
    ) -> Result<Option<(Self, usize)>, (Rule, usize)> {
        let FirstByte { fin, reserved, opcode } = first;
        let &[second, ref rest @ ..] = rest else { return Ok(None) };
        let short = second & 0x7F;
        // "All control frames MUST have a payload length of 125 bytes or less" (section 5.5).
        if opcode.is_control() && short > 125 {
            return Err((Rule::LongControl, 1));
        }
        let (size, least) = match short {
            126 => (2, 126),
            127 => (8, 0x1_0000),
            _ => (0, 0),
        };
        // "The most significant bit MUST be 0" (section 5.2).
        if size == 8 && rest.first().is_some_and(|&byte| byte & 0x80 != 0) {
            return Err((Rule::LengthTopBit, 2));
        }
        let Some((length, rest)) = rest.split_at_checked(size) else { return Ok(None) };
        let len = match length {
            [] => u64::from(short),
            _ => length.iter().fold(0, |len, &byte| len << 8 | u64::from(byte)),
        };
        if len < least {
            return Err((Rule::LengthNotMinimal, 1));
        }
        let used = 2 + size;
        if second & MASK_BIT == 0 {
            return Ok(Some((Self { fin, reserved, opcode, mask: None, len }, used)));
        }
        let &[a, b, c, d, ..] = rest else { return Ok(None) };
        let mask = Some(Mask::new([a, b, c, d]));
        Ok(Some((Self { fin, reserved, opcode, mask, len }, used + 4)))
    }
}

/// The bit of the second byte that says whether the payload is masked.
pub(crate) const MASK_BIT: u8 = 0x80;

/// What the first byte of a header says.
#[derive(Clone, Copy)]
pub(crate) struct FirstByte {
    pub(crate) fin: bool,
    pub(crate) reserved: Reserved,
    pub(crate) opcode: Opcode,
}

impl FirstByte {
    #[inline]
    pub(crate) fn decode(byte: u8) -> Result<Self, Rule> {
        // "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket
        // Connection_" (section 5.2).
        let opcode = Opcode::from_bits(byte).ok_or(Rule::UnknownOpcode)?;
        let fin = byte & 0x80 != 0;
        // "All control frames [...] MUST NOT be fragmented" (section 5.5).
        if opcode.is_control() && !fin {
            return Err(Rule::FragmentedControl);
        }
        Ok(Self { fin, reserved: Reserved(byte & 0x70), opcode })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(len: u64, mask: Option<[u8; 4]>) -> Header {
        Header {
            fin: true,
            reserved: Reserved::NONE,
            opcode: Opcode::Binary,
            mask: mask.map(Mask::new),
            len,
        }
    }

    const EDGES: [u64; 8] = [0, 1, 125, 126, 65_535, 65_536, 1 << 40, i64::MAX as u64];

    #[test]
    fn encode_then_decode_is_identity_at_every_edge_and_every_cut() {
        for len in EDGES {
            for mask in [None, Some([1, 2, 3, 4])] {
                let header = header(len, mask);
                let bytes = header.encode();
                let bytes = bytes.as_slice();
                assert_eq!(bytes.len(), header_len(len, mask.is_some()));
                assert_eq!(Header::decode(bytes), Ok(Some((header, bytes.len()))));
                for cut in 0..bytes.len() {
                    assert_eq!(Header::decode(&bytes[..cut]), Ok(None));
                }
            }
        }
    }

    #[test]
    fn a_length_that_is_not_minimal_is_refused() {
        assert_eq!(Header::decode(&[0x82, 126, 0, 125]), Err((Rule::LengthNotMinimal, 1)));
        let long = [0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];
        assert_eq!(Header::decode(&long), Err((Rule::LengthNotMinimal, 1)));
    }

    #[test]
    fn a_bad_header_is_refused_at_its_first_bad_byte() {
        assert_eq!(Header::decode(&[0x83]), Err((Rule::UnknownOpcode, 0)));
        assert_eq!(Header::decode(&[0x09]), Err((Rule::FragmentedControl, 0)));
        assert_eq!(Header::decode(&[0x89, 0xFE]), Err((Rule::LongControl, 1)));
        assert_eq!(Header::decode(&[0x82, 127, 0x80]), Err((Rule::LengthTopBit, 2)));
    }
}
