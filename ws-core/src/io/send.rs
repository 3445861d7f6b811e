//! Sending: whole messages, parts, frames of a known size, control frames.

use embedded_io::{Read, Write};

use super::{WebSocket, write_all};
use crate::connection::Frame;
use crate::error::{Error, Full};
use crate::frame::{Close, Kind};
use crate::role::Role;

impl<S, R, Rx, Tx> WebSocket<S, R, Rx, Tx>
where
    S: Read + Write,
    R: Role,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
{
    /// Sends a text message.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub fn send_text(&mut self, text: &str) -> Result<(), Error<S::Error>> {
        self.send(Kind::Text, text.as_bytes())
    }

    /// Sends a binary message.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub fn send_binary(&mut self, bytes: &[u8]) -> Result<(), Error<S::Error>> {
        self.send(Kind::Binary, bytes)
    }

    /// Sends a message: in one frame if a buffer holds it, else in parts. Text must be UTF-8.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] after our Close, or while a message in parts is open.
    pub fn send(&mut self, kind: Kind, payload: &[u8]) -> Result<(), Error<S::Error>> {
        self.send_frames(Frame::Message(kind), payload)
    }

    /// Sends the beginning of a message, or more of it. The parts of a text together must be
    /// UTF-8; they may be cut anywhere.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] after our Close, or while a message of the other kind is open.
    pub fn send_part(&mut self, kind: Kind, part: &[u8]) -> Result<(), Error<S::Error>> {
        self.send_frames(Frame::Part(kind), part)
    }

    /// Sends the end of a message.
    ///
    /// # Errors
    ///
    /// As for [`send_part`](Self::send_part).
    pub fn send_last_part(&mut self, kind: Kind, part: &[u8]) -> Result<(), Error<S::Error>> {
        self.send_frames(Frame::LastPart(kind), part)
    }

    /// Sends a message of `len` bytes in one frame, through a buffer of any size: `fill` puts the
    /// next bytes into the memory it is shown, at least one, and tells how many. Until it has ended
    /// nothing else is sent, nor received, since it might need an answer;
    /// [`send_part`](Self::send_part) lets control frames through.
    ///
    /// # Errors
    ///
    /// [`Misuse::FrameOpen`](crate::Misuse::FrameOpen) if `fill` put none: the frame stays open,
    /// for [`send_more`](Self::send_more). As for [`send`](Self::send).
    pub fn send_sized(
        &mut self,
        kind: Kind,
        len: u64,
        fill: impl FnMut(&mut [u8]) -> usize,
    ) -> Result<(), Error<S::Error>> {
        self.write_output()?;
        self.endpoint.begin_sized(kind, len).map_err(Error::widen)?;
        self.send_more(fill)
    }

    /// Goes on with the frame that [`send_sized`](Self::send_sized) left open:
    /// [`frame_left`](Self::frame_left) tells how much of it is to come.
    ///
    /// # Errors
    ///
    /// As for [`send_sized`](Self::send_sized).
    pub fn send_more(
        &mut self,
        mut fill: impl FnMut(&mut [u8]) -> usize,
    ) -> Result<(), Error<S::Error>> {
        self.write_output()?;
        while self.endpoint.frame_left() > 0 {
            self.endpoint.stage_more(&mut fill).map_err(Error::widen)?;
            self.write_output()?;
        }
        self.flush()
    }

    /// How many bytes of an open frame are still to be sent; 0 between frames.
    pub const fn frame_left(&self) -> u64 {
        self.endpoint.frame_left()
    }

    /// Sends a message of any size in one frame and without a copy, from memory that the caller
    /// lends: a client masks it there.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send). If the stream fails inside the frame, every later call answers
    /// [`Misuse::Poisoned`](crate::Misuse::Poisoned).
    pub fn send_lent(&mut self, kind: Kind, payload: &mut [u8]) -> Result<(), Error<S::Error>> {
        self.write_output()?;
        self.endpoint.begin_lent(kind, payload).map_err(Error::widen)?;
        self.write_output()?;
        write_all(&mut self.stream, payload)?;
        self.endpoint.lent_written();
        self.flush()
    }

    /// Sends a Ping; the Pong is taken by the next receive.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] after our Close, or with more than 125 bytes.
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Error<S::Error>> {
        self.send_frames(Frame::Ping, payload)
    }

    /// Begins the closing handshake. Messages may still arrive: receive until none comes, or
    /// [`leave`](Self::leave).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if our Close has been sent, or its code must not be.
    pub fn close(&mut self, close: Close<'_>) -> Result<(), Error<S::Error>> {
        self.flush()?;
        self.endpoint.stage_close(close).map_err(Error::widen)?;
        self.flush()
    }

    /// Stages a frame to be sent by a later call, and does not wait for the stream.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] if the last one still waits, or this one does not fit a buffer whole, and
    /// nothing is staged; [`Error::Misuse`] if it must not be sent now.
    pub fn stage(&mut self, frame: Frame, payload: &[u8]) -> Result<(), Error<S::Error>> {
        if !self.endpoint.fits(payload.len()) {
            return Err(Full.into());
        }
        self.endpoint.stage(frame, payload).map(drop).map_err(Error::widen)
    }

    /// Stages our Close to be sent by a later call.
    ///
    /// # Errors
    ///
    /// As for [`stage`](Self::stage).
    pub fn stage_close(&mut self, close: Close<'_>) -> Result<(), Error<S::Error>> {
        self.endpoint.stage_close(close).map_err(Error::widen)
    }

    fn send_frames(&mut self, frame: Frame, payload: &[u8]) -> Result<(), Error<S::Error>> {
        let (mut frame, mut rest) = (frame, payload);
        loop {
            self.write_output()?;
            let taken = self.endpoint.stage(frame, rest).map_err(Error::widen)?;
            rest = rest.get(taken..).unwrap_or_default();
            if rest.is_empty() {
                return self.flush();
            }
            frame = frame.rest();
        }
    }
}
