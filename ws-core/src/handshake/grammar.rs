//! The small words of HTTP (RFC 9110 section 5.6): tokens, lists, values, and the names we know.

/// A set of bytes, one bit for each: smaller than comparisons, and faster.
pub(super) struct Bytes([u32; 8]);

impl Bytes {
    /// Those of 7 bits that the text holds.
    pub(super) const fn of(text: &[u8]) -> Self {
        let (mut bits, mut rest) = (0_u128, text);
        while let [byte, after @ ..] = rest {
            bits |= 1 << *byte;
            rest = after;
        }
        Self([
            bits as u32,
            (bits >> 32) as u32,
            (bits >> 64) as u32,
            (bits >> 96) as u32,
            0,
            0,
            0,
            0,
        ])
    }

    #[inline]
    pub(super) fn holds(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte / 32)).is_some_and(|bits| bits >> (byte % 32) & 1 != 0)
    }

    /// What comes after those that the bytes begin with.
    // Speed: a loop that has all registers to itself.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    pub(super) fn skip<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        let mut rest = bytes;
        while let [byte, after @ ..] = rest
            && self.holds(*byte)
        {
            rest = after;
        }
        rest
    }

    /// Whether there are no others.
    #[inline]
    pub(super) fn hold_all(&self, bytes: &[u8]) -> bool {
        self.skip(bytes).is_empty()
    }
}

/// "tchar", what a token is made of (RFC 9110 section 5.6.2).
pub(super) static TOKEN: Bytes =
    Bytes::of(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

/// Visible ASCII but what ends an authority and begins something else (RFC 3986 section 3.2; user
/// information is not allowed in it, RFC 9110 section 4.2.4).
static AUTHORITY: Bytes = Bytes::of(
    b"!$%&'()*+,-.:;=[]^_`{|}~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
);

/// Whether this is a "tchar".
#[inline]
pub(super) fn is_token_char(byte: u8) -> bool {
    TOKEN.holds(byte)
}

/// "token = 1*tchar".
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && TOKEN.hold_all(bytes)
}

/// What a field value is made of: HTAB, SP, VCHAR and obs-text (RFC 9110 section 5.5).
pub(super) const fn is_value_char(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

/// What comes after the bytes of a field value.
// Speed: a loop that has all registers to itself.
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
pub(super) fn after_value(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    // Speed: a word at a time, as far as it is visible ASCII and spaces.
    while let Some((word, after)) = rest.split_first_chunk()
        && is_printable(usize::from_ne_bytes(*word))
    {
        rest = after;
    }
    while let [byte, after @ ..] = rest
        && is_value_char(*byte)
    {
        rest = after;
    }
    rest
}

/// Whether each byte of a word is one of b' '..=b'~'.
#[inline]
const fn is_printable(word: usize) -> bool {
    const ONES: usize = usize::MAX / 255;
    // The highest bit of a byte is set by all others: in those from 0x80 on, if 32 cannot be taken
    // off, or if one more is too much. (A carry comes only from a byte that is found so itself.)
    let others = word | word.wrapping_sub(32 * ONES) | word.wrapping_add(ONES);
    others & (128 * ONES) == 0
}

/// A host with an optional port, or nothing at all.
pub(super) fn is_authority(bytes: &[u8]) -> bool {
    AUTHORITY.hold_all(bytes)
}

/// The minor version of an "HTTP/1.x", if it is one.
pub(super) fn http_1_minor(version: &[u8]) -> Option<u8> {
    match version {
        [prefix @ .., minor @ b'0'..=b'9'] if prefix == b"HTTP/1." => Some(*minor - b'0'),
        _ => None,
    }
}

/// Whether two words are the same but for the case of their letters.
// Flash: many callers, one copy of the loop.
#[inline(never)]
pub(super) fn same_word(one: &[u8], other: &[u8]) -> bool {
    // Letters of the same case, as most are, need one comparison.
    let same = |(one, other): (&u8, &u8)| one == other || one.eq_ignore_ascii_case(other);
    one.len() == other.len() && one.iter().zip(other).all(same)
}

/// The bytes without the whitespace that they begin with: "OWS = *( SP / HTAB )" (RFC 9110 section
/// 5.6.3).
// Flash: as above, and so on below.
#[inline(never)]
pub(super) fn trim_start(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [b' ' | b'\t', after @ ..] = rest {
        rest = after;
    }
    rest
}

/// The bytes without the whitespace that they end with.
#[inline(never)]
pub(super) fn trim_end(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [before @ .., b' ' | b'\t'] = rest {
        rest = before;
    }
    rest
}

/// What lies before and after the first `separator`, if there is one.
#[inline(never)]
pub(super) fn cut(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = bytes.iter().position(|byte| *byte == separator)?;
    let (before, after) = bytes.split_at_checked(at)?;
    Some((before, after.get(1..)?))
}

/// The elements of a comma-separated list.
///
/// RFC 9110 section 5.6.1.2: "A recipient MUST parse and ignore a reasonable number of empty list
/// elements".
#[derive(Clone, Copy)]
pub(super) struct List<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for List<'a> {
    type Item = &'a [u8];

    #[inline(never)]
    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.0.is_empty() {
            let (element, rest) = cut(self.0, b',').unwrap_or((self.0, &[]));
            self.0 = rest;
            let element = trim_end(trim_start(element));
            if !element.is_empty() {
                return Some(element);
            }
        }
        None
    }
}

