//! What is staged to be sent: one frame at a time, or one piece of a frame.

use core::fmt;

use crate::connection::{Frame, Outgoing, Owed};
use crate::error::{Error, Full, Misuse};
use crate::frame::{Close, Kind, Mask};
use crate::role::Role;
use crate::span::{Span, copy};

/// The writing half with the memory that its frames are staged in.
#[derive(Clone)]
pub struct Outbox<R, B> {
    outgoing: Outgoing<R>,
    memory: B,
    /// The frame that waits to be written, or the rest of it.
    waiting: Span,
    /// How many bytes have ever been written, from nought again after the largest number: by it the
    /// clocks learn what left while nobody told them.
    written: u32,
    /// How much of the open outgoing message has been staged.
    sent: u64,
    open: OpenFrame,
}

/// A frame whose header has been staged, and whose payload has not, or not all: until it has been,
/// there is no place for another frame.
#[derive(Clone, Copy)]
enum OpenFrame {
    None,
    /// The payload is staged piece by piece: so many more bytes, masked so.
    Sized(u64, Option<Mask>),
    /// The same, and the pieces are those of a frame that is echoed.
    Echo(u64, Option<Mask>),
    /// The caller writes the payload from memory of its own.
    Lent,
}

impl<R: Role, B: AsRef<[u8]> + AsMut<[u8]>> Outbox<R, B> {
    /// An outbox in memory that the caller lends or gives.
    pub const fn new(outgoing: Outgoing<R>, memory: B) -> Self {
        let waiting = Span { start: 0, end: 0 };
        Self { outgoing, memory, waiting, written: 0, sent: 0, open: OpenFrame::None }
    }

    /// The connection's writing half.
    pub const fn outgoing(&self) -> &Outgoing<R> {
        &self.outgoing
    }

    /// How many bytes a frame may take.
    pub fn capacity(&self) -> usize {
        self.memory.as_ref().len()
    }

    /// What waits to be written.
    pub fn output(&self) -> &[u8] {
        self.waiting.of(self.memory.as_ref())
    }

