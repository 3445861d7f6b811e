//! The head of a message of HTTP/1.1, cut into lines where they lie (RFC 9112 sections 2 to 5).

use core::fmt;

use super::grammar::{TOKEN, after_value, is_token_char, trim_end};
use super::progress::{Field, Progress};
use crate::Span;

/// How many bytes a head may have, unless the caller says otherwise.
pub const MAX_HEAD: u32 = 16 * 1024;

/// A head that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum HeadError {
    /// A CR or an LF that is not part of a CR LF.
    LineEnding,
    /// The start line holds what does not belong there.
    StartLine,
    /// A header whose name is not a token, or is not followed by a colon at once.
    Name,
    /// A header line that goes on in the next line.
    Folded,
    /// A control character in the value of a header.
    Value,
    /// The start line does not fit.
    StartLineTooLong,
    /// All headers, or the name of one, or a value that must be known whole, do not fit.
    HeadersTooLong,
}

impl HeadError {
    /// What is wrong, in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::LineEnding => "a line does not end in CR LF",
            Self::StartLine => "malformed start line",
            Self::Name => "malformed header name",
            Self::Folded => "folded header line",
            Self::Value => "control character in a header",
            Self::StartLineTooLong => "start line too long",
            Self::HeadersTooLong => "headers too long",
        }
    }
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for HeadError {}

/// A line, or a piece of one that does not fit the caller's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Start(Span),
    Field(Field),
    /// The empty line at the end.
    Empty,
}

/// Reads a head. Every byte is looked at once, however the bytes arrive, but for a CR that waits for
/// its LF.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    place: Place,
    /// How many of the bytes that are not consumed yet were looked at.
    scanned: usize,
    /// How many more bytes the head may have.
    left: u32,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    BeforeStart,
    StartLine,
    LineStart,
    Name,
    Value {
        colon: usize,
    },
    /// Inside a value whose name was shown already.
    Rest,
    Done,
}

impl Place {
    /// What is wrong with a byte that leads nowhere from here.
    const fn wrong(self, byte: u8) -> HeadError {
        match self {
            // RFC 9112 section 5.1: "No whitespace is allowed between the field name and colon."
            Self::Name if byte != b'\n' => HeadError::Name,
            // RFC 9112 section 2.2: "A recipient of such a bare CR MUST consider that element to be
            // invalid". A bare LF "MAY" be taken for a line end; we do not, since whoever stands
            // between us and the client may take it for something else (section 11.2).
            _ if matches!(byte, b'\r' | b'\n') => HeadError::LineEnding,
            Self::BeforeStart | Self::StartLine => HeadError::StartLine,
            // RFC 9112 section 5.2: "A server that receives an obs-fold in a request message [...]
            // MUST either reject the message by sending a 400 (Bad Request) [...] or replace".
            Self::LineStart if matches!(byte, b' ' | b'\t') => HeadError::Folded,
            Self::LineStart | Self::Name => HeadError::Name,
            Self::Value { .. } | Self::Rest | Self::Done => HeadError::Value,
        }
    }
}

impl Head {
    pub(super) const fn new(max_bytes: u32) -> Self {
        Self { place: Place::BeforeStart, scanned: 0, left: max_bytes }
    }

    /// Another head follows, out of the same budget.
    pub(super) fn restart(&mut self) {
        self.place = Place::BeforeStart;
    }

    /// Finds the next line in `bytes`, which begin with what was not consumed the last time;
    /// `capacity` is how many bytes the caller can offer at most.
    pub(super) fn next(
        &mut self,
        bytes: &[u8],
        capacity: usize,
    ) -> Result<Progress<Line>, HeadError> {
        let mut start = 0;
        while !matches!(self.place, Place::Done) && self.scan(bytes)? {
            match self.end_line(bytes, start) {
                Some(line) => {
                    let consumed = core::mem::take(&mut self.scanned);
                    return Ok(Progress { consumed, seen: Some(line) });
                }
                None => start = self.scanned,
            }
        }
        self.scanned = self.scanned.wrapping_sub(start);
        if start == 0 && bytes.len() >= capacity && !matches!(self.place, Place::Done) {
            return self.show_piece(bytes);
        }
        Ok(Progress { consumed: start, seen: None })
    }

