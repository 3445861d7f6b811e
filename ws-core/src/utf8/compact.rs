//! The automaton for small flash: a count and two bounds.

/// What the next byte must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct State {
    /// How many bytes of the current character are still to come.
    missing: u8,
    /// The bounds of the next of them.
    low: u8,
    high: u8,
}

impl State {
    pub(super) const START: Self = Self { missing: 0, low: 0x80, high: 0xBF };

    pub(super) fn is_complete(self) -> bool {
        self.missing == 0
    }

    /// The state after `byte`; none if the byte is illegal here.
    fn after(self, byte: u8) -> Option<Self> {
        if self.missing > 0 {
            let legal = (self.low..=self.high).contains(&byte);
            return legal.then(|| Self { missing: self.missing - 1, ..Self::START });
        }
        if byte < 0x80 {
            return Some(Self::START);
        }
        // The table of RFC 3629 section 4: overlong forms, surrogates and what lies above
        // U+10FFFF are cut off by the bounds of the second byte.
        let (low, high) = match byte {
            0xE0 => (0xA0, 0xBF),
            0xED => (0x80, 0x9F),
            0xF0 => (0x90, 0xBF),
            0xF4 => (0x80, 0x8F),
            0xC2..=0xF3 => (0x80, 0xBF),
            _ => return None,
        };
        // As many bytes as the first has leading ones.
        let missing = byte.leading_ones() as u8 - 1;
        Some(Self { missing, low, high })
    }
}

pub(super) fn check(state: &mut State, bytes: &[u8]) -> Result<(), usize> {
    let mut rest = bytes;
    loop {
        if state.is_complete() {
            rest = after_ascii(rest);
        }
        let Some((&byte, after)) = rest.split_first() else { return Ok(()) };
        *state = state.after(byte).ok_or(bytes.len() - rest.len())?;
        rest = after;
    }
}

/// The bytes after the leading ones of ASCII, eight at a time as far as that goes.
fn after_ascii(bytes: &[u8]) -> &[u8] {
    let (blocks, _) = bytes.as_chunks::<8>();
    let is_ascii = |block: &&[u8; 8]| u64::from_ne_bytes(**block) & 0x8080_8080_8080_8080 == 0;
    let ascii = blocks.iter().take_while(is_ascii).count();
    bytes.get(ascii * 8..).unwrap_or_default()
}
