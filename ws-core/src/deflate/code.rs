//! Huffman codes (RFC 1951 section 3.2.2).

use super::bits::Bits;

/// The longest code.
const LONGEST: usize = 15;

/// A code: what its lengths define, and a table that knows the short ones at a glance.
#[derive(Clone)]
pub(super) struct Code<const SYMBOLS: usize, const GLANCE: usize> {
    /// For all that the next bits may be: the symbol and, in the lowest four bits, the length of its
    /// code. 0 where that is longer, or there is none.
    glance: [u16; GLANCE],
    /// How many codes there are of each length.
    counts: [u16; LONGEST + 1],
    /// The symbols, in the order of their codes.
    symbols: [u16; SYMBOLS],
}

/// What the next bits are.
pub(super) enum Found {
    /// A symbol, and how many bits it has.
    Symbol(u16, u32),
    /// The beginning of a code.
    Cut,
    /// The beginning of none.
    Nothing,
}

/// Lengths that define no code.
pub(super) struct NoCode;

/// Whether a code may leave bits without a meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gaps {
    /// "If only one distance code is used, it is encoded using one bit [...]; in this case there is
    /// a single code length of one, with one unused code." (RFC 1951 section 3.2.7). zlib takes that
    /// for literals, too, and no code at all.
    OneCode,
    No,
}

impl<const SYMBOLS: usize, const GLANCE: usize> Code<SYMBOLS, GLANCE> {
    const GLANCE_BITS: usize = GLANCE.trailing_zeros() as usize;

    pub(super) const fn new() -> Self {
        Self { glance: [0; GLANCE], counts: [0; LONGEST + 1], symbols: [0; SYMBOLS] }
    }

    /// The code in which each symbol has so many bits; 0 for none.
    pub(super) fn define(
        &mut self,
        lengths: impl Iterator<Item = u8> + Clone,
        gaps: Gaps,
    ) -> Result<(), NoCode> {
        self.counts = [0; LONGEST + 1];
        for length in lengths.clone() {
            if let Some(count) = self.counts.get_mut(usize::from(length)) {
                *count += 1;
            }
        }
        if let Some(unused) = self.counts.first_mut() {
            *unused = 0;
        }
        self.check(gaps)?;
        self.sort(lengths);
        self.fill();
        Ok(())
    }

    /// Whether the lengths leave no bits without a meaning, and give none two.
    fn check(&self, gaps: Gaps) -> Result<(), NoCode> {
        let (mut free, mut used) = (1_u32, 0_u32);
        for count in self.counts.iter().skip(1) {
            let count = u32::from(*count);
            free = (free << 1).checked_sub(count).ok_or(NoCode)?;
            used += count;
        }
        let is_one = used == 0 || (used == 1 && self.counts.get(1) == Some(&1));
        if free == 0 || (gaps == Gaps::OneCode && is_one) { Ok(()) } else { Err(NoCode) }
    }

    /// Puts the symbols in order.
    fn sort(&mut self, lengths: impl Iterator<Item = u8>) {
        let mut next = [0_u16; LONGEST + 2];
        let mut sum = 0;
        for (next, count) in next.iter_mut().skip(1).zip(&self.counts) {
            sum += count;
            *next = sum;
        }
        for (symbol, length) in (0..).zip(lengths) {
            if length > 0
                && let Some(at) = next.get_mut(usize::from(length))
            {
                if let Some(place) = self.symbols.get_mut(usize::from(*at)) {
                    *place = symbol;
                }
                *at += 1;
            }
        }
    }

    /// Fills the table for short codes.
    fn fill(&mut self) {
        self.glance = [0; GLANCE];
        let (mut code, mut symbols) = (0_u16, self.symbols.iter());
        for (length, count) in (0_u16..).zip(&self.counts).skip(1).take(Self::GLANCE_BITS) {
            code <<= 1;
            for symbol in symbols.by_ref().take(usize::from(*count)) {
                // Codes come with their highest bit first, and all else with the lowest.
                let first = code.reverse_bits().wrapping_shr(16_u32.wrapping_sub(length.into()));
                let places = self.glance.iter_mut().skip(usize::from(first));
                for place in places.step_by(1_usize.wrapping_shl(length.into()).max(1)) {
                    *place = symbol << 4 | length;
                }
                code += 1;
            }
        }
    }

    /// What the next bits are.
    #[inline]
    pub(super) fn find(&self, bits: Bits) -> Found {
        let at = bits.peek() as usize & (GLANCE - 1);
        let entry = self.glance.get(at).copied().unwrap_or_default();
        let length = u32::from(entry & 0xF);
        if entry != 0 && length <= bits.count() {
            return Found::Symbol(entry >> 4, length);
        }
        self.search(bits)
    }

    /// The same bit by bit: codes of one length are numbers that follow each other, the symbols in
    /// their order.
    #[cfg_attr(target_pointer_width = "64", cold)]
    #[inline(never)]
    fn search(&self, bits: Bits) -> Found {
        let (mut code, mut first, mut index) = (0_u32, 0_u32, 0_u32);
        let mut held = bits.peek();
        for (length, count) in (0_u32..).zip(&self.counts).skip(1) {
            if length > bits.count() {
                return Found::Cut;
            }
            let count = u32::from(*count);
            code = code << 1 | held & 1;
            held >>= 1;
            first <<= 1;
            let at = code.wrapping_sub(first);
            if at < count {
                let symbol = self.symbols.get((index + at) as usize).copied().unwrap_or_default();
                return Found::Symbol(symbol, length);
            }
            index += count;
            first += count;
        }
        Found::Nothing
    }
}
