//! The masking key and the XOR that applies it, in place and resumable at any byte.

/// The 4-byte key of a client's frame (RFC 6455 section 5.3), and how far it has turned.
///
/// "Octet i of the transformed data is the XOR of octet i of the original data with octet at index
/// i modulo 4 of the masking key": the key turns with every byte, so that a payload may be cut
/// anywhere between two calls. Masking and unmasking are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mask([u8; 4]);

impl Mask {
    /// A key at its first byte.
    pub const fn new(key: [u8; 4]) -> Self {
        Self(key)
    }

    /// The key as its next byte would be used.
    pub const fn key(self) -> [u8; 4] {
        self.0
    }

    /// XORs the key into the bytes, and turns it by as many.
    #[inline]
    pub fn apply(&mut self, bytes: &mut [u8]) {
        xor(u32::from_ne_bytes(self.0), bytes);
        self.turn(bytes.len());
    }

    /// The same for a payload that is whole, with a key that nobody needs any more.
    #[inline]
    pub(crate) fn apply_once(self, bytes: &mut [u8]) {
        xor(u32::from_ne_bytes(self.0), bytes);
    }

    /// The same for text. Whether all of it is ASCII, as most text is, is seen on the way; but not
    /// in long ones on hosts, whose vectors check them as fast as they would be seen.
    #[inline]
    pub(crate) fn apply_to_text(self, bytes: &mut [u8]) -> bool {
        if cfg!(target_pointer_width = "64") && bytes.len() >= 64 {
            self.apply_once(bytes);
            return false;
        }
        xor_text(u32::from_ne_bytes(self.0), bytes) & TOP_BITS == 0
    }

    fn turn(&mut self, by: usize) {
        let turned = u32::from_be_bytes(self.0).rotate_left(8 * (by as u32 % 4));
        self.0 = turned.to_be_bytes();
    }
}

/// Those that are clear in ASCII.
const TOP_BITS: u64 = 0x8080_8080_8080_8080;

/// The loop over whole words has neither a tail nor an alignment to care for, and compilers turn
/// it into vector instructions where the target has them. (There it is not inlined: it wants the
/// registers that the decoder keeps its answer in.)
#[cfg_attr(target_pointer_width = "64", inline(never))]
fn xor(key: u32, bytes: &mut [u8]) {
    // Flash: one loop for both.
    if cfg!(not(target_pointer_width = "64")) {
        xor_text(key, bytes);
        return;
    }
    let word = u64::from(key) << 32 | u64::from(key);
    let (words, tail) = bytes.as_chunks_mut::<8>();
    for chunk in words {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(word.to_ne_bytes()) {
        *byte ^= key;
    }
}

/// The same, and all bits that were set in any of the words that came of it.
#[inline(never)]
fn xor_text(key: u32, bytes: &mut [u8]) -> u64 {
    let word = u64::from(key) << 32 | u64::from(key);
    let (words, tail) = bytes.as_chunks_mut::<8>();
    let mut seen = 0;
    for chunk in words {
        let plain = u64::from_ne_bytes(*chunk) ^ word;
        seen |= plain;
        *chunk = plain.to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(word.to_ne_bytes()) {
        *byte ^= key;
        seen |= u64::from(*byte);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::Mask;
    use std::vec::Vec;

    #[test]
    fn a_cut_anywhere_gives_the_same_bytes() {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        let plain: Vec<u8> = (0..100).collect();
        let expected: Vec<u8> = plain.iter().zip(key.iter().cycle()).map(|(b, k)| b ^ k).collect();
        for first in 0..=plain.len() {
            for second in [first, plain.len().min(first + 13), plain.len()] {
                let mut bytes = plain.clone();
                let mut mask = Mask::new(key);
                mask.apply(&mut bytes[..first]);
                mask.apply(&mut bytes[first..second]);
                mask.apply(&mut bytes[second..]);
                assert_eq!(bytes, expected, "cut at {first} and {second}");
            }
        }
    }
}
