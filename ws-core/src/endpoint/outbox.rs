//! What is staged to be sent: one frame at a time, whole before its first byte leaves.

use core::fmt;

use crate::connection::{Frame, Outgoing, Owed};
use crate::error::{Error, Full, Misuse};
use crate::frame::{Close, Kind, Mask};
use crate::role::Role;
use crate::span::Span;

/// The writing half with the memory that its frames are staged in.
#[derive(Clone, Copy)]
pub struct Outbox<R, B> {
    outgoing: Outgoing<R>,
    memory: B,
    /// The frame that waits to be written, or the rest of it.
    waiting: Span,
    /// How much of the open outgoing message has been staged.
    sent: u64,
    open: OpenFrame,
}

/// A frame whose header has been staged, and whose payload has not, or not all: until it has been,
/// there is no place for another frame.
#[derive(Clone, Copy)]
enum OpenFrame {
    None,
    /// The caller writes the payload from memory of its own.
    Lent,
    /// A frame of the peer's is sent back piece by piece: so many more bytes, masked so.
    Relay {
        left: u64,
        mask: Option<Mask>,
    },
}

impl<R: Role, B: AsRef<[u8]> + AsMut<[u8]>> Outbox<R, B> {
    /// An outbox in memory that the caller lends or gives.
    pub const fn new(outgoing: Outgoing<R>, memory: B) -> Self {
        Self {
            outgoing,
            memory,
            waiting: Span { start: 0, end: 0 },
            sent: 0,
            open: OpenFrame::None,
        }
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
        self.waiting.start = self.waiting.start.saturating_add(len).min(self.waiting.end);
    }

    /// The outgoing message that was begun in parts and not ended, and how many bytes of it have
    /// been staged: what a send that was dropped half-way leaves behind.
    pub fn open_message(&self) -> Option<(Kind, u64)> {
        self.outgoing.open_message().map(|kind| (kind, self.sent))
    }

    /// Stages as much of a message as fits, and tells how many bytes that was. The rest is staged
    /// as [`Frame::rest`] once this has been written.
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or the memory is too small for any.
    pub fn stage(&mut self, frame: Frame, payload: &[u8]) -> Result<usize, Error> {
        self.check()?;
        let room = self.memory.as_mut();
        let staged = write_part(&mut self.outgoing, &mut self.sent, frame, payload, room)?;
        self.waiting = staged.frame;
        Ok(staged.taken)
    }

