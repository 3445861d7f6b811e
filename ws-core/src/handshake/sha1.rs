//! SHA-1 in 600 bytes of flash: one rolled loop, for firmware that leaves the crate out.

const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The digest of `first` followed by `second` (RFC 3174).
pub(super) fn sha1(first: &[u8], second: &[u8]) -> [u8; 20] {
    let mut hash = Hash { state: START, block: [0; 16], len: 0 };
    for part in [first, second] {
        for byte in part {
            hash.push(*byte);
        }
    }
    let bits = u64::from(hash.len).wrapping_mul(8);
    // RFC 3174 section 4: "a "1" followed by m "0"s followed by a 64-bit integer are appended".
    hash.push(0x80);
    while hash.len % 64 != 56 {
        hash.push(0);
    }
    for byte in bits.to_be_bytes() {
        hash.push(byte);
    }
    hash.digest()
}

struct Hash {
    state: [u32; 5],
    block: [u32; 16],
    len: u32,
}

impl Hash {
    fn push(&mut self, byte: u8) {
        // What a word held before is pushed out by its four new bytes.
        if let Some(word) = self.block.get_mut(self.len as usize / 4 % 16) {
            *word = *word << 8 | u32::from(byte);
        }
        self.len = self.len.wrapping_add(1);
        if self.len.is_multiple_of(64) {
            self.compress();
        }
    }

    fn compress(&mut self) {
        let [mut a, mut b, mut c, mut d, mut e] = self.state;
        for t in 0..80 {
            let (f, k) = match t {
                0..20 => (b & c | !b & d, 0x5a82_7999),
                20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                40..60 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let word = self.schedule(t);
            let next = a.rotate_left(5).wrapping_add(f).wrapping_add(e);
            (e, d, c, b) = (d, c, b.rotate_left(30), a);
            a = next.wrapping_add(k).wrapping_add(word);
        }
        for (word, add) in self.state.iter_mut().zip([a, b, c, d, e]) {
            *word = word.wrapping_add(add);
        }
    }

    /// Word `t` of the message schedule, kept in a ring of sixteen (RFC 3174 section 6.2).
    fn schedule(&mut self, t: usize) -> u32 {
        let at = |back: usize| self.block.get((t + 16 - back) % 16).copied().unwrap_or(0);
        let word = if t < 16 { at(16) } else { (at(3) ^ at(8) ^ at(14) ^ at(16)).rotate_left(1) };
        if let Some(slot) = self.block.get_mut(t % 16) {
            *slot = word;
        }
        word
    }

    fn digest(&self) -> [u8; 20] {
        let mut digest = [0; 20];
        let (words, _) = digest.as_chunks_mut();
        for (to, word) in words.iter_mut().zip(self.state) {
            *to = word.to_be_bytes();
        }
        digest
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
