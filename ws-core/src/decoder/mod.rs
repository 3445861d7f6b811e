//! The streaming machine: frames in, chunks of messages and whole control frames out.
//!
//! It works in the slice that the caller lends: payload is unmasked and checked where it lies, and
//! the answers are spans of that slice. It stores no payload, so a message of any size passes
//! through a buffer of [`MIN_BUFFER`] bytes; a message that lies whole in the slice comes out as
//! one chunk, without a copy.

mod compressed;
mod event;
mod whole;

pub use event::{Chunk, Decoded, Event};

use crate::error::{Rule, Violation};
use crate::frame::{
    CloseCode, FirstByte, Header, Kind, MASK_BIT, MAX_CONTROL, Mask, Opcode, Reserved, header_len,
};
use crate::length::{Length, counted};
use crate::span::Span;
use crate::utf8::Utf8;

/// The smallest buffer to receive with: the largest control frame of either side fits, since
/// control frames are delivered whole.
pub const MIN_BUFFER: usize = header_len(MAX_CONTROL as u64, true) + MAX_CONTROL;

/// Which end of a connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Side {
    /// We accepted the connection: what we receive is masked, what we send is not.
    Server,
    /// We opened it: what we send is masked, what we receive is not.
    Client,
}

/// How large a message may become where it is put together, if it is.
#[derive(Clone, Copy)]
pub(crate) struct Room(pub(crate) Option<usize>);

impl Room {
    pub(crate) const ANY: Self = Self(None);

    /// Whether a message of so many bytes fits. While frames will follow, room for a control frame
    /// between them is kept.
    #[inline]
    fn fits(self, message: usize, is_last: bool) -> bool {
        let reserved = if is_last { 0 } else { MIN_BUFFER };
        self.0.is_none_or(|room| message <= room.saturating_sub(reserved))
    }
}

/// The receiving half of the codec: every rule about incoming frames, no memory of its own.
///
/// ```
/// use ws_core::{Decoder, Event, Side, Span};
///
/// // "Hello" from the RFC's example (section 5.7), masked by a client, with a byte of the next
/// // frame behind it.
/// let mut bytes = *b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x81";
/// let mut decoder = Decoder::new(Side::Server);
///
/// let decoded = decoder.decode(&mut bytes)?;
/// let Some(Event::Chunk(chunk)) = decoded.event else { panic!("a chunk was expected") };
/// assert!(chunk.begins && chunk.ends);
/// assert_eq!(chunk.span.of(&bytes), b"Hello");
/// assert_eq!(decoded.consumed, 11);
///
/// // The rest is kept by the caller and offered again, with more behind it.
/// assert_eq!(decoder.decode(&mut bytes[11..])?.event, None);
/// # Ok::<(), ws_core::Violation>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decoder {
    /// Bytes of the current data frame still to come; 0 between frames.
    frame_left: Length,
    /// Payload of the current message that its headers announced so far; the largest number if it
    /// is more than that.
    message_len: usize,
    /// The same number is no limit.
    max_message: usize,
    /// Where in the stream the bytes offered next begin.
    offset: usize,
    /// The key of the current data frame.
    mask: Mask,
    side: Side,
    /// The reserved bits that an extension owns.
    allowed: Reserved,
    /// The message that has begun and not ended.
    open: Option<Kind>,
    /// Whether no chunk of it has been delivered yet.
    fresh: bool,
    compressed: bool,
    /// Whether the current frame is the last one of its message.
    fin: bool,
    /// The text of the message so far.
    utf8: Utf8,
    /// The rule whose breach ended the connection, at `offset`; to be answered for ever.
    broken: Option<Rule>,
}

impl Decoder {
    /// How large a message may be unless [`max_message`](Self::with_max_message) says otherwise.
    pub const DEFAULT_MAX_MESSAGE: u64 = 16 * 1024 * 1024;

    /// A decoder at the first byte after the opening handshake, for what `side` receives.
    pub const fn new(side: Side) -> Self {
        Self {
            frame_left: Length::ZERO,
            message_len: 0,
            max_message: counted(Self::DEFAULT_MAX_MESSAGE),
            offset: 0,
            mask: Mask::new([0; 4]),
            side,
            allowed: Reserved::NONE,
            open: None,
            fresh: false,
            compressed: false,
            fin: false,
            utf8: Utf8::new(),
            broken: None,
        }
    }

    /// Takes messages of up to `bytes` of payload, inclusive; larger ones are refused with the
    /// header that announces them, before any memory is taken for them. What a `usize` cannot
    /// count is no limit.
    #[must_use]
    pub const fn with_max_message(mut self, bytes: u64) -> Self {
        self.max_message = counted(bytes);
        self
    }

    /// Lets messages come with RSV1 set, which marks a message as compressed (RFC 7692). Their
    /// text is not checked here: it is not text before it is inflated.
    #[must_use]
    pub const fn with_compressed_messages(mut self) -> Self {
        self.allowed = Reserved::RSV1;
        self
    }

