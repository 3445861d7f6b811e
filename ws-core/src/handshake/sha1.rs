//! SHA-1 in 400 bytes of flash: one rolled loop, for firmware that leaves the crate out.
//!
//! Arrays are made with what they hold: cleared before, they would bring `memset`.

use core::array::from_fn;

const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The digest of `first` followed by `second` (RFC 3174).
pub(super) fn sha1(first: &[u8], second: &[u8]) -> [u8; 20] {
    let message = Message { first, second, len: first.len().wrapping_add(second.len()) };
    let mut state = START;
    let mut start = 0_usize;
    // RFC 3174 section 4: "a "1" followed by m "0"s followed by a 64-bit integer are appended".
    while start < message.len.wrapping_add(9) {
        compress(&mut state, from_fn(|t| message.word(start.wrapping_add(4 * t))));
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
        let (end, bits) = (self.len.wrapping_add(9).next_multiple_of(64), self.len as u64 * 8);
        match end.wrapping_sub(at) {
            8 => (bits >> 32) as u32,
            4 => bits as u32,
            _ => (at..at.wrapping_add(4)).fold(0, |word, at| word << 8 | u32::from(self.byte(at))),
        }
    }

    fn byte(&self, at: usize) -> u8 {
        let behind = at.wrapping_sub(self.first.len());
        let byte = self.first.get(at).or_else(|| self.second.get(behind)).copied();
        byte.unwrap_or(if at == self.len { 0x80 } else { 0 })
    }
}

/// RFC 3174 section 6.2, where the message schedule is a ring of sixteen words.
fn compress(state: &mut [u32; 5], mut ring: [u32; 16]) {
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for t in 0..80 {
        let at = |ahead: usize| ring.get((t + ahead) % 16).copied().unwrap_or_default();
        let word = at(0);
        let next = (at(13) ^ at(8) ^ at(2) ^ word).rotate_left(1);
        let (f, k) = match t {
            0..20 => (d ^ b & (c ^ d), 0x5a82_7999),
            20..40 => (b ^ c ^ d, 0x6ed9_eba1),
            40..60 => (b & c | d & (b ^ c), 0x8f1b_bcdc),
            _ => (b ^ c ^ d, 0xca62_c1d6_u32),
        };
        let sum = a.rotate_left(5).wrapping_add(f).wrapping_add(e);
        (e, d, c, b) = (d, c, b.rotate_left(30), a);
        a = sum.wrapping_add(k).wrapping_add(word);
        // Needed sixteen rounds later.
        if let Some(place) = ring.get_mut(t % 16) {
            *place = next;
        }
    }
    for (word, add) in state.iter_mut().zip([a, b, c, d, e]) {
        *word = word.wrapping_add(add);
    }
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
