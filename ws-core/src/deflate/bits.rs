//! Bits of compressed data, the lowest of a byte first (RFC 1951 section 3.1.1).

/// Bits that were taken off the input and not used: what is cut inside a code lies here until more
/// comes.
#[derive(Clone, Copy)]
pub(super) struct Bits {
    /// The next bit is the lowest; those from `count` on are 0.
    held: u64,
    count: u32,
}

impl Bits {
    pub(super) const NONE: Self = Self { held: 0, count: 0 };

    /// Whether nothing is left over.
    pub(super) const fn is_empty(self) -> bool {
        self.count == 0
    }

    /// Takes as much off the input as there is room for: afterwards there are 56 bits at least,
    /// unless the input is empty. No code with all that belongs to it has more than 48.
    #[inline]
    pub(super) fn refill(&mut self, input: &mut &[u8]) {
        if let Some(eight) = input.first_chunk() {
            let room = 63_u32.wrapping_sub(self.count) >> 3;
            self.held |= u64::from_le_bytes(*eight).wrapping_shl(self.count);
            self.count += room << 3;
            self.held &= u64::MAX.wrapping_shr(64_u32.wrapping_sub(self.count));
            *input = input.get(room as usize..).unwrap_or_default();
            return;
        }
        while self.count <= 56
            && let Some((byte, rest)) = input.split_first()
        {
            self.held |= u64::from(*byte).wrapping_shl(self.count);
            self.count += 8;
            *input = rest;
        }
    }

    /// The next bits, up to 32, as far as there are so many.
    #[inline]
    pub(super) const fn peek(self) -> u32 {
        self.held as u32
    }

    #[inline]
    pub(super) const fn count(self) -> u32 {
        self.count
    }

    /// Done with so many, which are there.
    #[inline]
    pub(super) const fn skip(&mut self, count: u32) {
        self.held = self.held.wrapping_shr(count);
        self.count = self.count.wrapping_sub(count);
    }

    /// Takes so many, up to 16; none if there are less.
    #[inline]
    pub(super) const fn take(&mut self, count: u32) -> Option<u32> {
        if self.count < count {
            return None;
        }
        let bits = self.peek() & ((1 << count) - 1);
        self.skip(count);
        Some(bits)
    }

    /// Skips what is left of a byte that has begun.
    pub(super) const fn align(&mut self) {
        self.skip(self.count % 8);
    }
}
