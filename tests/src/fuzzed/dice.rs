//! Chance from a seed.

/// A xorshift generator.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The same seed gives the same throws.
    pub fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// Takes the seed from the front of an input, and leaves the rest.
    pub fn split(input: &[u8]) -> (Self, &[u8]) {
        match input.split_first_chunk() {
            Some((seed, rest)) => (Self::seeded(u64::from_le_bytes(*seed)), rest),
            None => (Self::seeded(0), input),
        }
    }

    /// The next number.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`, which is not zero.
    pub fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 33) as usize) % end
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A length: small ones and the edges are likelier.
    pub fn len(&mut self, max: usize) -> usize {
        let len = match self.below(8) {
            0 => self.pick(&[0, 1, 124, 125, 126, 127, 131, 1000]),
            1 => self.below(max + 1),
            _ => self.below(20),
        };
        len.min(max)
    }
}
