//! The receive buffer: bytes that have arrived, and the message that is put together among them.
//!
//! ```text
//!  0      front        held          kept     start          end        len
//!  ├────────┼──── ··· ───┼─ message ───┼── gap ──┼── unread ───┼── free ───┤
//! ```
//!
//! A message is put together where it lies: the payload of its first frame stays in place, the
//! payloads of the frames behind it are moved down over their headers. So one that came in one
//! frame is not copied, one in fragments is copied once, and nothing is kept per fragment.
//!
//! The front stays free for the header of a reply, as far as no header of what is replied to lies
//! before it: a payload that begins the buffer has a longer one than a frame.

use core::fmt;

use super::moving::move_bytes;
use super::received::{Data, Received, Take};
use crate::connection::Incoming;
use crate::decoder::{Chunk, Event, MIN_BUFFER, Room, Side};
use crate::error::{Error, Misuse};
use crate::frame::Kind;
use crate::span::Span;

/// The receive buffer of one connection.
#[derive(Clone)]
pub struct Inbox<B> {
    memory: B,
    /// The message, as far as it is put together; if there is none, both of them are the front.
    held: usize,
    kept: usize,
    start: usize,
    end: usize,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Inbox<B> {
    /// A buffer in memory that the caller lends or gives, for what `side` receives.
    ///
    /// # Errors
    ///
    /// [`Misuse::BufferTooSmall`] if a control frame would not fit.
    pub fn new(memory: B, side: Side) -> Result<Self, Misuse> {
        let len = memory.as_ref().len();
        let at_least = MIN_BUFFER + header_of_reply(len, side);
        if len < at_least {
            return Err(Misuse::BufferTooSmall { at_least });
        }
        let front = front_of_frames(len, side);
        Ok(Self { memory, held: front, kept: front, start: front, end: front })
    }

    /// The buffer, for the spans that were answered.
    pub fn bytes(&self) -> &[u8] {
        self.memory.as_ref()
    }

    /// The same, to be changed.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.memory.as_mut()
    }

    /// The memory in front of the unread bytes, if no message is put together there: all of the
    /// buffer if nothing is unread. What was answered before is lost.
    pub fn free_front(&mut self) -> &mut [u8] {
        if self.is_holding() {
            return &mut [];
        }
        if self.unread() == 0 {
            self.clear();
        }
        let end = self.start;
        self.memory.as_mut().get_mut(..end).unwrap_or_default()
    }

    /// Memory to write a head through: the larger of `tx` and what is free here.
    pub(crate) fn staging<'a>(&'a mut self, tx: &'a mut [u8]) -> &'a mut [u8] {
        let free = self.free_front();
        if free.len() > tx.len() { free } else { tx }
    }

    /// Where the bytes end that belong to a message that is put together.
    pub fn floor(&self) -> usize {
        if self.is_holding() { self.kept } else { 0 }
    }

