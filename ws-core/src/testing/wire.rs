//! Frames as they travel: written by hand, lawful or not, and read without judging.

use alloc::vec::Vec;

use crate::frame::CloseCode;

/// A frame as it travels. It can break every rule, since it keeps none.
///
/// ```
/// use ws_core::testing::WireFrame;
///
/// let ping = WireFrame::ping("are you there");
/// assert_eq!(WireFrame::decode_all(&ping.encode()), [ping]);
/// // An unmasked text that is not finished, with RSV2 set and its length in eight bytes:
/// let odd = WireFrame::text("hi").more().reserved(0x20).with_length_bytes(8);
/// assert_eq!(odd.encode(), b"\x21\x7f\0\0\0\0\0\0\0\x02hi");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireFrame {
    /// Whether FIN is set.
    pub fin: bool,
    /// The reserved bits, where they stand in the first byte.
    pub reserved: u8,
    /// The opcode: the low four bits.
    pub opcode: u8,
    /// The key that the payload is masked with, if it is.
    pub mask: Option<[u8; 4]>,
    /// The payload, unmasked.
    pub payload: Vec<u8>,
    /// The length to claim, if not the payload's.
    pub claimed: Option<u64>,
    /// In how many bytes the length is written behind the first (0, 2 or 8), if not the fewest.
    pub length_bytes: Option<usize>,
}

impl WireFrame {
    /// A whole frame, not masked.
    pub fn new(opcode: u8, payload: impl AsRef<[u8]>) -> Self {
        let payload = payload.as_ref().to_vec();
        Self {
            fin: true,
            reserved: 0,
            opcode,
            mask: None,
            payload,
            claimed: None,
            length_bytes: None,
        }
    }

    /// More of a message, and its end.
    pub fn continuation(payload: impl AsRef<[u8]>) -> Self {
        Self::new(0x0, payload)
    }

    /// A text message in one frame.
    pub fn text(payload: impl AsRef<[u8]>) -> Self {
        Self::new(0x1, payload)
    }

    /// A binary message in one frame.
    pub fn binary(payload: impl AsRef<[u8]>) -> Self {
        Self::new(0x2, payload)
    }

    /// A Ping.
    pub fn ping(payload: impl AsRef<[u8]>) -> Self {
        Self::new(0x9, payload)
    }

    /// A Pong.
    pub fn pong(payload: impl AsRef<[u8]>) -> Self {
        Self::new(0xA, payload)
    }

    /// A Close with a code and a reason.
    pub fn close(code: CloseCode, reason: impl AsRef<[u8]>) -> Self {
        let mut payload = code.0.to_be_bytes().to_vec();
        payload.extend_from_slice(reason.as_ref());
        Self::new(0x8, payload)
    }

    /// A Close with any payload at all.
    pub fn raw_close(payload: impl AsRef<[u8]>) -> Self {
        Self::new(0x8, payload)
    }

    /// The frame without FIN: more of the message follows.
    #[must_use]
    pub fn more(mut self) -> Self {
        self.fin = false;
        self
    }

    /// The frame with these reserved bits: `0x40` is RSV1, `0x20` RSV2, `0x10` RSV3.
    #[must_use]
    pub fn reserved(mut self, bits: u8) -> Self {
        self.reserved = bits & 0x70;
        self
    }

    /// The frame masked with a key.
    #[must_use]
    pub fn masked(mut self, key: [u8; 4]) -> Self {
        self.mask = Some(key);
        self
    }

    /// The frame with its length written in so many bytes behind the first: 0, 2 or 8.
    #[must_use]
    pub fn with_length_bytes(mut self, bytes: usize) -> Self {
        self.length_bytes = Some(bytes);
        self
    }

    /// The frame claiming a length that its payload does not have.
    #[must_use]
    pub fn claiming(mut self, len: u64) -> Self {
        self.claimed = Some(len);
        self
    }

