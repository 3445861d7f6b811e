//! What the staging of frames keeps from one to the next.

use crate::connection::{Frame, Outgoing, Owed};
use crate::decoder::Side;
use crate::error::{Error, Full, Misuse};
use crate::frame::{Close, Kind, Mask};
use crate::length::Length;
use crate::role::Role;
use crate::span::{Span, copy};

/// A frame whose header has been staged, and whose payload has not, or not all: until it has been,
/// there is no place for another frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenFrame {
    None,
    /// The payload is staged piece by piece.
    Sized,
    /// The same, and the pieces are those of a frame that is echoed.
    Echo,
    /// The caller writes the payload from memory of its own.
    Lent,
}

/// All that writing a frame needs but memory.
#[derive(Clone)]
pub(super) struct Stage<R> {
    outgoing: Outgoing<R>,
    /// How much of the open outgoing message has been staged.
    sent: usize,
    open: OpenFrame,
    /// How much of an open frame is still to be staged.
    left: Length,
    /// What masks it, on a client.
    mask: Mask,
}

impl<R: Role> Stage<R> {
    pub(super) const fn new(outgoing: Outgoing<R>) -> Self {
        let (open, left, mask) = (OpenFrame::None, Length::ZERO, Mask::new([0; 4]));
        Self { outgoing, sent: 0, open, left, mask }
    }

    pub(super) const fn outgoing(&self) -> &Outgoing<R> {
        &self.outgoing
    }

    pub(super) const fn open(&self) -> OpenFrame {
        self.open
    }

    /// The message that was begun in parts and not ended, and how many bytes of it have been staged.
    pub(super) fn open_message(&self) -> Option<(Kind, u64)> {
        self.outgoing.open_message().map(|kind| (kind, self.sent as u64))
    }

    /// How many bytes of an open frame are still to be staged; 0 between frames.
    pub(super) const fn frame_left(&self) -> u64 {
        match self.open {
            OpenFrame::Sized | OpenFrame::Echo => self.left.get(),
            OpenFrame::None | OpenFrame::Lent => 0,
        }
    }

    /// As much of a message as fits. Tells where in `room` it lies, and how much of the payload that
    /// is.
    pub(super) fn part(
        &mut self,
        frame: Frame,
        payload: &[u8],
        room: &mut [u8],
    ) -> Result<(Span, usize), Error> {
        let before = self.sent_before();
        let (frame, part) = self.fit(frame, payload, room.len())?;
        let len = self.outgoing.write(frame, part, room)?;
        if !matches!(frame, Frame::Ping | Frame::Pong) {
            self.sent = before.saturating_add(part.len());
        }
        Ok((Span::new(0, len), part.len()))
    }

    /// Our Close, at the end of the room: behind it may lie what is still of use.
    pub(super) fn close(&mut self, close: Close<'_>, room: &mut [u8]) -> Result<(Span, ()), Error> {
        let len = self.outgoing.header_len(close.len() as u64) + close.len();
        let start = room.len().saturating_sub(len);
        let room = room.get_mut(start..).unwrap_or_default();
        Ok((Span::new(start, self.outgoing.write_close(close, room)?), ()))
    }

    /// The header of a frame of `len` bytes.
    pub(super) fn sized(
        &mut self,
        kind: Kind,
        len: u64,
        room: &mut [u8],
    ) -> Result<(Span, ()), Error> {
        let header_len = self.outgoing.header_len(len);
        let room = room.get_mut(..header_len).ok_or(Full)?;
        let prefix = self.outgoing.prefix(Frame::Message(kind), len)?;
        copy(prefix.header.as_slice(), room);
        self.begin(OpenFrame::Sized, len, prefix.mask);
        Ok((Span::new(0, header_len), ()))
    }

    /// More of the payload of the open frame.
    pub(super) fn more(
        &mut self,
        room: &mut [u8],
        fill: impl FnOnce(&mut [u8]) -> usize,
    ) -> Result<(Span, ()), Error> {
        if self.open != OpenFrame::Sized {
            return Ok(Default::default());
        }
        let most = self.left.at_most(room.len());
        let room = room.get_mut(..most).unwrap_or_default();
        let len = fill(room).min(most);
        self.advance(room.get_mut(..len).unwrap_or_default())?;
        Ok((Span::new(0, len), ()))
    }

    /// What the reading half owes.
    pub(super) fn owed(&mut self, owed: &Owed, room: &mut [u8]) -> Result<(Span, ()), Error> {
        Ok((Span::new(0, self.outgoing.write_owed(owed, room)?), ()))
    }

    /// The payload of the open frame, all of it, is written by the caller.
    pub(super) fn lend(&mut self, payload: &mut [u8]) {
        if R::SIDE == Side::Client {
            self.mask.apply(payload);
        }
        self.open = OpenFrame::Lent;
    }

    /// The open frame has ended.
    pub(super) const fn end(&mut self) {
        self.open = OpenFrame::None;
    }

    /// A frame in the `buffer` that its payload lies in, and the beginning of one of `behind` more
    /// bytes.
    pub(super) fn echo(
        &mut self,
        frame: Frame,
        buffer: &mut [u8],
        floor: usize,
        payload: Span,
        behind: u64,
    ) -> Result<(Span, ()), Error> {
        let before = self.sent_before();
        let (span, mask) = self.outgoing.wrap(frame, buffer, floor, payload, behind)?;
        // Nobody asks how much of a message has left that has left whole.
        if let Frame::Part(_) = frame {
            self.sent = before.saturating_add(payload.len());
        }
        self.begin(OpenFrame::Echo, behind, mask);
        Ok((span, ()))
    }

    /// More of the frame that is echoed.
    pub(super) fn echo_more(
        &mut self,
        buffer: &mut [u8],
        payload: Span,
    ) -> Result<(Span, ()), Error> {
        let bytes = payload.of_mut(buffer);
        if self.open != OpenFrame::Echo || bytes.len() as u64 > self.left.get() {
            return Err(Misuse::FrameOpen.into());
        }
        self.advance(bytes)?;
        self.sent = self.sent.saturating_add(payload.len());
        Ok((payload, ()))
    }

    /// Begins a frame of which so many bytes are to come, if any are.
    fn begin(&mut self, open: OpenFrame, left: u64, mask: Option<Mask>) {
        if left > 0 {
            self.open = open;
            self.left = Length::new(left);
            self.mask = mask.unwrap_or_default();
        }
    }

    /// These bytes, at least one, are the next of the open frame.
    fn advance(&mut self, bytes: &mut [u8]) -> Result<(), Misuse> {
        if bytes.is_empty() {
            return Err(Misuse::FrameOpen);
        }
        if R::SIDE == Side::Client {
            self.mask.apply(bytes);
        }
        self.left = self.left.less(bytes.len());
        if self.left.is_zero() {
            self.end();
        }
        Ok(())
    }

    fn sent_before(&self) -> usize {
        if self.outgoing.open_message().is_some() { self.sent } else { 0 }
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
