//! The small words of HTTP (RFC 9110 section 5.6): tokens, lists, values, and the names we know.

/// "tchar", what a token is made of (RFC 9110 section 5.6.2).
#[inline]
pub(super) fn is_token_char(byte: u8) -> bool {
    TOKEN_CHARS.get(usize::from(byte / 32)).is_some_and(|bits| bits >> (byte % 32) & 1 != 0)
}

/// A bit for each byte: smaller than comparisons, and faster.
static TOKEN_CHARS: [u32; 8] = {
    let (mut bits, mut byte) = (0_u128, 0_u8);
    while byte < 128 {
        let is_token_char = matches!(
            byte,
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'!' | b'#' | b'$' | b'%' | b'&' | b'\''
                | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        );
        bits |= (is_token_char as u128) << byte;
        byte += 1;
    }
    [bits as u32, (bits >> 32) as u32, (bits >> 64) as u32, (bits >> 96) as u32, 0, 0, 0, 0]
};

/// "token = 1*tchar".
pub(super) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(|byte| is_token_char(*byte))
}

/// What a field value is made of: HTAB, SP, VCHAR and obs-text (RFC 9110 section 5.5).
pub(super) const fn is_value_char(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

/// A host with an optional port, or nothing at all: no byte that could end it and begin something
/// else (RFC 3986 section 3.2; user information is not allowed in it, RFC 9110 section 4.2.4).
pub(super) fn is_authority(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| {
        let ends = matches!(byte, b'/' | b'?' | b'#' | b'@' | b'\\' | b'"' | b'<' | b'>');
        byte.is_ascii_graphic() && !ends
    })
}

/// The minor version of an "HTTP/1.x", if it is one.
pub(super) fn http_1_minor(version: &[u8]) -> Option<u8> {
    match version {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', minor @ b'0'..=b'9'] => Some(*minor - b'0'),
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

/// The bytes without the whitespace that they begin with.
// Flash: as above, and so on below.
#[inline(never)]
pub(super) fn trim_start(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_start()
}

/// The bytes without the whitespace that they end with.
#[inline(never)]
pub(super) fn trim_end(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_end()
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
    const ALL: [(&str, Self); 10] = [
        ("Host", Self::Host),
        ("Upgrade", Self::Upgrade),
        ("Connection", Self::Connection),
        ("Content-Length", Self::ContentLength),
        ("Transfer-Encoding", Self::TransferEncoding),
        ("Sec-WebSocket-Key", Self::Key),
        ("Sec-WebSocket-Accept", Self::Accept),
        ("Sec-WebSocket-Version", Self::Version),
        ("Sec-WebSocket-Protocol", Self::Protocol),
        ("Sec-WebSocket-Extensions", Self::Extensions),
    ];

    /// "Field names are case-insensitive" (RFC 9110 section 5.1).
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        // Most differ in length, and need no call.
        let known = |(text, _): &&(&str, Self)| {
            text.len() == name.len() && same_word(name, text.as_bytes())
        };
        Self::ALL.iter().find(known).map(|(_, name)| *name)
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