    /// How many bytes come in front of its payload.
    pub fn header_len(&self) -> usize {
        2 + self.extra_length_bytes() + if self.mask.is_some() { 4 } else { 0 }
    }

    /// The code and the reason of a Close frame; none if it has no code.
    pub fn close_code(&self) -> Option<CloseCode> {
        let (code, _) = self.payload.split_first_chunk()?;
        (self.opcode == 0x8).then_some(CloseCode(u16::from_be_bytes(*code)))
    }

    /// The frame in bytes.
    pub fn encode(&self) -> Vec<u8> {
        let fin = if self.fin { 0x80 } else { 0 };
        let masked = if self.mask.is_some() { 0x80 } else { 0 };
        let len = self.length();
        let mut bytes = alloc::vec![fin | self.reserved | self.opcode & 0x0F];
        // The lengths cannot be cut short unless a test asked for it.
        match self.extra_length_bytes() {
            0 => bytes.push(masked | len as u8 & 0x7F),
            2 => {
                bytes.push(masked | 126);
                bytes.extend_from_slice(&(len as u16).to_be_bytes());
            }
            _ => {
                bytes.push(masked | 127);
                bytes.extend_from_slice(&len.to_be_bytes());
            }
        }
        bytes.extend(self.mask.iter().flatten());
        bytes.extend(xored(&self.payload, self.mask));
        bytes
    }

    /// Many frames in bytes.
    pub fn encode_all<'a>(frames: impl IntoIterator<Item = &'a Self>) -> Vec<u8> {
        frames.into_iter().flat_map(Self::encode).collect()
    }

    /// Reads a frame from the front of `bytes` without judging it, and tells how many bytes it
    /// took; none if more are needed.
    pub fn decode(bytes: &[u8]) -> Option<(Self, usize)> {
        let (&[first, second], rest) = bytes.split_first_chunk()?;
        let (len, rest) = match second & 0x7F {
            126 => {
                let (len, rest) = rest.split_first_chunk()?;
                (u64::from(u16::from_be_bytes(*len)), rest)
            }
            127 => {
                let (len, rest) = rest.split_first_chunk()?;
                (u64::from_be_bytes(*len), rest)
            }
            len => (u64::from(len), rest),
        };
        let (mask, rest) = match second & 0x80 {
            0 => (None, rest),
            _ => {
                let (key, rest) = rest.split_first_chunk()?;
                (Some(*key), rest)
            }
        };
        let (payload, rest) = rest.split_at_checked(usize::try_from(len).ok()?)?;
        let frame = Self {
            fin: first & 0x80 != 0,
            reserved: first & 0x70,
            mask,
            ..Self::new(first & 0x0F, xored(payload, mask).collect::<Vec<_>>())
        };
        Some((frame, bytes.len() - rest.len()))
    }

    /// All whole frames at the front of `bytes`.
    pub fn decode_all(mut bytes: &[u8]) -> Vec<Self> {
        let mut frames = Vec::new();
        while let Some((frame, len)) = Self::decode(bytes) {
            frames.push(frame);
            bytes = bytes.get(len..).unwrap_or_default();
        }
        frames
    }

    fn length(&self) -> u64 {
        self.claimed.unwrap_or(self.payload.len() as u64)
    }

    fn extra_length_bytes(&self) -> usize {
        self.length_bytes.unwrap_or(match self.length() {
            0..=125 => 0,
            126..=0xFFFF => 2,
            _ => 8,
        })
    }
}

/// "Octet i of the transformed data is the XOR of octet i of the original data with octet at index
/// i modulo 4 of the masking key" (RFC 6455 section 5.3), to the letter.
fn xored(payload: &[u8], mask: Option<[u8; 4]>) -> impl Iterator<Item = u8> + '_ {
    let key = mask.unwrap_or_default();
    payload.iter().zip(key.into_iter().cycle()).map(|(byte, key)| byte ^ key)
}
