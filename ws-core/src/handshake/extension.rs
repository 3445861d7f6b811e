//! Extensions: the value of Sec-WebSocket-Extensions (RFC 6455 section 9.1, RFC 7692 section 7.1).

use core::fmt;

use super::deflate::DeflateOffer;
use super::grammar::{cut, is_token_char, trim_start};

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
/// use ws_core::handshake::{Offer, Offers, WindowBits};
///
/// let mut offers = Offers::new(b"permessage-deflate; server_max_window_bits=10, x-other");
/// let Some(Ok(Offer::Deflate(deflate))) = offers.next() else { panic!() };
/// assert_eq!(deflate.server_max_window_bits, WindowBits::new(10));
/// assert_eq!(offers.next(), Some(Ok(Offer::Other(b"x-other"))));
/// assert_eq!(offers.next(), None);
/// ```
#[derive(Clone, Copy)]
pub struct Offers<'a> {
    rest: &'a [u8],
}

impl<'a> Offers<'a> {
    /// Reads one value; several header lines count as one list.
    pub const fn new(value: &'a [u8]) -> Self {
        Self { rest: value }
    }

    /// "extension = extension-token *( ";" extension-param )" and the end of the list's element:
    /// the name, while `see` is shown each parameter.
    fn extension(
        &mut self,
        mut see: impl FnMut(&'a [u8], Option<&'a [u8]>),
    ) -> Result<&'a [u8], MalformedExtensions> {
        let name = self.token()?;
        while self.eat(b';') {
            let param = self.token()?;
            let value = if self.eat(b'=') { Some(self.value()?) } else { None };
            see(param, value);
        }
        if self.rest.is_empty() || self.eat(b',') { Ok(name) } else { Err(MalformedExtensions) }
    }

    /// Whether nothing but empty elements is left.
    fn is_at_end(&mut self) -> bool {
        self.rest = trim_start(self.rest);
        while self.eat(b',') {}
        self.rest.is_empty()
    }

    /// "token | quoted-string"; of the latter what is between the quotes, escapes and all.
    ///
    /// RFC 6455 section 9.1: "When using the quoted-string syntax variant, the value after
    /// quoted-string unescaping MUST conform to the 'token' ABNF."
    fn value(&mut self) -> Result<&'a [u8], MalformedExtensions> {
        let Some((b'"', inside)) = self.rest.split_first() else { return self.token() };
        // No quote is part of a token, so the first one ends it, escaped or not.
        let (value, rest) = cut(inside, b'"').ok_or(MalformedExtensions)?;
        let mut escaped = false;
        let is_token = value.iter().all(|byte| {
            let was_escaped = escaped;
            escaped = *byte == b'\\' && !was_escaped;
            escaped || is_token_char(*byte)
        });
        if !is_token || escaped || value.is_empty() {
            return Err(MalformedExtensions);
        }
        self.rest = trim_start(rest);
        Ok(value)
    }

    fn token(&mut self) -> Result<&'a [u8], MalformedExtensions> {
        let is_end = |byte: &u8| !is_token_char(*byte);
        let end = self.rest.iter().position(is_end).unwrap_or(self.rest.len());
        match self.rest.split_at_checked(end) {
            Some((token, rest)) if !token.is_empty() => {
                self.rest = trim_start(rest);
                Ok(token)
            }
            _ => Err(MalformedExtensions),
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = trim_start(rest);
                true
            }
            _ => false,
        }
    }
}

impl<'a> Iterator for Offers<'a> {
    type Item = Result<Offer<'a>, MalformedExtensions>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_at_end() {
            return None;
        }
        let mut deflate = Some(DeflateOffer::default());
        let name = self.extension(|param, value| {
            deflate = deflate.and_then(|deflate| deflate.with(param, value));
        });
        if name.is_err() {
            self.rest = &[];
        }
        Some(name.map(|name| match deflate {
            Some(deflate) if name == b"permessage-deflate" => Offer::Deflate(deflate),
            _ => Offer::Other(name),
        }))
    }
}

/// Tells how much is left, and nothing of what it says.
impl fmt::Debug for Offers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offers").field("left", &self.rest.len()).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Offers<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Offers {{ left: {=usize} }}", self.rest.len());
    }
}

/// Whether the value follows the grammar; what it says is not looked at.
pub(super) fn is_well_formed(value: &[u8]) -> bool {
    let mut offers = Offers::new(value);
    while !offers.is_at_end() {
        if offers.extension(|_, _| {}).is_err() {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::WindowBits;

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
            server_max_window_bits: WindowBits::new(10),
            client_max_window_bits: Some(Some(WindowBits::MAX)),
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
