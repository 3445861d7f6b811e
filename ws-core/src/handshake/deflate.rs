//! What is said about permessage-deflate in the handshake (RFC 7692 section 7.1).

/// The parameters of permessage-deflate (RFC 7692 section 7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeflateOffer {
    /// The server is to forget its window after each message.
    pub server_no_context_takeover: bool,
    /// The client will, or is to, forget its window after each message.
    pub client_no_context_takeover: bool,
    /// The largest window for what the server sends, 8 to 15 bits.
    pub server_max_window_bits: Option<u8>,
    /// The window for what the client sends: `Some(None)` says that the client would keep to a
    /// smaller one if the server names it.
    pub client_max_window_bits: Option<Option<u8>>,
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
                self.server_max_window_bits.replace(window_bits(value)?).is_none()
            }
            (b"client_max_window_bits", None) => {
                self.client_max_window_bits.replace(None).is_none()
            }
            (b"client_max_window_bits", Some(value)) => {
                self.client_max_window_bits.replace(Some(window_bits(value)?)).is_none()
            }
            _ => false,
        };
        is_new.then_some(self)
    }
}

/// RFC 7692 section 7.1.2: "a decimal integer value without leading zeroes between 8 to 15,
/// inclusive".
fn window_bits(value: &[u8]) -> Option<u8> {
    let mut digits = value.iter().filter(|byte| **byte != b'\\');
    match (digits.next()?, digits.next(), digits.next()) {
        (digit @ b'8'..=b'9', None, None) => Some(digit - b'0'),
        (b'1', Some(digit @ b'0'..=b'5'), None) => Some(10 + (digit - b'0')),
        _ => None,
    }
}
