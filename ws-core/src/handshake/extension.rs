//! Extensions: the value of Sec-WebSocket-Extensions (RFC 6455 section 9.1, RFC 7692 section 7.1).

use core::fmt;

use super::grammar::is_token_char;

/// An extension that the peer offers, or agrees to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Offer<'a> {
    /// permessage-deflate, with parameters that can be met.
    Deflate(DeflateOffer),
    /// The name of any other extension, or of permessage-deflate with parameters that RFC 7692
    /// does not define: an offer to decline.
    Other(&'a [u8]),
}

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

/// A value of Sec-WebSocket-Extensions that does not follow its grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MalformedExtensions;

impl fmt::Display for MalformedExtensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed list of extensions")
    }
}

impl core::error::Error for MalformedExtensions {}

/// The offers in one value of Sec-WebSocket-Extensions, in the client's order of preference.
///
/// It ends after the first error.
///
/// ```
/// use ws_core::handshake::{Offer, Offers};
///
/// let mut offers = Offers::new(b"permessage-deflate; server_max_window_bits=10, x-other");
/// let Some(Ok(Offer::Deflate(deflate))) = offers.next() else { panic!() };
/// assert_eq!(deflate.server_max_window_bits, Some(10));
/// assert_eq!(offers.next(), Some(Ok(Offer::Other(b"x-other"))));
/// assert_eq!(offers.next(), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Offers<'a> {
    rest: &'a [u8],
}

impl<'a> Offers<'a> {
    /// Reads one value; several header lines count as one list.
    pub const fn new(value: &'a [u8]) -> Self {
        Self { rest: value }
    }

    /// "extension = extension-token *( ";" extension-param )" and the end of the list's element.
    fn offer(&mut self) -> Result<Offer<'a>, MalformedExtensions> {
        let name = self.token()?;
        let mut deflate = (name == b"permessage-deflate").then(DeflateOffer::default);
        while self.eat(b';') {
            let param = self.token()?;
            let value = if self.eat(b'=') { Some(self.value()?) } else { None };
            deflate = deflate.and_then(|deflate| deflate.with(param, value));
        }
        if !self.rest.is_empty() && !self.eat(b',') {
            return Err(MalformedExtensions);
        }
        Ok(deflate.map_or(Offer::Other(name), Offer::Deflate))
    }

    /// "token | quoted-string"; of the latter what is between the quotes, escapes and all.
    ///
    /// RFC 6455 section 9.1: "When using the quoted-string syntax variant, the value after
    /// quoted-string unescaping MUST conform to the 'token' ABNF."
    fn value(&mut self) -> Result<&'a [u8], MalformedExtensions> {
        let Some((b'"', inside)) = self.rest.split_first() else { return self.token() };
        let mut escaped = false;
        for (at, byte) in inside.iter().enumerate() {
            match byte {
                b'\\' if !escaped => escaped = true,
                byte if is_token_char(*byte) => escaped = false,
                b'"' if !escaped && at > 0 => {
                    let (value, rest) = inside.split_at_checked(at).ok_or(MalformedExtensions)?;
                    self.rest = rest.get(1..).unwrap_or_default().trim_ascii_start();
                    return Ok(value);
                }
                _ => break,
            }
        }
        Err(MalformedExtensions)
    }

    fn token(&mut self) -> Result<&'a [u8], MalformedExtensions> {
        let is_end = |byte: &u8| !is_token_char(*byte);
        let end = self.rest.iter().position(is_end).unwrap_or(self.rest.len());
        match self.rest.split_at_checked(end) {
            Some((token, rest)) if !token.is_empty() => {
                self.rest = rest.trim_ascii_start();
                Ok(token)
            }
            _ => Err(MalformedExtensions),
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest.trim_ascii_start();
                true
            }
            _ => false,
        }
    }
}

impl<'a> Iterator for Offers<'a> {
    type Item = Result<Offer<'a>, MalformedExtensions>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = self.rest.trim_ascii_start();
        while self.eat(b',') {}
        if self.rest.is_empty() {
            return None;
        }
        let offer = self.offer();
        if offer.is_err() {
            self.rest = &[];
        }
        Some(offer)
    }
}

impl DeflateOffer {
    /// The same with one parameter more, or `None` if it makes the offer invalid.
    ///
    /// RFC 7692 section 7.1: "A server MUST decline an extension negotiation offer for this
    /// extension if [...] the negotiation offer contains an extension parameter not defined for
    /// use in an offer [...] with an invalid value [...] multiple extension parameters with the
    /// same name."
    fn with(mut self, name: &[u8], value: Option<&[u8]>) -> Option<Self> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn only(value: &str) -> Option<Result<Offer<'_>, MalformedExtensions>> {
        let mut offers = Offers::new(value.as_bytes());
        let first = offers.next();
        assert!(offers.next().is_none(), "{value}");
        first
    }

    fn deflate(value: &str) -> Option<DeflateOffer> {
        match only(value) {
            Some(Ok(Offer::Deflate(offer))) => Some(offer),
            Some(Ok(Offer::Other(b"permessage-deflate"))) => None,
            other => panic!("{value}: {other:?}"),
        }
    }

    #[test]
    fn all_four_parameters() {
        let all = "permessage-deflate ;server_no_context_takeover; client_no_context_takeover ;\t\
                   server_max_window_bits = \"1\\0\" ; client_max_window_bits=15 ";
        let expected = DeflateOffer {
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            server_max_window_bits: Some(10),
            client_max_window_bits: Some(Some(15)),
        };
        assert_eq!(deflate(all), Some(expected));
        assert_eq!(deflate("permessage-deflate"), Some(DeflateOffer::default()));
        let hint = deflate("permessage-deflate; client_max_window_bits").unwrap();
        assert_eq!(hint.client_max_window_bits, Some(None));
    }

    #[test]
    fn an_offer_with_bad_parameters_is_declined() {
        for param in [
            "unknown",
            "server_no_context_takeover=1",
            "client_no_context_takeover; client_no_context_takeover",
            "server_max_window_bits",
            "server_max_window_bits=7",
            "server_max_window_bits=16",
            "server_max_window_bits=08",
            "server_max_window_bits=100",
            "client_max_window_bits; client_max_window_bits=9",
        ] {
            assert_eq!(deflate(&std::format!("permessage-deflate; {param}")), None, "{param}");
        }
    }

    #[test]
    fn a_list_that_breaks_the_grammar_is_an_error() {
        for bad in
            ["a b", ";a", "a;", "a;b=", "a;b=\"", "a;b=\"\"", "a;b=\"c d\"", "a;b=\"c\\", "a=b"]
        {
            assert_eq!(only(bad), Some(Err(MalformedExtensions)), "{bad}");
        }
    }

    #[test]
    fn offers_come_in_order_and_empty_ones_are_skipped() {
        let value = b" , a;x=\"y\",, permessage-deflate,b ,";
        let offers = Offers::new(value).map(Result::unwrap);
        let deflate = Offer::Deflate(DeflateOffer::default());
        assert!(offers.eq([Offer::Other(b"a"), deflate, Offer::Other(b"b")]));
        assert_eq!(only(""), None);
    }
}