    /// Whether anything waits to be written.
    pub const fn has_output(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// So many bytes of [`output`](Self::output) have been written.
    pub fn wrote(&mut self, len: usize) {
        let len = len.min(self.waiting.len());
        self.waiting.start += len;
        self.written = self.written.wrapping_add(len as u32);
    }

    /// How many bytes have been written, in wrapping numbers.
    pub(super) const fn written(&self) -> u32 {
        self.written
    }

    /// The outgoing message that was begun in parts and not ended, and how many bytes of it have
    /// been staged: what a send that was dropped half-way leaves behind.
    pub fn open_message(&self) -> Option<(Kind, u64)> {
        self.outgoing.open_message().map(|kind| (kind, self.sent))
    }

    /// How many bytes of an open frame are still to be staged; 0 between frames.
    pub const fn frame_left(&self) -> u64 {
        match self.open {
            OpenFrame::Sized(left, _) | OpenFrame::Echo(left, _) => left,
            OpenFrame::None | OpenFrame::Lent => 0,
        }
    }

    /// Stages as much of a message as fits, and tells how many bytes that was. The rest is staged
    /// as [`Frame::rest`] once this has been written.
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or the memory is too small for any.
    pub fn stage(&mut self, frame: Frame, payload: &[u8]) -> Result<usize, Error> {
        self.check()?;
        self.stage_within(|stage, room| stage.part(frame, payload, room))
    }

    /// Stages our Close.
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or the memory is too small.
    pub fn stage_close(&mut self, close: Close<'_>) -> Result<(), Error> {
        self.check()?;
        self.stage_within(|stage, room| stage.close(close, room))
    }

    /// Stages what the reading half owes.
    ///
    /// # Errors
    ///
    /// [`Full`] if a frame still waits, or the memory is too small.
    pub fn stage_owed(&mut self, owed: &Owed) -> Result<(), Error> {
        self.check()?;
        let len = self.outgoing.write_owed(owed, self.memory.as_mut())?;
        self.waiting = Span::new(0, len);
        Ok(())
    }

    /// Begins a message of one frame of `len` bytes, whose payload
    /// [`stage_more`](Self::stage_more) brings piece by piece: nothing else can be sent before its
    /// end.
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or the memory cannot hold a header.
    pub fn begin_sized(&mut self, kind: Kind, len: u64) -> Result<(), Error> {
        self.check()?;
        self.stage_within(|stage, room| stage.sized(kind, len, room))
    }

    /// Stages more of the open frame: `fill` puts bytes into the memory it is shown, at least one,
    /// and tells how many.
    ///
    /// # Errors
    ///
    /// [`Misuse::FrameOpen`] if it put none: the frame stays open; [`Full`] if a piece still waits.
    pub fn stage_more(&mut self, fill: impl FnOnce(&mut [u8]) -> usize) -> Result<(), Error> {
        self.check_waiting()?;
        self.stage_within(|stage, room| stage.more(room, fill))
    }

    /// Begins a frame whose payload the caller writes itself, straight behind
    /// [`output`](Self::output): stages its header, masks it, and allows no other frame until
    /// [`lent_written`](Self::lent_written).
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or the memory cannot hold a header.
    pub fn begin_lent(&mut self, kind: Kind, payload: &mut [u8]) -> Result<(), Error> {
        self.begin_sized(kind, payload.len() as u64)?;
        if let OpenFrame::Sized(_, Some(mut mask)) = self.open {
            mask.apply(payload);
        }
        self.open = OpenFrame::Lent;
        Ok(())
    }

    /// All of the payload that [`begin_lent`](Self::begin_lent) announced has been written.
    pub const fn lent_written(&mut self) {
        self.open = OpenFrame::None;
    }

    /// Stages a frame in the `buffer` that its payload lies in, and begins one of `behind` more
    /// bytes that [`echo_more`](Self::echo_more) will bring.
    pub(super) fn stage_echo(
        &mut self,
        frame: Frame,
        buffer: &mut [u8],
        floor: usize,
        payload: Span,
        behind: u64,
    ) -> Result<(), Error> {
        self.check()?;
        let is_more = self.outgoing.open_message().is_some();
        let (span, mask) = self.outgoing.wrap(frame, buffer, floor, payload, behind)?;
        self.waiting = span;
        // Nobody asks how much of a message has left that has left whole.
        if let Frame::Part(_) = frame {
            let before = if is_more { self.sent } else { 0 };
            self.sent = before.saturating_add(payload.len() as u64);
        }
        if behind > 0 {
            self.open = OpenFrame::Echo(behind, mask);
        }
        Ok(())
    }

    /// Stages more of the frame that [`stage_echo`](Self::stage_echo) began.
    pub(super) fn echo_more(&mut self, buffer: &mut [u8], payload: Span) -> Result<(), Error> {
        self.check_waiting()?;
        let OpenFrame::Echo(left, mask) = &mut self.open else {
            return Err(Misuse::FrameOpen.into());
        };
        let bytes = payload.of_mut(buffer);
        let rest = left.checked_sub(bytes.len() as u64);
        let Some(rest) = rest.filter(|_| !bytes.is_empty()) else {
            return Err(Misuse::FrameOpen.into());
        };
        if let Some(mask) = mask {
            mask.apply(bytes);
        }
        *left = rest;
        if rest == 0 {
            self.open = OpenFrame::None;
        }
        self.sent = self.sent.saturating_add(payload.len() as u64);
        self.waiting = payload;
        Ok(())
    }

    /// Whether a frame is being echoed, and not all of it has been staged.
    pub(super) const fn is_echoing(&self) -> bool {
        matches!(self.open, OpenFrame::Echo(..))
    }

    /// Whether another frame may be staged.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.open {
            OpenFrame::Lent => Err(Misuse::Poisoned.into()),
            OpenFrame::None => self.check_waiting(),
            OpenFrame::Sized(..) | OpenFrame::Echo(..) => {
                self.check_waiting()?;
                Err(Misuse::FrameOpen.into())
            }
        }
    }

    fn check_waiting(&self) -> Result<(), Error> {
        if self.has_output() { Err(Full.into()) } else { Ok(()) }
    }

    /// Where in its memory the waiting frame lies.
    pub(super) const fn waiting(&self) -> Span {
        self.waiting
    }

    fn stage_within<T>(
        &mut self,
        write: impl FnOnce(Stage<'_, R>, &mut [u8]) -> Result<(Span, T), Error>,
    ) -> Result<T, Error> {
        let Self { outgoing, sent, open, memory, .. } = self;
        let (waiting, result) = write(Stage { outgoing, sent, open }, memory.as_mut())?;
        self.waiting = waiting;
        Ok(result)
    }

    /// Stages what `write` writes into memory that is not the outbox's own.
    pub(super) fn stage_elsewhere<T>(
        &mut self,
        write: impl FnOnce(Stage<'_, R>) -> Result<(Span, T), Error>,
    ) -> Result<T, Error> {
        let Self { outgoing, sent, open, .. } = self;
        let (waiting, result) = write(Stage { outgoing, sent, open })?;
        self.waiting = waiting;
        Ok(result)
    }
}

/// All that writing a frame needs but memory. Each method tells where in `room` the frame lies.
pub(super) struct Stage<'a, R> {
    outgoing: &'a mut Outgoing<R>,
    sent: &'a mut u64,
    open: &'a mut OpenFrame,
}

