//! What the client says: a request as browsers send it, equal frames, a Ping, a Close.

use crate::{Echo, MESSAGE};

/// A request of 250 bytes in nine lines.
pub(crate) const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\n\
    Host: 192.168.7.1:8080\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\
    Accept: */*\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Origin: http://192.168.7.1\r\n\
    Sec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A Ping of "hi", masked.
pub(crate) const PING: &[u8] = &[0x89, 0x82, 1, 2, 3, 4, b'h' ^ 1, b'i' ^ 2];

/// A Close with code 1000, masked.
pub(crate) const CLOSE: &[u8] = &[0x88, 0x82, 1, 2, 3, 4, 0x03 ^ 1, 0xE8 ^ 2];

const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// One row of what is measured.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    first_byte: u8,
    len: u16,
    /// How many frames.
    pub(crate) count: u32,
}

const fn text(name: &'static str, len: u16, count: u32) -> Case {
    Case { name, first_byte: 0x81, len, count }
}

const fn binary(name: &'static str, len: u16, count: u32) -> Case {
    Case { name, first_byte: 0x82, len, count }
}

pub(crate) static CASES: [Case; 6] = [
    text("text 16", 16, 1000),
    text("text 125", 125, 500),
    text("text 1024", MESSAGE as u16, 200),
    binary("binary 16", 16, 1000),
    binary("binary 125", 125, 500),
    binary("binary 1024", MESSAGE as u16, 200),
];

/// A message in one masked frame. It is made where it stays: moved, it would bring `memcpy` into the
/// base, and hide it in the others.
pub(crate) struct Frame {
    bytes: [u8; MESSAGE + 8],
    header_len: usize,
    /// The header of the answer, and what it says.
    answer: [u8; 4],
    payload: [u8; MESSAGE],
    len: usize,
}

impl Frame {
    pub(crate) const EMPTY: Self = Self {
        bytes: [0; MESSAGE + 8],
        header_len: 0,
        answer: [0; 4],
        payload: [0; MESSAGE],
        len: 0,
    };

    pub(crate) fn make(&mut self, case: &Case) {
        let [high, low] = case.len.to_be_bytes();
        let is_long = case.len > 125;
        let second = if is_long { 126 } else { low };
        self.len = usize::from(case.len);
        self.header_len = if is_long { 8 } else { 6 };
        self.answer = [case.first_byte, second, high, low];
        let [a, b, c, d] = MASK;
        let second = second | 0x80;
        self.bytes
            .iter_mut()
            .zip(match is_long {
                true => [case.first_byte, second, high, low, a, b, c, d],
                false => [case.first_byte, second, a, b, c, d, 0, 0],
            })
            .for_each(|(to, from)| *to = from);
        // Small letters: text that is ASCII, like most.
        let masked = self.bytes.get_mut(self.header_len..).unwrap_or_default();
        for (at, (plain, masked)) in self.payload.iter_mut().zip(masked).enumerate() {
            *plain = b'a' + (at % 26) as u8;
            *masked = *plain ^ MASK[at % 4];
        }
    }

    /// The frame as it is sent.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.header_len + self.len).unwrap_or_default()
    }

    /// What must come back: a header and a payload.
    pub(crate) fn answer(&self, echo: Echo) -> (&[u8], &[u8]) {
        if echo == Echo::Bytes {
            return (self.bytes(), &[]);
        }
        let header = self.answer.get(..self.header_len - 4).unwrap_or_default();
        (header, self.payload.get(..self.len).unwrap_or_default())
    }
}
