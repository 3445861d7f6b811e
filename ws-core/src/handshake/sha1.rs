//! SHA-1 in 500 bytes of flash: rolled loops, for firmware that leaves the crate out.

use core::array::from_fn;

const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The digest of `first` followed by `second` (RFC 3174).
pub(super) fn sha1(first: &[u8], second: &[u8]) -> [u8; 20] {
    let message = Message { first, second, len: first.len().wrapping_add(second.len()) };
    let mut state = START;
    let mut words = [0; 80];
    let mut start = 0_usize;
    // RFC 3174 section 4: "a "1" followed by m "0"s followed by a 64-bit integer are appended".
    while start < message.len.wrapping_add(9) {
        for (t, word) in words.iter_mut().take(16).enumerate() {
            *word = message.word(start.wrapping_add(4 * t));
        }
        compress(&mut state, &mut words);
        start = start.wrapping_add(64);
    }
    from_fn(|at| {
        let word = state.get(at / 4).copied().unwrap_or_default();
        (word >> (24 - at % 4 * 8)) as u8
    })
}

/// A message in two pieces, with what is appended to it.
struct Message<'a> {
    first: &'a [u8],
    second: &'a [u8],
    len: usize,
}

impl Message<'_> {
    /// Four bytes, from the one with this index on.
    fn word(&self, at: usize) -> u32 {
        // The length stands at the end of the last block: the one in which nine more bytes fit.
        let end = self.len.wrapping_add(9 + 63) & !63;
        let bits = (self.len as u64).wrapping_mul(8);
        match end.wrapping_sub(at) {
            8 => (bits >> 32) as u32,
            4 => bits as u32,
            _ if at > self.len => 0,
            _ => (at..at.wrapping_add(4)).fold(0, |word, at| word << 8 | u32::from(self.byte(at))),
        }
    }

    fn byte(&self, at: usize) -> u8 {
        let behind = at.wrapping_sub(self.first.len());
        let byte = self.first.get(at).or_else(|| self.second.get(behind)).copied();
        byte.unwrap_or(if at == self.len { 0x80 } else { 0 })
    }
}

/// RFC 3174 section 6.1: the first sixteen of the words are those of a block.
// Speed: it has all registers to itself.
#[inline(never)]
fn compress(state: &mut [u32; 5], words: &mut [u32; 80]) {
    for t in 16..words.len() {
        let back = |by: usize| words.get(t - by).copied().unwrap_or_default();
        let next = (back(3) ^ back(8) ^ back(14) ^ back(16)).rotate_left(1);
        if let Some(word) = words.get_mut(t) {
            *word = next;
        }
    }
    let before = *state;
    let (quarters, _) = words.as_chunks::<20>();
    if let [first, second, third, fourth] = quarters {
        rounds(state, first, 0x5a82_7999, |b, c, d| d ^ b & (c ^ d));
        rounds(state, second, 0x6ed9_eba1, |b, c, d| b ^ c ^ d);
        rounds(state, third, 0x8f1b_bcdc, |b, c, d| b & c | d & (b ^ c));
        rounds(state, fourth, 0xca62_c1d6, |b, c, d| b ^ c ^ d);
    }
    for (word, add) in state.iter_mut().zip(before) {
        *word = word.wrapping_add(add);
    }
}

/// Twenty rounds with the same function and constant.
fn rounds(state: &mut [u32; 5], words: &[u32; 20], k: u32, f: impl Fn(u32, u32, u32) -> u32) {
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for word in words {
        let sum = a.rotate_left(5).wrapping_add(f(b, c, d)).wrapping_add(e);
        (e, d, c, b) = (d, c, b.rotate_left(30), a);
        a = sum.wrapping_add(k).wrapping_add(*word);
    }
    *state = [a, b, c, d, e];
}

#[cfg(test)]
mod tests {
    use super::sha1;

    #[test]
    fn the_vectors_of_rfc_3174() {
        let hex = |digest: [u8; 20]| digest.map(|byte| std::format!("{byte:02x}")).concat();
        assert_eq!(hex(sha1(b"a", b"bc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(sha1(long, b"")), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    }

    #[cfg(feature = "sha1")]
    #[test]
    fn the_digest_is_that_of_the_crate_at_every_length() {
        use ::sha1::{Digest, Sha1};
        let bytes: [u8; 200] = core::array::from_fn(|i| (i * i * 31 + i * 7) as u8);
        for end in 0..=bytes.len() {
            let (first, second) = bytes[..end].split_at(end / 3);
            assert_eq!(sha1(first, second), <[u8; 20]>::from(Sha1::digest(&bytes[..end])), "{end}");
        }
    }
}