    /// How many bytes have arrived and are not done with.
    pub fn unread(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Free memory, to be filled by a read: never empty.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (self.kept, self.kept);
        } else if self.end == self.bytes().len() {
            self.move_unread();
        }
        let end = self.end;
        self.memory.as_mut().get_mut(end..).unwrap_or_default()
    }

    /// So many bytes have been read into [`space`](Self::space).
    pub fn filled(&mut self, len: usize) {
        let space = self.bytes().len().saturating_sub(self.end);
        self.end = self.end.wrapping_add(len.min(space));
    }

    /// The bytes that have arrived and are not done with: what an opening handshake reads, before
    /// there are frames.
    pub fn unread_bytes(&self) -> &[u8] {
        Span { start: self.start, end: self.end }.of(self.bytes())
    }

    /// The first `len` of the unread bytes are done with.
    pub fn consume(&mut self, len: usize) {
        self.start = self.start.saturating_add(len).min(self.end);
    }

    /// How many unread bytes fit at most.
    pub fn capacity(&self) -> usize {
        self.bytes().len().saturating_sub(self.kept)
    }

    /// Throws everything away that has arrived, so that the whole buffer is free.
    pub fn clear(&mut self) {
        let len = self.bytes().len();
        self.kept = self.held;
        (self.start, self.end) = (len, len);
    }

    /// Keeps the reason of the peer's Close, behind which nothing is read, where it lies.
    pub(super) fn keep_reason(&mut self, reason: Span) {
        (self.held, self.kept) = (reason.start, reason.end);
    }

    /// What was kept so.
    pub(super) fn reason(&self) -> &str {
        let reason = Span { start: self.held, end: self.kept };
        core::str::from_utf8(reason.of(self.bytes())).unwrap_or_default()
    }

    /// The next thing that was received; none if more bytes are needed. What was answered before
    /// is done with.
    ///
    /// # Errors
    ///
    /// The [`Violation`](crate::Violation) that ends the connection, or [`Misuse::MidMessage`].
    pub fn receive(
        &mut self,
        take: Take,
        incoming: &mut Incoming,
    ) -> Result<Option<Received>, Error> {
        if take == Take::Messages && incoming.is_mid_message() && !self.is_holding() {
            return Err(Misuse::MidMessage.into());
        }
        if take == Take::Chunks && self.is_holding() {
            return Ok(Some(Received::Data(self.let_go(incoming))));
        }
        if self.start == self.end && incoming.is_between_frames() {
            self.make_room(incoming);
            return Ok(None);
        }
        let room = self.room(take, incoming);
        loop {
            let begin = self.start;
            let unread = self.memory.as_mut().get_mut(begin..self.end).unwrap_or_default();
            if let Some(whole) = incoming.receive_whole(unread, room) {
                let (kind, span) = whole?;
                self.start = begin.wrapping_add(span.end);
                return Ok(Some(Received::Data(Data::whole(kind, span.shifted(begin)))));
            }
            let decoded = incoming.receive_step_by_step(unread, room)?;
            self.consume(decoded.consumed);
            let Some(event) = decoded.event else {
                self.aim(incoming);
                self.make_room(incoming);
                return Ok(None);
            };
            let received = match event {
                Event::Ping(span) => Received::Ping(span.shifted(begin)),
                Event::Pong(span) => Received::Pong(span.shifted(begin)),
                Event::Close { code, reason } => {
                    Received::Close { code, reason: reason.shifted(begin) }
                }
                Event::Chunk(chunk) => {
                    let chunk = Chunk { span: chunk.span.shifted(begin), ..chunk };
                    let data = match take {
                        Take::Chunks => Some(Data::piece(&chunk)),
                        Take::Messages => self.hold(&chunk),
                    };
                    if !(chunk.begins && chunk.ends) {
                        self.aim(incoming);
                    }
                    match data {
                        Some(data) => Received::Data(data),
                        None => continue,
                    }
                }
            };
            return Ok(Some(received));
        }
    }

    /// Adds a chunk to the message; tells the message if it is whole now.
    fn hold(&mut self, chunk: &Chunk) -> Option<Data> {
        if chunk.begins && chunk.ends {
            return Some(Data::piece(chunk));
        }
        let Span { start, end } = chunk.span;
        if chunk.begins {
            self.held = start;
            self.kept = start;
        }
        if self.kept != start {
            move_bytes(self.memory.as_mut(), chunk.span, self.kept);
        }
        self.kept = self.kept.wrapping_add(end - start);
        if !chunk.ends {
            return None;
        }
        let span = Span { start: self.held, end: self.kept };
        self.kept = self.held;
        Some(Data { begins: true, span, ..Data::piece(chunk) })
    }

    /// How large a message may become here. It depends on nothing that was received, and so not on
    /// how the input was cut.
    fn room(&self, take: Take, incoming: &Incoming) -> Room {
        let len = self.bytes().len();
        match take {
            Take::Chunks => Room::ANY,
            Take::Messages => Room(Some(len.wrapping_sub(header_of_reply(len, incoming.side())))),
        }
    }

    /// Gives up putting a message together: what there is of it is a chunk.
    fn let_go(&mut self, incoming: &Incoming) -> Data {
        let span = Span { start: self.held, end: self.kept };
        self.kept = self.held;
        self.aim(incoming);
        let kind = incoming.decoder().open_message().unwrap_or(Kind::Binary);
        // Whatever was put together may have come in several frames: as a piece it stands alone.
        Data {
            kind,
            begins: true,
            ends: false,
            span,
            frame_left: 0,
            last_frame: false,
            #[cfg(feature = "deflate")]
            compressed: incoming.decoder().is_compressed(),
        }
    }

    fn is_holding(&self) -> bool {
        self.held < self.kept
    }

    /// Says where the next bytes are read to, if no message is put together: how much must be free
    /// in front of them depends on whether they begin with a header.
    // Flash: three callers, one copy.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn aim(&mut self, incoming: &Incoming) {
        if !self.is_holding() {
            let (len, side) = (self.bytes().len(), incoming.side());
            let is_payload = incoming.is_mid_frame();
            let front =
                if is_payload { header_of_reply(len, side) } else { front_of_frames(len, side) };
            (self.held, self.kept) = (front, front);
        }
    }

    /// Moves what is held to the front if there is no room behind it for more.
    fn make_room(&mut self, incoming: &Incoming) {
        let len = self.bytes().len();
        if self.is_holding() && (self.start == self.end || self.end == len) {
            self.move_held(header_of_reply(len, incoming.side()));
            self.move_unread();
        }
    }

    /// Moves what is held to the front.
    fn move_held(&mut self, front: usize) {
        let held = Span { start: self.held, end: self.kept };
        move_bytes(self.memory.as_mut(), held, front);
        (self.held, self.kept) = (front, front + held.len());
    }

    /// Moves what is unread to the front, or behind what is held.
    // Flash: as above.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn move_unread(&mut self) {
        let unread = Span { start: self.start, end: self.end };
        move_bytes(self.memory.as_mut(), unread, self.kept);
        (self.start, self.end) = (self.kept, self.kept + unread.len());
    }
}

/// How long the header of the largest reply is, that of a message which fills a buffer of so many
/// bytes. (The buffer is not so small that the length would be in the header's second byte.)
#[inline]
const fn header_of_reply(len: usize, side: Side) -> usize {
    let header = if len > u16::MAX as usize { 10 } else { 4 };
    match side {
        Side::Server => header,
        Side::Client => header + 4,
    }
}

/// How much of it does not fit in the place of the shortest header that it can be the reply to.
#[inline]
const fn front_of_frames(len: usize, side: Side) -> usize {
    let least = match side {
        Side::Server => 6,
        Side::Client => 2,
    };
    header_of_reply(len, side).saturating_sub(least)
}

/// Tells how much there is, and nothing of what it says.
impl<B> fmt::Debug for Inbox<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (held, unread) = (self.kept - self.held, self.end - self.start);
        f.debug_struct("Inbox").field("held", &held).field("unread", &unread).finish()
    }
}

#[cfg(feature = "defmt")]
impl<B> defmt::Format for Inbox<B> {
    fn format(&self, f: defmt::Formatter<'_>) {
        let (held, unread) = (self.kept - self.held, self.end - self.start);
        defmt::write!(f, "Inbox {{ held: {=usize}, unread: {=usize} }}", held, unread);
    }
}
