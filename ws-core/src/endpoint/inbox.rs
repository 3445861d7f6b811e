//! The receive buffer: bytes that have arrived, and the message that is put together among them.
//!
//! ```text
//!  0     headroom      held          kept     start          end        len
//!  ├────────┼──── ··· ───┼─ message ───┼── gap ──┼── unread ───┼── free ───┤
//! ```
//!
//! A message is put together where it lies: the payload of its first frame stays in place, the
//! payloads of the frames behind it are moved down over their headers. So one that came in one
//! frame is not copied, one in fragments is copied once, and nothing is kept per fragment.

use core::fmt;

use super::received::{Data, Received, Take};
use crate::connection::Incoming;
use crate::decoder::{Chunk, Event, MIN_BUFFER, Room, Side};
use crate::error::{Error, Misuse};
use crate::frame::{Kind, header_len};
use crate::span::Span;

/// The receive buffer of one connection.
#[derive(Clone)]
pub struct Inbox<B> {
    memory: B,
    /// Where received bytes begin: in front of them fits the header of the largest reply.
    headroom: usize,
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
        // No less than a lawful buffer needs, or what we say would not be enough.
        let headroom = header_len(len.max(MIN_BUFFER) as u64, side == Side::Client);
        let at_least = MIN_BUFFER + headroom;
        if len < at_least {
            return Err(Misuse::BufferTooSmall { at_least });
        }
        let (held, kept, start, end) = (headroom, headroom, headroom, headroom);
        Ok(Self { memory, headroom, held, kept, start, end })
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
        if self.start == self.end && !self.is_holding() {
            let headroom = self.headroom;
            (self.held, self.kept, self.start, self.end) = (headroom, headroom, headroom, headroom);
        } else if self.start == self.end || self.end == self.bytes().len() {
            self.make_room();
        }
        let end = self.end;
        self.memory.as_mut().get_mut(end..).unwrap_or_default()
    }

    /// So many bytes have been read into [`space`](Self::space).
    pub fn filled(&mut self, len: usize) {
        self.end = self.end.saturating_add(len).min(self.bytes().len());
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
        self.bytes().len().saturating_sub(self.headroom)
    }

    /// Throws everything away that has arrived, so that the whole buffer is free.
    pub fn clear(&mut self) {
        let len = self.bytes().len();
        (self.held, self.kept, self.start, self.end) = (len, len, len, len);
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
            return Ok(None);
        }
        let room = self.room(take);
        loop {
            let begin = self.start;
            let unread = self.memory.as_mut().get_mut(begin..self.end).unwrap_or_default();
            let decoded = incoming.receive_within(unread, room)?;
            self.consume(decoded.consumed);
            let Some(event) = decoded.event else { return Ok(None) };
            let received = match event {
                Event::Ping(span) => Received::Ping(span.shifted(begin)),
                Event::Pong(span) => Received::Pong(span.shifted(begin)),
                Event::Close { code, reason } => {
                    Received::Close { code, reason: reason.shifted(begin) }
                }
                Event::Chunk(chunk) => {
                    let chunk = Chunk { span: chunk.span.shifted(begin), ..chunk };
                    match take {
                        Take::Chunks => Received::Data(Data::piece(&chunk)),
                        Take::Messages => match self.hold(&chunk) {
                            Some(message) => Received::Data(message),
                            None => continue,
                        },
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
        self.held = self.kept;
        Some(Data { begins: true, span, ..Data::piece(chunk) })
    }

    /// How large a message may become here. It depends on nothing that was received, and so not on
    /// how the input was cut.
    fn room(&self, take: Take) -> Room {
        match take {
            Take::Chunks => Room::ANY,
            Take::Messages => Room(Some(self.capacity())),
        }
    }

    /// Gives up putting a message together: what there is of it is a chunk.
    fn let_go(&mut self, incoming: &Incoming) -> Data {
        let span = Span { start: self.held, end: self.kept };
        self.held = self.kept;
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

    /// Moves what is held, and then what is unread, to the front.
    #[cfg_attr(not(target_pointer_width = "64"), inline(never))]
    fn make_room(&mut self) {
        let (headroom, unread) = (self.headroom, self.unread());
        let held = if self.is_holding() { self.kept - self.held } else { 0 };
        if held > 0 && self.held > headroom {
            let span = Span { start: self.held, end: self.kept };
            move_bytes(self.memory.as_mut(), span, headroom);
        }
        (self.held, self.kept) = (headroom, headroom + held);
        if self.start > self.kept {
            let span = Span { start: self.start, end: self.end };
            if unread > 0 {
                move_bytes(self.memory.as_mut(), span, self.kept);
            }
            (self.start, self.end) = (self.kept, self.kept + unread);
        }
    }
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

/// Moves the bytes of `from` down to begin at `to`. Both lie inside; asked like this, the compiler
/// sees it, too, and leaves no panic behind.
#[cfg_attr(not(target_pointer_width = "64"), inline(never))]
fn move_bytes(bytes: &mut [u8], from: Span, to: usize) {
    if let Some(window) = bytes.get_mut(to..from.end)
        && let Some(by) = from.start.checked_sub(to)
        && by <= window.len()
    {
        move_down(window, by);
    }
}

/// Moves what lies `by` bytes and more above the beginning to the beginning.
#[cfg(target_pointer_width = "64")]
fn move_down(window: &mut [u8], by: usize) {
    window.copy_within(by.., 0);
}

/// Flash: `memmove`, which can go either way and by words, is twenty times as large.
#[cfg(not(target_pointer_width = "64"))]
fn move_down(window: &mut [u8], by: usize) {
    let bytes = core::cell::Cell::from_mut(window).as_slice_of_cells();
    for (to, from) in bytes.iter().zip(bytes.iter().skip(by)) {
        to.set(from.get());
    }
}