/// A header that the handshake gives a meaning to, and that nobody else may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Host,
    Upgrade,
    Connection,
    ContentLength,
    TransferEncoding,
    Key,
    Accept,
    Version,
    Protocol,
    Extensions,
}

impl Name {
    /// "Field names are case-insensitive" (RFC 9110 section 5.1).
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        // Only two have the same length, so that one comparison is enough.
        let known = match name.len() {
            4 => Self::Host,
            7 => Self::Upgrade,
            10 => Self::Connection,
            14 => Self::ContentLength,
            17 => Self::Key,
            20 => Self::Accept,
            21 => Self::Version,
            22 => Self::Protocol,
            24 => Self::Extensions,
            _ => return None,
        };
        let known = match (known, name.first()) {
            (Self::Key, Some(b'T' | b't')) => Self::TransferEncoding,
            _ => known,
        };
        same_word(name, known.text().as_bytes()).then_some(known)
    }

    // Flash: a table.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    const fn text(self) -> &'static str {
        match self {
            Self::Host => "Host",
            Self::Upgrade => "Upgrade",
            Self::Connection => "Connection",
            Self::ContentLength => "Content-Length",
            Self::TransferEncoding => "Transfer-Encoding",
            Self::Key => "Sec-WebSocket-Key",
            Self::Accept => "Sec-WebSocket-Accept",
            Self::Version => "Sec-WebSocket-Version",
            Self::Protocol => "Sec-WebSocket-Protocol",
            Self::Extensions => "Sec-WebSocket-Extensions",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_holds_what_rfc_9110_lists() {
        let tokens =
            b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        for byte in 0..=255 {
            assert_eq!(is_token_char(byte), tokens.contains(&byte), "{byte}");
        }
        assert!(!is_token(b""));
    }

    #[test]
    fn an_authority_holds_no_byte_that_ends_it() {
        for byte in 0..=255_u8 {
            let ends = b"/?#@\\\"<>".contains(&byte);
            assert_eq!(is_authority(&[byte]), byte.is_ascii_graphic() && !ends, "{byte}");
        }
    }

    #[test]
    fn a_value_ends_at_the_same_byte_wherever_it_stands() {
        for byte in 0..=255_u8 {
            for at in 0..20 {
                let mut bytes = *b"visible, and spaces.";
                bytes[at] = byte;
                let end = if is_value_char(byte) { bytes.len() } else { at };
                assert_eq!(after_value(&bytes), &bytes[end..], "{byte} at {at}");
            }
        }
    }

    #[test]
    fn a_list_skips_what_is_empty() {
        assert!(List(b" ,a ,\t, b c,").eq([&b"a"[..], b"b c"]));
        assert_eq!(List(b"").count(), 0);
    }

    #[test]
    fn names_are_case_insensitive() {
        assert_eq!(Name::of(b"sEC-wEBsOCKET-kEY"), Some(Name::Key));
        assert_eq!(Name::of(b"Sec-WebSocket-Key2"), None);
    }
}
