//! Inflating (RFC 1951): a machine that stops wherever its input is cut, or its output full.

use super::bits::Bits;
use super::code::{Code, Found, Gaps, NoCode};
use super::output::Output;
use super::tables::{FAR, LENGTHS, ORDER};

// With more bits in a glance it is faster, and larger.
#[cfg(target_pointer_width = "64")]
const GLANCE: (usize, usize) = (1 << 10, 1 << 8);
#[cfg(not(target_pointer_width = "64"))]
const GLANCE: (usize, usize) = (1 << 6, 1 << 4);

/// 286 literals and lengths can be sent, and as many distances as there are bits for.
const LITERALS: usize = 288;
const DISTANCES: usize = 32;

/// Why it stops.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pause {
    /// It needs more input.
    Input,
    /// What it has written must be taken first.
    Output,
}

/// What is compressed data is not.
pub(super) struct Garbage;

impl From<NoCode> for Garbage {
    fn from(_: NoCode) -> Self {
        Self
    }
}

/// Where in a block it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Between two blocks.
    Header,
    StoredLength,
    Stored {
        left: usize,
    },
    Counts,
    /// The lengths of the codes for lengths: so many were read of so many.
    Order {
        read: usize,
        of: usize,
    },
    /// The lengths of the codes.
    Lengths {
        read: usize,
    },
    Symbols,
    /// In what is repeated.
    Repeat {
        left: usize,
        distance: usize,
    },
}

/// Which codes are in the tables.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codes {
    None,
    Fixed,
    Dynamic,
}

#[derive(Clone)]
pub(super) struct Blocks {
    bits: Bits,
    stage: Stage,
    codes: Codes,
    /// Whether the block, or the one that has just ended, says that it is the last.
    is_final: bool,
    literal_count: usize,
    distance_count: usize,
    literals: Code<LITERALS, { GLANCE.0 }>,
    /// That for lengths, too, while those are read.
    distances: Code<DISTANCES, { GLANCE.1 }>,
    /// The lengths of both, in half a byte each.
    lengths: [u8; (LITERALS + DISTANCES) / 2],
}

/// A number of four bits.
fn nibble(nibbles: &[u8], at: usize) -> u8 {
    let both = nibbles.get(at / 2).copied().unwrap_or_default();
    if at.is_multiple_of(2) { both & 0xF } else { both >> 4 }
}

impl Blocks {
    pub(super) const fn new() -> Self {
        Self {
            bits: Bits::NONE,
            stage: Stage::Header,
            codes: Codes::None,
            is_final: false,
            literal_count: 0,
            distance_count: 0,
            literals: Code::new(),
            distances: Code::new(),
            lengths: [0; (LITERALS + DISTANCES) / 2],
        }
    }

    /// A message begins.
    pub(super) const fn restart(&mut self) {
        self.bits = Bits::NONE;
        self.stage = Stage::Header;
        self.is_final = false;
    }

    /// Whether the input so far ends between two blocks and between two bytes.
    pub(super) fn is_between(&self) -> bool {
        self.stage == Stage::Header && self.bits.is_empty()
    }

    /// Whether it ends with a block that says that it is the last.
    pub(super) fn is_after_final(&self) -> bool {
        self.stage == Stage::Header && self.is_final && self.bits.count() < 8
    }

    /// Inflates until there is no more input, or no more room.
    pub(super) fn run(
        &mut self,
        input: &mut &[u8],
        output: &mut Output<'_>,
    ) -> Result<Pause, Garbage> {
        loop {
            self.bits.refill(input);
            let pause = match self.stage {
                Stage::Header => self.header()?,
                Stage::StoredLength => self.stored_length()?,
                Stage::Stored { left } => self.stored(left, input, output),
                Stage::Counts => self.counts()?,
                Stage::Order { read, of } => self.order(read, of)?,
                Stage::Lengths { read } => self.length(read)?,
                Stage::Symbols => self.symbols(input, output)?,
                Stage::Repeat { left, distance } => self.repeat(left, distance, output),
            };
            if let Some(pause) = pause {
                return Ok(pause);
            }
        }
    }