impl<R: Role> Stage<'_, R> {
    /// As much of a message as fits; tells how much of the payload that is, too.
    pub(super) fn part(
        self,
        frame: Frame,
        payload: &[u8],
        room: &mut [u8],
    ) -> Result<(Span, usize), Error> {
        let before = if self.outgoing.open_message().is_some() { *self.sent } else { 0 };
        let (frame, part) = self.fit(frame, payload, room.len())?;
        let len = self.outgoing.write(frame, part, room)?;
        if !matches!(frame, Frame::Ping | Frame::Pong) {
            *self.sent = before.saturating_add(part.len() as u64);
        }
        Ok((Span::new(0, len), part.len()))
    }

    pub(super) fn close(self, close: Close<'_>, room: &mut [u8]) -> Result<(Span, ()), Error> {
        Ok((Span::new(0, self.outgoing.write_close(close, room)?), ()))
    }

    /// The header of a frame of `len` bytes.
    pub(super) fn sized(self, kind: Kind, len: u64, room: &mut [u8]) -> Result<(Span, ()), Error> {
        let header_len = self.outgoing.header_len(len);
        let room = room.get_mut(..header_len).ok_or(Full)?;
        let prefix = self.outgoing.prefix(Frame::Message(kind), len)?;
        copy(prefix.header.as_slice(), room);
        if len > 0 {
            *self.open = OpenFrame::Sized(len, prefix.mask);
        }
        Ok((Span::new(0, header_len), ()))
    }

    /// More of the payload of the open frame.
    pub(super) fn more(
        self,
        room: &mut [u8],
        fill: impl FnOnce(&mut [u8]) -> usize,
    ) -> Result<(Span, ()), Error> {
        let OpenFrame::Sized(left, mut mask) = *self.open else { return Ok(Default::default()) };
        let most = usize::try_from(left).map_or(room.len(), |left| left.min(room.len()));
        let room = room.get_mut(..most).unwrap_or_default();
        let len = fill(room).min(most);
        if len == 0 {
            return Err(Misuse::FrameOpen.into());
        }
        if let Some(mask) = &mut mask {
            mask.apply(room.get_mut(..len).unwrap_or_default());
        }
        let left = left.saturating_sub(len as u64);
        *self.open = if left > 0 { OpenFrame::Sized(left, mask) } else { OpenFrame::None };
        Ok((Span::new(0, len), ()))
    }

    /// The front of a payload that fits so much room, and the frame that it goes as.
    fn fit<'p>(
        &self,
        frame: Frame,
        payload: &'p [u8],
        room: usize,
    ) -> Result<(Frame, &'p [u8]), Error> {
        let (Frame::Message(kind) | Frame::Part(kind) | Frame::LastPart(kind)) = frame else {
            return Ok((frame, payload));
        };
        // The whole of it first: the header of a frame as long as the room may be longer than its.
        let header_len = self.outgoing.header_len(payload.len() as u64);
        if room.checked_sub(header_len).is_some_and(|fits| payload.len() <= fits) {
            return Ok((frame, payload));
        }
        let fits = room.checked_sub(self.outgoing.header_len(room as u64)).ok_or(Full)?;
        match payload.split_at_checked(fits) {
            None | Some((_, [])) => Ok((frame, payload)),
            Some(([], _)) => Err(Full.into()),
            Some(_) if frame == Frame::Message(kind) && self.outgoing.open_message().is_some() => {
                Err(Misuse::MessageOpen.into())
            }
            Some((part, _)) => Ok((Frame::Part(kind), part)),
        }
    }
}

/// Tells how much there is, and nothing of what it says.
impl<R, B> fmt::Debug for Outbox<R, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<R, B> defmt::Format for Outbox<R, B> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Outbox {{ waiting: {=usize} }}", self.waiting.len());
    }
}
