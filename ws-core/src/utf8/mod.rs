//! UTF-8, checked as the bytes arrive: fails at the first bad byte, survives a cut inside a
//! character.
//!
//! Two automata know the same rule (RFC 3629): a table for hosts, a few comparisons for
//! microcontrollers, where the table's 2 KB of flash would cost more than it saves. Long runs on
//! hosts go to a vectorised validator; an automaton then only joins the pieces.

// Each target runs one of the automata; tests run both.
#[cfg(any(test, not(target_pointer_width = "64")))]
mod compact;
#[cfg(any(test, target_pointer_width = "64"))]
mod table;

#[cfg(not(target_pointer_width = "64"))]
use compact as automaton;
#[cfg(target_pointer_width = "64")]
use table as automaton;

/// A validator between two pieces of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Utf8(automaton::State);

impl Default for Utf8 {
    fn default() -> Self {
        Self::new()
    }
}

impl Utf8 {
    /// A validator at the start of a text.
    pub const fn new() -> Self {
        Self(automaton::State::START)
    }

    /// Checks the next bytes of the text.
    ///
    /// # Errors
    ///
    /// The index of the first byte that no continuation of the text could make legal.
    #[inline]
    pub fn check(&mut self, bytes: &[u8]) -> Result<(), usize> {
        automaton::check(&mut self.0, bytes)
    }

    /// Whether the text may end here: the last character is whole.
    #[inline]
    pub fn is_complete(self) -> bool {
        self.0.is_complete()
    }
}

/// Checks a text that is whole.
///
/// # Errors
///
/// The index of the first bad byte; that after the last one, if the last character is cut.
#[cfg(target_pointer_width = "64")]
pub(crate) use table::check_whole;

/// The same.
#[cfg(not(target_pointer_width = "64"))]
pub(crate) fn check_whole(bytes: &[u8]) -> Result<(), usize> {
    let mut utf8 = Utf8::new();
    utf8.check(bytes)?;
    if utf8.is_complete() { Ok(()) } else { Err(bytes.len()) }
}

#[cfg(test)]
mod tests;