    fn header(&mut self) -> Result<Option<Pause>, Garbage> {
        // "Both blocks with the "BFINAL" bit set to 0 and 1 MAY be used" (RFC 7692 section 7.2.1):
        // what follows a final one begins with the next byte.
        if self.is_final {
            self.bits.align();
        }
        let Some(bits) = self.bits.take(3) else { return Ok(Some(Pause::Input)) };
        self.is_final = bits & 1 != 0;
        self.stage = match bits >> 1 {
            0 => {
                self.bits.align();
                Stage::StoredLength
            }
            1 => {
                self.fix_codes()?;
                Stage::Symbols
            }
            2 => Stage::Counts,
            _ => return Err(Garbage),
        };
        Ok(None)
    }

    fn stored_length(&mut self) -> Result<Option<Pause>, Garbage> {
        if self.bits.count() < 32 {
            return Ok(Some(Pause::Input));
        }
        let both = self.bits.peek();
        self.bits.skip(32);
        let (length, complement) = (both as u16, (both >> 16) as u16);
        if length != !complement {
            return Err(Garbage);
        }
        self.stage = Stage::Stored { left: length.into() };
        Ok(None)
    }

    fn stored(
        &mut self,
        mut left: usize,
        input: &mut &[u8],
        output: &mut Output<'_>,
    ) -> Option<Pause> {
        while left > 0 && !output.is_full() {
            if let Some(byte) = self.bits.take(8) {
                output.put(byte as u8);
                left -= 1;
                continue;
            }
            let count = output.write(input.get(..left).unwrap_or(input));
            *input = input.get(count..).unwrap_or_default();
            left -= count;
            if input.is_empty() {
                break;
            }
        }
        self.stage = if left == 0 { Stage::Header } else { Stage::Stored { left } };
        match left {
            0 => None,
            _ if output.is_full() => Some(Pause::Output),
            _ => Some(Pause::Input),
        }
    }

    fn fix_codes(&mut self) -> Result<(), Garbage> {
        if self.codes != Codes::Fixed {
            let lengths = (0..LITERALS).map(|symbol| match symbol {
                0..=143 => 8,
                144..=255 => 9,
                256..=279 => 7,
                _ => 8,
            });
            self.literals.define(lengths, Gaps::No)?;
            self.distances.define((0..DISTANCES).map(|_| 5), Gaps::No)?;
            self.codes = Codes::Fixed;
        }
        Ok(())
    }

    fn counts(&mut self) -> Result<Option<Pause>, Garbage> {
        let Some(bits) = self.bits.take(14) else { return Ok(Some(Pause::Input)) };
        self.literal_count = (bits & 31) as usize + 257;
        self.distance_count = (bits >> 5 & 31) as usize + 1;
        if self.literal_count > 286 || self.distance_count > 30 {
            return Err(Garbage);
        }
        self.codes = Codes::Dynamic;
        self.lengths = [0; (LITERALS + DISTANCES) / 2];
        self.stage = Stage::Order { read: 0, of: (bits >> 10) as usize + 4 };
        Ok(None)
    }

    fn order(&mut self, read: usize, of: usize) -> Result<Option<Pause>, Garbage> {
        if read < of {
            let Some(length) = self.bits.take(3) else { return Ok(Some(Pause::Input)) };
            let symbol = ORDER.get(read).copied().unwrap_or_default();
            self.set_length(symbol.into(), length as u8);
            self.stage = Stage::Order { read: read + 1, of };
            return Ok(None);
        }
        let lengths = (0..ORDER.len()).map(|at| nibble(&self.lengths, at));
        self.distances.define(lengths, Gaps::No)?;
        self.stage = Stage::Lengths { read: 0 };
        Ok(None)
    }