    /// The message that has begun and not ended, if there is one.
    pub const fn open_message(&self) -> Option<Kind> {
        self.open
    }

    /// What the peer did wrong, if it did.
    pub const fn violation(&self) -> Option<Violation> {
        match self.broken {
            Some(rule) => Some(Violation { rule, offset: self.offset as u64 }),
            None => None,
        }
    }

    pub(crate) const fn side(&self) -> Side {
        self.side
    }

    /// Whether part of the open message has been delivered, and more may come.
    pub(crate) const fn is_mid_message(&self) -> bool {
        self.open.is_some() && !self.fresh && self.broken.is_none()
    }

    /// Whether a data frame has begun and not ended.
    pub(crate) const fn is_mid_frame(&self) -> bool {
        !self.frame_left.is_zero()
    }

    /// Whether there is nothing to tell before more bytes have arrived.
    pub(crate) const fn is_between_frames(&self) -> bool {
        self.frame_left.is_zero() && self.broken.is_none()
    }

    /// Decodes the next event from the front of `bytes`, which begin where the last call's
    /// `consumed` ended.
    ///
    /// Data is unmasked in place and delivered as it arrives; a control frame is delivered when
    /// all of it is there. Offer at least [`MIN_BUFFER`] bytes, or all there is. Any division of a
    /// stream into calls gives the same messages, control frames and violations.
    ///
    /// # Errors
    ///
    /// The first rule that the peer broke, then the same one for ever.
    #[inline]
    pub fn decode(&mut self, bytes: &mut [u8]) -> Result<Decoded, Violation> {
        let room = Room::ANY;
        let Some(whole) = self.whole(bytes, room) else {
            return self.decode_step_by_step(bytes, room);
        };
        let (kind, span) = whole?;
        let (begins, ends, compressed, frame_left, last_frame) = (true, true, false, 0, true);
        let chunk = Chunk { kind, begins, ends, compressed, span, frame_left, last_frame };
        Ok(Decoded { consumed: span.end, event: Some(Event::Chunk(chunk)) })
    }

    /// The long way: everything that may come, in any state.
    #[inline(never)]
    pub(crate) fn decode_step_by_step(
        &mut self,
        bytes: &mut [u8],
        room: Room,
    ) -> Result<Decoded, Violation> {
        if let Some(violation) = self.violation() {
            return Err(violation);
        }
        // A frame that was admitted where there was more room.
        if !self.frame_left.is_zero() && self.is_beyond(room) {
            return Err(self.fail(Rule::TooBig, 0, 0));
        }
        let mut used = 0;
        while self.frame_left.is_zero() {
            let unread = bytes.get(used..).unwrap_or_default();
            let header = self.header(unread).map_err(|(rule, at)| self.fail(rule, used, at))?;
            let Some((header, header_len)) = header else { return Ok(self.more(used)) };
            if header.opcode.is_control() {
                return self.control(header, bytes, used, used + header_len);
            }
            used += header_len;
            self.begin_frame(&header);
            if self.is_beyond(room) {
                return Err(self.fail(Rule::TooBig, used, 0));
            }
            if header.len == 0 && header.fin {
                return self.chunk(bytes, used);
            }
        }
        if used < bytes.len() { self.chunk(bytes, used) } else { Ok(self.more(used)) }
    }

