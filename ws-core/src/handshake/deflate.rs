//! What is said about permessage-deflate in the handshake (RFC 7692 section 7.1).

#[cfg(feature = "deflate")]
use super::outgoing::Window;

/// The size of a window: its base-2 logarithm, from 8 to 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WindowBits(pub(super) u8);

impl WindowBits {
    /// 256 bytes.
    pub const MIN: Self = Self(8);
    /// 32 KiB: what is meant where nothing is said.
    pub const MAX: Self = Self(15);

    /// So many bits; none if there is no such window.
    pub const fn new(bits: u8) -> Option<Self> {
        if bits < Self::MIN.0 || bits > Self::MAX.0 { None } else { Some(Self(bits)) }
    }

    /// The largest window that fits in so many bytes; none if not even the smallest does.
    pub const fn fitting(bytes: usize) -> Option<Self> {
        match bytes.checked_ilog2() {
            Some(bits @ 8..=15) => Some(Self(bits as u8)),
            Some(16..) => Some(Self::MAX),
            _ => None,
        }
    }

    /// How many bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// How many bytes.
    pub const fn bytes(self) -> usize {
        1 << self.0
    }

    /// RFC 7692 section 7.1.2: "a decimal integer value without leading zeroes between 8 to 15,
    /// inclusive".
    fn parse(value: &[u8]) -> Option<Self> {
        let mut digits = value.iter().filter(|byte| **byte != b'\\');
        match (digits.next()?, digits.next(), digits.next()) {
            (digit @ b'8'..=b'9', None, None) => Some(Self(digit - b'0')),
            (b'1', Some(digit @ b'0'..=b'5'), None) => Some(Self(10 + (digit - b'0'))),
            _ => None,
        }
    }
}

/// The parameters of permessage-deflate (RFC 7692 section 7.1): those of an offer, or of the
/// answer to one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeflateOffer {
    /// The server is to forget its window after each message, or will.
    pub server_no_context_takeover: bool,
    /// The client will, or is to, forget its window after each message.
    pub client_no_context_takeover: bool,
    /// The largest window for what the server sends.
    pub server_max_window_bits: Option<WindowBits>,
    /// The window for what the client sends: `Some(None)` says that the client would keep to a
    /// smaller one if the server names it.
    pub client_max_window_bits: Option<Option<WindowBits>>,
}

impl DeflateOffer {
    /// The same with one parameter more, or `None` if it makes the offer invalid.
    ///
    /// RFC 7692 section 7.1: "A server MUST decline an extension negotiation offer for this
    /// extension if [...] the negotiation offer contains an extension parameter not defined for
    /// use in an offer [...] with an invalid value [...] multiple extension parameters with the
    /// same name."
    pub(super) fn with(mut self, name: &[u8], value: Option<&[u8]>) -> Option<Self> {
        let is_new = match (name, value) {
            (b"server_no_context_takeover", None) => {
                !core::mem::replace(&mut self.server_no_context_takeover, true)
            }
            (b"client_no_context_takeover", None) => {
                !core::mem::replace(&mut self.client_no_context_takeover, true)
            }
            (b"server_max_window_bits", Some(value)) => {
                self.server_max_window_bits.replace(WindowBits::parse(value)?).is_none()
            }
            (b"client_max_window_bits", None) => {
                self.client_max_window_bits.replace(None).is_none()
            }
            (b"client_max_window_bits", Some(value)) => {
                self.client_max_window_bits.replace(Some(WindowBits::parse(value)?)).is_none()
            }
            _ => false,
        };
        is_new.then_some(self)
    }

    /// The header line that offers these parameters, or agrees to them.
    #[cfg(feature = "deflate")]
    pub(super) fn pour(&self, window: &mut Window<'_>) {
        window.put(b"Sec-WebSocket-Extensions: permessage-deflate");
        if self.server_no_context_takeover {
            window.put(b"; server_no_context_takeover");
        }
        if self.client_no_context_takeover {
            window.put(b"; client_no_context_takeover");
        }
        if let Some(window_bits) = self.server_max_window_bits {
            window.put(b"; server_max_window_bits=");
            window.put_number(window_bits.bits().into());
        }
        if let Some(hint) = self.client_max_window_bits {
            window.put(b"; client_max_window_bits");
            if let Some(window_bits) = hint {
                window.put(b"=");
                window.put_number(window_bits.bits().into());
            }
        }
        window.put(b"\r\n");
    }
}
