//! The automaton for small flash: a byte of state, and comparisons.

/// What the next byte must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) enum State {
    /// The first of a character.
    First,
    /// Its last.
    Last,
    /// The first of its last two.
    Two,
    /// The first of its last three.
    Three,
    /// Those whose bounds are narrower, by the byte that they follow.
    AfterE0,
    AfterEd,
    AfterF0,
    AfterF4,
}

impl State {
    pub(super) const START: Self = Self::First;

    pub(super) fn is_complete(self) -> bool {
        self == Self::First
    }

    /// The state after `byte`; none if the byte is illegal here.
    fn after(self, byte: u8) -> Option<Self> {
        // The table of RFC 3629 section 4: overlong forms, surrogates and what lies above U+10FFFF
        // are cut off by the bounds of the second byte.
        let (low, high, next) = match self {
            Self::First => return Self::after_first(byte),
            Self::Last => (0x80, 0xBF, Self::First),
            Self::Two => (0x80, 0xBF, Self::Last),
            Self::Three => (0x80, 0xBF, Self::Two),
            Self::AfterE0 => (0xA0, 0xBF, Self::Last),
            Self::AfterEd => (0x80, 0x9F, Self::Last),
            Self::AfterF0 => (0x90, 0xBF, Self::Two),
            Self::AfterF4 => (0x80, 0x8F, Self::Two),
        };
        (low..=high).contains(&byte).then_some(next)
    }

    fn after_first(byte: u8) -> Option<Self> {
        match byte {
            0x00..=0x7F => Some(Self::First),
            0xC2..=0xDF => Some(Self::Last),
            0xE0 => Some(Self::AfterE0),
            0xED => Some(Self::AfterEd),
            0xE1..=0xEF => Some(Self::Two),
            0xF0 => Some(Self::AfterF0),
            0xF1..=0xF3 => Some(Self::Three),
            0xF4 => Some(Self::AfterF4),
            _ => None,
        }
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
