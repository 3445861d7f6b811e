//! The automaton for hosts: one table load and one shift per byte, no branch to mispredict.
//!
//! Mixed text mispredicts every second branch of an ordinary validator, which costs more than the
//! work itself in texts under 64 bytes. Here the nine states are bit offsets into a word, the
//! word of a byte holds the next state for each, and a step is `state = word >> state`.

/// A bit offset: where the words keep the successor of this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct State(u8);

impl State {
    pub(super) const START: Self = Self(START);

    #[inline]
    pub(super) fn is_complete(self) -> bool {
        self.0 == START
    }

    #[inline]
    fn run(self, bytes: &[u8]) -> Self {
        let mut state = u64::from(self.0);
        for &byte in bytes {
            let word = WORDS.get(usize::from(byte)).copied().unwrap_or(0);
            state = word >> (state & 63);
        }
        Self((state & 63) as u8)
    }
}

const FAILED: u8 = 0;
const START: u8 = 6;
const ONE_MORE: u8 = 12;
const TWO_MORE: u8 = 18;
const THREE_MORE: u8 = 24;
/// After E0, where the second byte must not make an overlong form.
const AFTER_E0: u8 = 30;
/// After ED, where it must not make a surrogate.
const AFTER_ED: u8 = 36;
/// After F0, where it must not make an overlong form.
const AFTER_F0: u8 = 42;
/// After F4, where it must not pass U+10FFFF.
const AFTER_F4: u8 = 48;

/// For each byte, the successors of all states.
static WORDS: [u64; 256] = words();

const fn words() -> [u64; 256] {
    let mut words = [0; 256];
    let mut remaining: &mut [u64] = &mut words;
    let mut byte = 0;
    while let Some((word, rest)) = remaining.split_first_mut() {
        let mut state = START;
        while state <= AFTER_F4 {
            *word |= (successor(state, byte) as u64) << state;
            state += 6;
        }
        remaining = rest;
        byte = if byte < 0xFF { byte + 1 } else { 0 };
    }
    words
}

/// The table of RFC 3629 section 4.
const fn successor(state: u8, byte: u8) -> u8 {
    match (state, byte) {
        (START, 0x00..=0x7F) => START,
        (START, 0xC2..=0xDF) => ONE_MORE,
        (START, 0xE0) => AFTER_E0,
        (START, 0xED) => AFTER_ED,
        (START, 0xE1..=0xEF) => TWO_MORE,
        (START, 0xF0) => AFTER_F0,
        (START, 0xF1..=0xF3) => THREE_MORE,
        (START, 0xF4) => AFTER_F4,
        (ONE_MORE, 0x80..=0xBF) => START,
        (TWO_MORE, 0x80..=0xBF) | (AFTER_E0, 0xA0..=0xBF) | (AFTER_ED, 0x80..=0x9F) => ONE_MORE,
        (THREE_MORE, 0x80..=0xBF) | (AFTER_F0, 0x90..=0xBF) | (AFTER_F4, 0x80..=0x8F) => TWO_MORE,
        _ => FAILED,
    }
}

/// From here on a vectorised validator is faster than the table; without one, texts are gone over
/// in blocks of this size, to skip those that are ASCII.
const LONG: usize = 64;

#[inline]
pub(super) fn check(state: &mut State, bytes: &[u8]) -> Result<(), usize> {
    if bytes.len() < LONG {
        return check_short(state, bytes);
    }
    #[cfg(feature = "simd")]
    return check_long(state, bytes);
    #[cfg(not(feature = "simd"))]
    return check_blocks(state, bytes);
}

/// A text from its first to its last byte. (Not inlined: binary messages shall not pay for it.)
#[inline(never)]
pub(crate) fn check_whole(bytes: &[u8]) -> Result<(), usize> {
    // Nothing to join: the vectorised validator may have it all. What it refuses, the automaton
    // goes over once more: it knows where.
    #[cfg(feature = "simd")]
    if bytes.len() >= LONG && is_valid(bytes) {
        return Ok(());
    }
    let mut state = State::START;
    check_blocks(&mut state, bytes)?;
    if state.is_complete() { Ok(()) } else { Err(bytes.len()) }
}

#[inline]
fn check_short(state: &mut State, bytes: &[u8]) -> Result<(), usize> {
    // Folded without a branch per byte; most messages on the wire are ASCII from end to end.
    if state.is_complete() && bytes.iter().fold(0, |all, byte| all | byte) < 0x80 {
        return Ok(());
    }
    step(state, bytes, 0)
}

/// By the table alone. (The standard library would mispredict its way through everything that is
/// not ASCII, at a fifth of the speed.)
pub(super) fn check_blocks(state: &mut State, bytes: &[u8]) -> Result<(), usize> {
    let (blocks, rest) = bytes.as_chunks::<LONG>();
    for (index, block) in blocks.iter().enumerate() {
        check_short(state, block).map_err(|at| index * LONG + at)?;
    }
    check_short(state, rest).map_err(|at| blocks.len() * LONG + at)
}

#[cfg(feature = "simd")]
#[inline(never)]
fn check_long(state: &mut State, bytes: &[u8]) -> Result<(), usize> {
    let mut rest = bytes;
    while !state.is_complete() {
        let Some((head, after)) = rest.split_at_checked(1) else { return Ok(()) };
        step(state, head, bytes.len() - rest.len())?;
        rest = after;
    }
    let at = bytes.len() - rest.len();
    let (whole, tail) = rest.split_at_checked(before_last_character(rest)).unwrap_or((rest, &[]));
    // The vectorised validator leaves short texts to the standard library, which is slow at them.
    if whole.len() < LONG || !is_valid(whole) {
        step(state, whole, at)?;
    }
    step(state, tail, at + whole.len())
}

fn step(state: &mut State, bytes: &[u8], at: usize) -> Result<(), usize> {
    let before = *state;
    *state = before.run(bytes);
    if *state == State(FAILED) { Err(at + first_bad_byte(before, bytes)) } else { Ok(()) }
}

#[cold]
fn first_bad_byte(mut state: State, bytes: &[u8]) -> usize {
    let failed = |byte: &u8| {
        state = state.run(core::slice::from_ref(byte));
        state == State(FAILED)
    };
    bytes.iter().position(failed).unwrap_or(bytes.len())
}

/// Where the last character begins, if it may be cut; a character has at most three bytes behind
/// its first.
#[cfg(feature = "simd")]
fn before_last_character(bytes: &[u8]) -> usize {
    let is_first = |byte: &u8| byte & 0xC0 != 0x80;
    let behind = bytes.iter().rev().take(4).position(is_first).map_or(0, |index| index + 1);
    bytes.len() - behind
}

#[cfg(feature = "simd")]
fn is_valid(bytes: &[u8]) -> bool {
    simdutf8::basic::from_utf8(bytes).is_ok()
}
