//! What is staged to be sent: one frame at a time, or one piece of a frame.

use core::fmt;

use super::stage::{OpenFrame, Stage};
use crate::connection::{Frame, Outgoing, Owed};
use crate::error::{Error, Full, Misuse};
use crate::frame::{Close, Kind};
use crate::role::Role;
use crate::span::Span;

/// The writing half with the memory that its frames are staged in.
#[derive(Clone)]
pub struct Outbox<R, B> {
    stage: Stage<R>,
    memory: B,
    /// The frame that waits to be written, or the rest of it.
    waiting: Span,
    place: Place,
    /// How many bytes have been written since the clocks asked last, as far as this can count: so
    /// they learn what left while nobody told them.
    moved: u16,
    /// Whether any have been written since the stream was flushed.
    unflushed: bool,
}

/// Where the frame lies that waits.
#[derive(Clone, Copy)]
enum Place {
    Memory,
    Elsewhere,
}

impl<R: Role, B: AsRef<[u8]> + AsMut<[u8]>> Outbox<R, B> {
    /// An outbox in memory that the caller lends or gives.
    pub const fn new(outgoing: Outgoing<R>, memory: B) -> Self {
        let (waiting, place) = (Span { start: 0, end: 0 }, Place::Memory);
        Self { stage: Stage::new(outgoing), memory, waiting, place, moved: 0, unflushed: false }
    }

    /// The connection's writing half.
    pub const fn outgoing(&self) -> &Outgoing<R> {
        self.stage.outgoing()
    }

    /// How many bytes a frame may take.
    pub fn capacity(&self) -> usize {
        self.memory.as_ref().len()
    }

    /// What waits to be written.
    pub fn output(&self) -> &[u8] {
        self.waiting.of(self.memory.as_ref())
    }

    /// The same; what is staged elsewhere is staged in `elsewhere`.
    pub(super) fn output_in<'a>(&'a self, elsewhere: &'a [u8]) -> &'a [u8] {
        match self.place {
            Place::Memory => self.output(),
            Place::Elsewhere => {
                let Span { start, end } = self.waiting;
                elsewhere.get(start..end).unwrap_or_default()
            }
        }
    }

    /// Whether anything waits to be written.
    pub const fn has_output(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// So many bytes of [`output`](Self::output) have been written.
    pub fn wrote(&mut self, len: usize) {
        let len = len.min(self.waiting.len());
        self.waiting.start += len;
        self.moved = self.moved.saturating_add(u16::try_from(len).unwrap_or(u16::MAX));
        self.unflushed |= len > 0;
    }

    /// How many bytes have been written since this was asked last, or a very large number.
    pub(super) const fn take_moved(&mut self) -> usize {
        core::mem::replace(&mut self.moved, 0) as usize
    }

    pub(super) const fn is_unflushed(&self) -> bool {
        self.unflushed
    }

    /// The stream has been flushed.
    pub(super) const fn flushed(&mut self) {
        self.unflushed = false;
    }

    /// The outgoing message that was begun in parts and not ended, and how many bytes of it have
    /// been staged: what a send that was dropped half-way leaves behind.
    pub fn open_message(&self) -> Option<(Kind, u64)> {
        self.stage.open_message()
    }

    /// How many bytes of an open frame are still to be staged; 0 between frames.
    pub const fn frame_left(&self) -> u64 {
        self.stage.frame_left()
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
        self.stage_within(|stage, room| stage.owed(owed, room))
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
        self.stage.lend(payload);
        Ok(())
    }

    /// All of the payload that [`begin_lent`](Self::begin_lent) announced has been written.
    pub const fn lent_written(&mut self) {
        self.stage.end();
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
        self.stage_elsewhere(|stage| stage.echo(frame, buffer, floor, payload, behind))
    }

    /// Stages more of the frame that [`stage_echo`](Self::stage_echo) began.
    pub(super) fn echo_more(&mut self, buffer: &mut [u8], payload: Span) -> Result<(), Error> {
        self.check_waiting()?;
        self.stage_elsewhere(|stage| stage.echo_more(buffer, payload))
    }

    /// Whether a frame is being echoed, and not all of it has been staged.
    pub(super) const fn is_echoing(&self) -> bool {
        matches!(self.stage.open(), OpenFrame::Echo)
    }

    /// Whether another frame may be staged.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.stage.open() {
            OpenFrame::Lent => Err(Misuse::Poisoned.into()),
            OpenFrame::None => self.check_waiting(),
            OpenFrame::Sized | OpenFrame::Echo => {
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
        write: impl FnOnce(&mut Stage<R>, &mut [u8]) -> Result<(Span, T), Error>,
    ) -> Result<T, Error> {
        let (waiting, result) = write(&mut self.stage, self.memory.as_mut())?;
        (self.waiting, self.place) = (waiting, Place::Memory);
        Ok(result)
    }

    /// Stages what `write` writes into memory that is not the outbox's own.
    pub(super) fn stage_elsewhere<T>(
        &mut self,
        write: impl FnOnce(&mut Stage<R>) -> Result<(Span, T), Error>,
    ) -> Result<T, Error> {
        let (waiting, result) = write(&mut self.stage)?;
        (self.waiting, self.place) = (waiting, Place::Elsewhere);
        Ok(result)
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