    /// Stages our Close.
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or the memory is too small.
    pub fn stage_close(&mut self, close: Close<'_>) -> Result<(), Error> {
        self.check()?;
        let len = self.outgoing.write_close(close, self.memory.as_mut())?;
        self.waiting = Span::new(0, len);
        Ok(())
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

    /// Begins a frame whose payload the caller writes itself, straight behind
    /// [`output`](Self::output): stages its header, masks it, and allows no other frame until
    /// [`lent_written`](Self::lent_written).
    ///
    /// # Errors
    ///
    /// [`Misuse`]; [`Full`] if a frame still waits, or the memory cannot hold a header.
    pub fn begin_lent(&mut self, kind: Kind, payload: &mut [u8]) -> Result<(), Error> {
        self.check()?;
        let header_len = self.outgoing.header_len(payload.len());
        let room = self.memory.as_mut().get_mut(..header_len).ok_or(Full)?;
        let prefix = self.outgoing.prefix(Frame::Message(kind), payload.len() as u64)?;
        for (to, from) in room.iter_mut().zip(prefix.header.as_slice()) {
            *to = *from;
        }
        if let Some(mut mask) = prefix.mask {
            mask.apply(payload);
        }
        self.waiting = Span::new(0, header_len);
        self.open = OpenFrame::Lent;
        Ok(())
    }

    /// All of the payload that [`begin_lent`](Self::begin_lent) announced has been written.
    pub const fn lent_written(&mut self) {
        self.open = OpenFrame::None;
    }

    /// Whether a frame of the peer's is being sent back, and not all of it has been.
    pub(super) const fn is_relaying(&self) -> bool {
        matches!(self.open, OpenFrame::Relay { .. })
    }

    /// Makes a frame in place, and of `behind` more bytes that [`relay`](Self::relay) will bring.
    pub(super) fn wrap(
        &mut self,
        frame: Frame,
        buffer: &mut [u8],
        floor: usize,
        payload: Span,
        behind: u64,
    ) -> Result<(), Error> {
        self.check()?;
        let (span, mask) = self.outgoing.wrap(frame, buffer, floor, payload, behind)?;
        self.waiting = span;
        if behind > 0 {
            self.open = OpenFrame::Relay { left: behind, mask };
        }
        Ok(())
    }

    /// Brings more of the payload that [`wrap`](Self::wrap) announced.
    pub(super) fn relay(&mut self, buffer: &mut [u8], payload: Span) -> Result<(), Error> {
        let OpenFrame::Relay { left, mut mask } = self.open else { return Ok(()) };
        if self.has_output() {
            return Err(Full.into());
        }
        let left = left.checked_sub(payload.len() as u64).ok_or(Misuse::FrameOpen)?;
        if let Some(mask) = &mut mask {
            mask.apply(payload.of_mut(buffer));
        }
        self.waiting = payload;
        self.open = if left > 0 { OpenFrame::Relay { left, mask } } else { OpenFrame::None };
        Ok(())
    }

    /// Whether another frame may be staged.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.open {
            OpenFrame::Lent => Err(Misuse::Poisoned.into()),
            _ if self.has_output() => Err(Full.into()),
            OpenFrame::Relay { .. } => Err(Misuse::FrameOpen.into()),
            OpenFrame::None => Ok(()),
        }
    }

    /// The parts, for an endpoint that stages in the receive buffer.
    pub(super) fn parts(&mut self) -> (&mut Outgoing<R>, &mut u64, &mut Span) {
        (&mut self.outgoing, &mut self.sent, &mut self.waiting)
    }

    /// Where in its memory the waiting frame lies.
    pub(super) const fn waiting(&self) -> Span {
        self.waiting
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

/// A frame that has been staged, and how much of the payload it took.
pub(super) struct Staged {
    pub(super) frame: Span,
    pub(super) taken: usize,
}

pub(super) fn write_part<R: Role>(
    outgoing: &mut Outgoing<R>,
    sent: &mut u64,
    frame: Frame,
    payload: &[u8],
    room: &mut [u8],
) -> Result<Staged, Error> {
    let before = if outgoing.open_message().is_some() { *sent } else { 0 };
    let (frame, part) = fit(outgoing, frame, payload, room.len())?;
    let len = outgoing.write(frame, part, room)?;
    if !matches!(frame, Frame::Ping | Frame::Pong) {
        *sent = before.saturating_add(part.len() as u64);
    }
    Ok(Staged { frame: Span::new(0, len), taken: part.len() })
}

/// The front of a payload that fits so much room, and the frame that it goes as.
fn fit<'a, R: Role>(
    outgoing: &Outgoing<R>,
    frame: Frame,
    payload: &'a [u8],
    room: usize,
) -> Result<(Frame, &'a [u8]), Error> {
    let (Frame::Message(kind) | Frame::Part(kind) | Frame::LastPart(kind)) = frame else {
        return Ok((frame, payload));
    };
    let fits = room.checked_sub(outgoing.header_len(room)).ok_or(Full)?;
    match payload.split_at_checked(fits) {
        None | Some((_, [])) => Ok((frame, payload)),
        Some(([], _)) => Err(Full.into()),
        Some(_) if frame == Frame::Message(kind) && outgoing.open_message().is_some() => {
            Err(Misuse::MessageOpen.into())
        }
        Some((part, _)) => Ok((Frame::Part(kind), part)),
    }
}