    /// Whether the message, as far as it is announced, is larger than we take.
    // Flash: two callers, one copy.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn is_beyond(&self, room: Room) -> bool {
        self.message_len > self.most() || !room.fits(self.message_len, self.fin)
    }

    /// Reads a header and checks it against the state of the connection, in the order of its
    /// bytes: the first bad byte decides, whatever the bytes behind it say.
    #[inline]
    fn header(&self, unread: &[u8]) -> Result<Option<(Header, usize)>, (Rule, usize)> {
        let &[first, ref rest @ ..] = unread else { return Ok(None) };
        let first = FirstByte::decode(first).map_err(|rule| (rule, 0))?;
        self.expect(first).map_err(|rule| (rule, 0))?;
        if let &[second, ..] = rest {
            match (self.side, second & MASK_BIT != 0) {
                // "The server MUST close the connection upon receiving a frame that is not
                // masked" (section 5.1).
                (Side::Server, false) => return Err((Rule::Unmasked, 1)),
                // "A client MUST close a connection if it detects a masked frame" (section 5.1).
                (Side::Client, true) => return Err((Rule::Masked, 1)),
                _ => {}
            }
        }
        Header::decode_after(first, rest)
    }

    #[inline]
    fn expect(&self, first: FirstByte) -> Result<(), Rule> {
        // RFC 7692 section 6.1: RSV1 is set on the first frame of a message only, never on a
        // control frame.
        let begins = matches!(first.opcode, Opcode::Text | Opcode::Binary);
        let allowed = if begins { self.allowed } else { Reserved::NONE };
        // "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values"
        // (section 5.2).
        if !first.reserved.without(allowed).is_none() {
            return Err(Rule::ReservedBits);
        }
        match (first.opcode, self.open) {
            // "The fragments of one message MUST NOT be interleaved between the fragments of
            // another message" (section 5.4).
            (Opcode::Text | Opcode::Binary, Some(_)) => Err(Rule::InterleavedMessage),
            (Opcode::Continuation, None) => Err(Rule::StrayContinuation),
            _ => Ok(()),
        }
    }

    #[inline]
    fn begin_frame(&mut self, header: &Header) {
        if header.opcode != Opcode::Continuation {
            let kind = if header.opcode == Opcode::Text { Kind::Text } else { Kind::Binary };
            self.open = Some(kind);
            self.fresh = true;
            self.compressed = !header.reserved.is_none();
            self.message_len = 0;
            self.utf8 = Utf8::new();
        }
        self.frame_left = Length::new(header.len);
        self.message_len = self.message_len.saturating_add(counted(header.len));
        self.fin = header.fin;
        self.mask = header.mask.unwrap_or_default();
    }

    /// Delivers what is there of the current data frame, from `start` on.
    #[inline]
    fn chunk(&mut self, bytes: &mut [u8], start: usize) -> Result<Decoded, Violation> {
        let there = bytes.len().saturating_sub(start);
        let len = self.frame_left.at_most(there);
        let span = Span::new(start, len);
        let payload = span.of_mut(bytes);
        if self.side == Side::Server {
            self.mask.apply(payload);
        }
        let frame_left = self.frame_left.less(len);
        let ends = self.fin && frame_left.is_zero();
        let kind = self.open.unwrap_or(Kind::Binary);
        if kind == Kind::Text && !self.compressed {
            self.utf8.check(payload).map_err(|at| self.fail(Rule::InvalidUtf8, start, at))?;
            if ends && !self.utf8.is_complete() {
                return Err(self.fail(Rule::InvalidUtf8, span.end, 0));
            }
        }
        let (begins, compressed) = (self.fresh, self.compressed);
        self.frame_left = frame_left;
        self.fresh = false;
        if ends {
            self.open = None;
        }
        let (frame_left, last_frame) = (frame_left.get(), self.fin);
        let chunk = Chunk { kind, begins, ends, compressed, span, frame_left, last_frame };
        Ok(self.done(span.end, Event::Chunk(chunk)))
    }

    /// Delivers a control frame that begins at `start`, its payload at `payload`, if it is whole.
    fn control(
        &mut self,
        header: Header,
        bytes: &mut [u8],
        start: usize,
        payload: usize,
    ) -> Result<Decoded, Violation> {
        // Cannot truncate: at most 125.
        let span = Span::new(payload, header.len as usize);
        if span.end > bytes.len() {
            return Ok(self.more(start));
        }
        if let Some(mut mask) = header.mask {
            mask.apply(span.of_mut(bytes));
        }
        let event = match header.opcode {
            Opcode::Ping => Event::Ping(span),
            Opcode::Close => self.close(span.of(bytes), span)?,
            _ => Event::Pong(span),
        };
        Ok(self.done(span.end, event))
    }

    fn close(&mut self, payload: &[u8], span: Span) -> Result<Event, Violation> {
        let reason = Span { start: span.start.wrapping_add(2).min(span.end), end: span.end };
        let code = match *payload {
            [] => return Ok(Event::Close { code: None, reason }),
            // "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned
            // integer" (section 5.5.1).
            [_] => return Err(self.fail(Rule::CloseTooShort, span.start, 0)),
            [high, low, ..] => CloseCode(u16::from_be_bytes([high, low])),
        };
        if !code.is_sendable() {
            return Err(self.fail(Rule::CloseCodeInvalid, span.start, 0));
        }
        // "Following the 2-byte integer, the body MAY contain UTF-8-encoded data" (section 5.5.1).
        let mut utf8 = Utf8::new();
        utf8.check(payload.get(2..).unwrap_or_default())
            .map_err(|at| self.fail(Rule::CloseReasonNotUtf8, reason.start, at))?;
        if !utf8.is_complete() {
            return Err(self.fail(Rule::CloseReasonNotUtf8, span.end, 0));
        }
        Ok(Event::Close { code: Some(code), reason })
    }

    #[inline]
    fn more(&mut self, consumed: usize) -> Decoded {
        self.offset = self.offset.wrapping_add(consumed);
        Decoded { consumed, event: None }
    }

    #[inline]
    fn done(&mut self, consumed: usize, event: Event) -> Decoded {
        self.offset = self.offset.wrapping_add(consumed);
        Decoded { consumed, event: Some(event) }
    }

    #[cold]
    #[inline(never)]
    fn fail(&mut self, rule: Rule, used: usize, at: usize) -> Violation {
        self.offset = self.offset.wrapping_add(used.wrapping_add(at));
        self.broken = Some(rule);
        Violation { rule, offset: self.offset as u64 }
    }
}