    /// One length, or several that are the same.
    fn length(&mut self, read: usize) -> Result<Option<Pause>, Garbage> {
        let all = self.literal_count + self.distance_count;
        if read >= all {
            return self.define_codes();
        }
        let mut bits = self.bits;
        let (symbol, len) = match self.distances.find(bits) {
            Found::Symbol(symbol, len) => (symbol, len),
            Found::Cut => return Ok(Some(Pause::Input)),
            Found::Nothing => return Err(Garbage),
        };
        bits.skip(len);
        let (length, least, more) = match symbol {
            0..=15 => (symbol as u8, 1, 0),
            16 => (nibble(&self.lengths, read.checked_sub(1).ok_or(Garbage)?), 3, 2),
            17 => (0, 3, 3),
            _ => (0, 11, 7),
        };
        let Some(more) = bits.take(more) else { return Ok(Some(Pause::Input)) };
        let end = read + least + more as usize;
        if end > all {
            return Err(Garbage);
        }
        for at in read..end {
            self.set_length(at, length);
        }
        self.bits = bits;
        self.stage = Stage::Lengths { read: end };
        Ok(None)
    }

    fn define_codes(&mut self) -> Result<Option<Pause>, Garbage> {
        let lengths = |from: usize, count| (from..from + count).map(|at| nibble(&self.lengths, at));
        // Without an end of the block there would be none.
        if nibble(&self.lengths, 256) == 0 {
            return Err(Garbage);
        }
        self.literals.define(lengths(0, self.literal_count), Gaps::OneCode)?;
        let far = lengths(self.literal_count, self.distance_count);
        self.distances.define(far, Gaps::OneCode)?;
        self.stage = Stage::Symbols;
        Ok(None)
    }

    fn set_length(&mut self, at: usize, length: u8) {
        if let Some(both) = self.lengths.get_mut(at / 2) {
            let shift = at % 2 * 4;
            *both = *both & !(0xF << shift) | length << shift;
        }
    }

    fn symbols(
        &mut self,
        input: &mut &[u8],
        output: &mut Output<'_>,
    ) -> Result<Option<Pause>, Garbage> {
        while !output.is_full() {
            self.bits.refill(input);
            let mut bits = self.bits;
            let symbol = match self.literals.find(bits) {
                Found::Symbol(symbol, len) => {
                    bits.skip(len);
                    symbol
                }
                Found::Cut => return Ok(Some(Pause::Input)),
                Found::Nothing => return Err(Garbage),
            };
            match symbol {
                0..=255 => output.put(symbol as u8),
                256 => {
                    self.bits = bits;
                    self.stage = Stage::Header;
                    return Ok(None);
                }
                _ => {
                    let Some((length, distance)) = self.reference(symbol, &mut bits)? else {
                        return Ok(Some(Pause::Input));
                    };
                    if !output.reaches(distance) {
                        return Err(Garbage);
                    }
                    let left = length - output.repeat(distance, length);
                    if left > 0 {
                        self.stage = Stage::Repeat { left, distance };
                    }
                }
            }
            self.bits = bits;
        }
        Ok(Some(Pause::Output))
    }

    /// A length, and the distance that follows it; none if they are cut.
    #[inline]
    fn reference(&self, symbol: u16, bits: &mut Bits) -> Result<Option<(usize, usize)>, Garbage> {
        let &(length, more) = LENGTHS.get(usize::from(symbol) - 257).ok_or(Garbage)?;
        let Some(more) = bits.take(more.into()) else { return Ok(None) };
        let length = usize::from(length) + more as usize;
        let symbol = match self.distances.find(*bits) {
            Found::Symbol(symbol, len) => {
                bits.skip(len);
                symbol
            }
            Found::Cut => return Ok(None),
            Found::Nothing => return Err(Garbage),
        };
        let &(distance, more) = FAR.get(usize::from(symbol)).ok_or(Garbage)?;
        let Some(more) = bits.take(more.into()) else { return Ok(None) };
        Ok(Some((length, usize::from(distance) + more as usize)))
    }

    fn repeat(&mut self, left: usize, distance: usize, output: &mut Output<'_>) -> Option<Pause> {
        let left = left - output.repeat(distance, left);
        if left > 0 {
            self.stage = Stage::Repeat { left, distance };
            return Some(Pause::Output);
        }
        self.stage = Stage::Symbols;
        None
    }
}
