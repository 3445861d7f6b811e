//! The key and its proof: Sec-WebSocket-Key and Sec-WebSocket-Accept.

/// "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" (RFC 6455 section 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A value of Sec-WebSocket-Accept.
// Flash: aligned, it is copied by a few instructions, not by `memcpy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(align(4))]
pub(super) struct Accept(pub(super) [u8; 28]);

/// The value of Sec-WebSocket-Accept that answers `key`.
///
/// RFC 6455 section 4.2.2: "constructed by concatenating /key/ [...] with the string
/// "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", taking the SHA-1 hash of this concatenated value to
/// obtain a 20-byte value and base64-encoding this 20-byte hash".
///
/// ```
/// let accept = ws_core::handshake::accept_key(b"dGhlIHNhbXBsZSBub25jZQ==");
/// assert_eq!(&accept, b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// ```
pub fn accept_key(key: &[u8]) -> [u8; 28] {
    base64(&sha1(key, GUID))
}

/// The value of Sec-WebSocket-Key for a client's 16 fresh random bytes.
///
/// RFC 6455 section 4.1: "a nonce consisting of a randomly selected 16-byte value that has been
/// base64-encoded [...]. The nonce MUST be selected randomly for each connection."
pub fn new_key(nonce: [u8; 16]) -> [u8; 24] {
    base64(&nonce)
}

/// Whether a client may send this as its key.
///
/// RFC 6455 section 4.2.1: "a base64-encoded value that, when decoded, is 16 bytes in length":
/// 22 symbols and two of padding. The four bits that the last symbol has to spare are not looked
/// at: RFC 4648 section 3.5 leaves that open, and the key is hashed as it is written.
pub fn is_key(key: &[u8]) -> bool {
    let is_symbol =
        |byte: &u8| matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/');
    match key.split_at_checked(22) {
        Some((symbols, b"==")) => symbols.iter().all(is_symbol),
        _ => false,
    }
}

#[cfg(feature = "sha1")]
fn sha1(first: &[u8], second: &[u8]) -> [u8; 20] {
    use ::sha1::{Digest, Sha1};
    Sha1::new().chain_update(first).chain_update(second).finalize().into()
}

#[cfg(not(feature = "sha1"))]
use super::sha1::sha1;

/// `N` is the length of the text: four for every three bytes begun.
#[cfg(feature = "base64")]
fn base64<const N: usize>(bytes: &[u8]) -> [u8; N] {
    use ::base64::{Engine, engine::general_purpose::STANDARD};
    let mut text = [0; N];
    // It fails when the text has too little room, and both of our lengths fit exactly.
    let fits = STANDARD.encode_slice(bytes, &mut text);
    debug_assert!(fits.is_ok());
    text
}

#[cfg(not(feature = "base64"))]
use super::base64::base64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_section_1_3() {
        assert_eq!(&new_key(*b"the sample nonce"), b"dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(&accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn the_built_ins_and_the_crates_agree() {
        use super::super::{base64::base64, sha1::sha1};
        for seed in 0..=255_u8 {
            let key = new_key([seed; 16]);
            assert_eq!(accept_key(&key), base64::<28>(&sha1(&key, GUID)));
        }
    }

    #[test]
    fn a_key_is_sixteen_bytes_in_base64() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZR=="), "spare bits are not looked at");
        for bad in [
            &b""[..],
            b"abc=",
            b"dGhlIHNhbXBsZSBub25jZQ=",
            b"dGhlIHNhbXBsZSBub25jZQ===",
            b"dGhlIHNhbXBsZSBub25jZQAA",
            b"dGhlIHNhbXBsZSBub25jZ===",
            b"dGhlIHNhbXBsZSBub-5jZQ==",
            b"dGhlIHNhbXBsZSBub25jZQ dGhlIHNhbXBsZSBu",
        ] {
            assert!(!is_key(bad), "{bad:?}");
        }
    }
}
