//! What is sent: bytes that lie in several places, written bit by bit.

use core::fmt;

use super::client::Request;
use super::refusal::Refusal;
use super::upgrade::Acceptance;

/// A request or a response, ready to be sent, that was never put together in one buffer.
///
/// [`write`](Self::write) copies any stretch of it, so that a send buffer of 40 bytes is enough,
/// and a write that was cut short goes on where it stopped.
///
/// ```
/// use ws_core::handshake::Refusal;
///
/// let response = Refusal::NotFound.response();
/// let (mut sent, mut buffer) = (Vec::new(), [0; 40]);
/// loop {
///     match response.write(sent.len(), &mut buffer) {
///         0 => break,
///         count => sent.extend_from_slice(&buffer[..count]),
///     }
/// }
/// assert!(sent.starts_with(b"HTTP/1.1 404 Not Found\r\n"));
/// assert_eq!(sent.len(), response.len());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OutgoingHead<'a> {
    pub(super) content: Content<'a>,
}

/// What varies of a head; each of them knows what stands around it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content<'a> {
    Request(Request<'a>),
    Acceptance(Acceptance<'a>),
    Refusal(Refusal),
    /// The same without words.
    Terse(Refusal),
}

impl OutgoingHead<'_> {
    /// How many bytes there are in all.
    pub fn len(&self) -> usize {
        self.pour(0, &mut []).passed
    }

    /// Whether there is nothing to send, which never happens.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Copies the bytes from position `from` on into `out`, as many as fit, and says how many:
    /// 0 when `from` is the end.
    pub fn write(&self, from: usize, out: &mut [u8]) -> usize {
        self.pour(from, out).filled
    }

    fn pour<'o>(&self, from: usize, out: &'o mut [u8]) -> Window<'o> {
        let mut window = Window { from, out, passed: 0, filled: 0 };
        match &self.content {
            Content::Request(request) => request.pour(&mut window),
            Content::Acceptance(acceptance) => acceptance.pour(&mut window),
            Content::Refusal(refusal) => refusal.pour(&mut window),
            Content::Terse(refusal) => refusal.pour_terse(&mut window),
        }
        window
    }
}

/// Tells how much there is, and nothing of what it says: headers hold cookies and passwords.
impl fmt::Debug for OutgoingHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingHead").field("len", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for OutgoingHead<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "OutgoingHead {{ len: {=usize} }}", self.len());
    }
}

/// The stretch of the whole that goes into `out`, while the whole passes by.
pub(super) struct Window<'o> {
    from: usize,
    out: &'o mut [u8],
    passed: usize,
    filled: usize,
}

impl Window<'_> {
    // Flash: many callers, one copy.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        let wanted = bytes.get(self.from.saturating_sub(self.passed)..).unwrap_or_default();
        let room = self.out.get_mut(self.filled..).unwrap_or_default();
        let len = room.len().min(wanted.len());
        // Speed: a block at once; `span::copy` is for what is too short for that.
        if let (Some(wanted), Some(room)) = (wanted.get(..len), room.get_mut(..len)) {
            room.copy_from_slice(wanted);
        }
        self.filled = self.filled.wrapping_add(len);
        self.passed = self.passed.wrapping_add(bytes.len());
    }

    /// A number in decimal digits.
    pub(super) fn put_number(&mut self, number: u32) {
        self.put(digits(number, &mut [0; 10]));
    }

    /// The elements of a list, with commas between them.
    pub(super) fn put_list(&mut self, elements: &[&str]) {
        let mut comma: &[u8] = b"";
        for element in elements {
            self.put(comma);
            self.put(element.as_bytes());
            comma = b", ";
        }
    }

    /// Whole header lines.
    // Flash: most have none, and inlined it is nothing then.
    #[inline]
    pub(super) fn put_headers(&mut self, headers: &[(&str, &str)]) {
        for (name, value) in headers {
            self.put(name.as_bytes());
            self.put(b": ");
            self.put(value.as_bytes());
            self.put(b"\r\n");
        }
    }
}

fn digits(mut number: u32, space: &mut [u8; 10]) -> &[u8] {
    let mut unused = space.len();
    for digit in space.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        unused = unused.wrapping_sub(1);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    space.get(unused..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::ClientHandshake;

    #[test]
    fn every_stretch_is_the_same_as_in_the_whole() {
        let subprotocols = ["a", "bc", "d"];
        let handshake = ClientHandshake::new(*b"the sample nonce", &subprotocols);
        let headers = [("X", "y z"), ("N", "")];
        check(handshake.request("h:80", "/", &headers).unwrap());
        check(Refusal::Unavailable { retry_after_seconds: 0 }.response());
        check(Refusal::TooManyRequests { retry_after_seconds: u16::MAX }.response());
        check(Refusal::Method.terse());
    }

    fn check(outgoing: OutgoingHead<'_>) {
        let mut whole = [0; 300];
        let len = outgoing.write(0, &mut whole);
        let whole = &whole[..len];
        assert_eq!(outgoing.len(), len);
        for from in 0..=len + 1 {
            for room in 0..=len + 1 {
                let mut out = [0; 300];
                let count = outgoing.write(from, &mut out[..room]);
                let rest = whole.get(from..).unwrap_or_default();
                assert_eq!(out[..count], rest[..room.min(rest.len())]);
            }
        }
    }
}
