//! What a handshake shows while the peer's head passes by.

use super::grammar::same_word;
use crate::Span;

/// How far one call came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Progress<T> {
    /// How many of the offered bytes are done with. The caller drops them from its buffer once it
    /// has looked at `seen`, and offers the rest again with more behind it.
    pub consumed: usize,
    /// What was seen; `None`: all was looked at and more bytes are needed. Its spans lie in the
    /// slice that was offered.
    pub seen: Option<T>,
}

/// A header field, whole or in pieces.
///
/// A field longer than the caller's buffer comes in pieces: one [`Begin`](Self::Begin), any number
/// of [`More`](Self::More), one [`End`](Self::End).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Field {
    /// A name and its value, without the whitespace around it.
    Whole {
        /// The name, as the peer wrote it: names are compared without regard to case.
        name: Span,
        /// The value.
        value: Span,
    },
    /// A name and the first piece of a value that does not fit.
    Begin {
        /// The name.
        name: Span,
        /// The first piece of the value.
        value: Span,
    },
    /// The next piece of the value.
    More(Span),
    /// The last piece of the value, which may be empty.
    End(Span),
}

impl Field {
    /// The value, if this is a whole field of that name; `bytes` is what was offered.
    pub fn value<'b>(self, name: &str, bytes: &'b [u8]) -> Option<&'b [u8]> {
        match self {
            Self::Whole { name: span, value } if same_word(span.of(bytes), name.as_bytes()) => {
                Some(value.of(bytes))
            }
            _ => None,
        }
    }
}