    /// Goes on to the end of the line, or of what is there of it, and tells whether it has ended.
    // Speed: a loop that has all registers to itself.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn scan(&mut self, bytes: &[u8]) -> Result<bool, HeadError> {
        let unseen = bytes.get(self.scanned..).unwrap_or_default();
        let allowed = unseen.get(..self.left as usize).unwrap_or(unseen);
        let mut rest = allowed;
        let ended = loop {
            // Most of a head is the inside of names and values.
            let after = match self.place {
                Place::BeforeStart | Place::Done => rest,
                Place::LineStart | Place::Name => TOKEN.skip(rest),
                Place::StartLine | Place::Value { .. } | Place::Rest => after_value(rest),
            };
            if matches!(self.place, Place::LineStart) && after.len() < rest.len() {
                self.place = Place::Name;
            }
            rest = after;
            match (self.place, rest) {
                (_, []) => break false,
                (Place::Name, [b':', value @ ..]) => {
                    let colon = self.scanned.wrapping_add(allowed.len().wrapping_sub(rest.len()));
                    self.place = Place::Value { colon };
                    rest = value;
                }
                (Place::BeforeStart, [byte, ..]) if is_token_char(*byte) => {
                    self.place = Place::StartLine;
                }
                (Place::Name, [byte, ..]) => return Err(self.place.wrong(*byte)),
                (_, [b'\r', b'\n', next @ ..]) => {
                    rest = next;
                    break true;
                }
                (_, [b'\r']) => break false,
                (_, [byte, ..]) => return Err(self.place.wrong(*byte)),
            }
        };
        let len = allowed.len().wrapping_sub(rest.len());
        self.scanned = self.scanned.wrapping_add(len);
        self.left = self.left.wrapping_sub(len as u32);
        if !ended && allowed.len() < unseen.len() { Err(self.too_long()) } else { Ok(ended) }
    }

    /// The line that begins at `start` and whose CR LF was just looked at.
    fn end_line(&mut self, bytes: &[u8], start: usize) -> Option<Line> {
        let span = Span { start, end: self.scanned.wrapping_sub(2) };
        let (next, line) = match self.place {
            // RFC 9112 section 2.2: "SHOULD ignore at least one empty line (CRLF) received prior
            // to the request-line."
            Place::BeforeStart => (Place::BeforeStart, None),
            Place::StartLine => (Place::LineStart, Some(Line::Start(span))),
            Place::LineStart | Place::Done => (Place::Done, Some(Line::Empty)),
            Place::Name | Place::Rest => {
                let piece = trimmed(bytes, span);
                (Place::LineStart, Some(Line::Field(Field::End(piece))))
            }
            Place::Value { colon } => {
                let (name, value) = split(bytes, colon, span.end);
                (Place::LineStart, Some(Line::Field(Field::Whole { name, value })))
            }
        };
        self.place = next;
        line
    }

    /// The line fills the whole buffer of the caller: shows a piece of it to make room.
    fn show_piece(&mut self, bytes: &[u8]) -> Result<Progress<Line>, HeadError> {
        let end = self.scanned;
        // A CR is not looked at before what follows it.
        let is_before_cr = end < bytes.len();
        let (field, piece) = match self.place {
            Place::Value { colon } => {
                let (name, value) = split(bytes, colon, end);
                (Field::Begin { name, value }, value)
            }
            Place::Rest => {
                let all = Span { start: 0, end };
                let some = trimmed(bytes, all);
                // Nothing but whitespace: it lies inside the value, unless the value ends here.
                let piece = if some.is_empty() && !is_before_cr { all } else { some };
                (Field::More(piece), piece)
            }
            _ => return Err(self.too_long()),
        };
        // Whitespace at the end waits for what follows it: it may be the end of the value.
        let consumed = if is_before_cr || piece.is_empty() { end } else { piece.end };
        if consumed == 0 {
            return Err(self.too_long());
        }
        self.place = Place::Rest;
        self.scanned = self.scanned.wrapping_sub(consumed);
        Ok(Progress { consumed, seen: Some(Line::Field(field)) })
    }

    const fn too_long(&self) -> HeadError {
        match self.place {
            Place::BeforeStart | Place::StartLine => HeadError::StartLineTooLong,
            _ => HeadError::HeadersTooLong,
        }
    }
}

/// A name that begins the bytes, its colon, and a value that reaches up to `end`.
///
/// RFC 9112 section 5: "field-line = field-name ":" OWS field-value OWS".
fn split(bytes: &[u8], colon: usize, end: usize) -> (Span, Span) {
    let is_space = |at: usize| matches!(bytes.get(at), Some(b' ' | b'\t'));
    let mut value = Span { start: colon.wrapping_add(1), end };
    while !value.is_empty() && is_space(value.start) {
        value.start = value.start.wrapping_add(1);
    }
    while !value.is_empty() && is_space(value.end.wrapping_sub(1)) {
        value.end = value.end.wrapping_sub(1);
    }
    (Span { start: 0, end: colon }, value)
}

fn trimmed(bytes: &[u8], span: Span) -> Span {
    Span::new(span.start, trim_end(span.of(bytes)).len())
}
