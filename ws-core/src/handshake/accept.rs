//! The key and its proof: Sec-WebSocket-Key and Sec-WebSocket-Accept.

use super::grammar::Bytes;
#[cfg(feature = "sha1")]
use crate::span::copy;

/// What a digest begins with (RFC 3174 section 6.1).
pub(super) const START: [u32; 5] =
    [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

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
/// The key is one that [`is_key`] has found to be one; a slice of it is as long as that.
///
/// ```
/// let accept = ws_core::handshake::accept_key(b"dGhlIHNhbXBsZSBub25jZQ==");
/// assert_eq!(&accept, b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// ```
pub fn accept_key(key: &[u8; 24]) -> [u8; 28] {
    base64(digest(key).map(u32::to_be_bytes).as_flattened())
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
    match key.split_at_checked(22) {
        Some((symbols, b"==")) => SYMBOLS.hold_all(symbols),
        _ => false,
    }
}

/// The alphabet of RFC 4648 section 4.
static SYMBOLS: Bytes =
    Bytes::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

/// The hash, in words. All keys have one length, so that what RFC 3174 section 4 appends is the same
/// for all, and nothing has to be buffered: "a "1" followed by m "0"s followed by a 64-bit integer",
/// which is the 480 bits of the message.
#[cfg(feature = "sha1")]
fn digest(key: &[u8; 24]) -> [u32; 5] {
    const FIRST: [u8; 64] =
        *b"........................258EAFA5-E914-47DA-95CA-C5AB0DC85B11\x80\0\0\0";
    static LAST: [u8; 64] = {
        let mut block = [0; 64];
        [block[62], block[63]] = 480_u16.to_be_bytes();
        block
    };
    let mut first = FIRST;
    copy(key, &mut first);
    let mut state = START;
    for block in [&first, &LAST] {
        ::sha1::block_api::compress(&mut state, core::slice::from_ref(block));
    }
    state
}

#[cfg(not(feature = "sha1"))]
use super::sha1::digest;

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
        use super::super::{base64::base64, sha1::digest};
        for seed in 0..=255_u8 {
            let key = new_key(core::array::from_fn(|at| seed.wrapping_mul(31 + 2 * at as u8)));
            let bytes = digest(&key).map(u32::to_be_bytes);
            assert_eq!(accept_key(&key), base64::<28>(bytes.as_flattened()));
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
