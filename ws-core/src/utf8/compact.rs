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
        // The table of RFC 3629 section 4: overlong forms, surrogates and what lies above
        // U+10FFFF are cut off by the bounds of the second byte.
        let (missing, low, high) = match byte {
            0x00..=0x7F => (0, 0x80, 0xBF),
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            _ => return None,
        };
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

/// The bytes after the leading words of ASCII: most text, four bytes at a time.
fn after_ascii(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk::<4>() {
        if u32::from_ne_bytes(*word) & 0x8080_8080 != 0 {
            break;
        }
        rest = after;
    }
    rest
}
