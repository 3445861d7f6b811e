//! Sending: whole messages, parts, frames of a known size, control frames.

use embedded_io_async::{Read, Write};

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
    /// Cancel-safe as [`send`](Self::send) is.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub async fn send_text(&mut self, text: &str) -> Result<(), Error<S::Error>> {
        self.send(Kind::Text, text.as_bytes()).await
    }

    /// Sends a binary message.
    ///
    /// Cancel-safe as [`send`](Self::send) is.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub async fn send_binary(&mut self, bytes: &[u8]) -> Result<(), Error<S::Error>> {
        self.send(Kind::Binary, bytes).await
    }

    /// Sends a message: in one frame if a buffer holds it, else in parts. Text must be UTF-8.
    ///
    /// Cancel-safe: dropped before the message is staged (while an earlier frame still leaves),
    /// nothing of it is sent; after that, what was staged leaves with the next call. A message that
    /// does not fit a buffer may be left open: [`open_message`](Self::open_message) tells how much
    /// of it was staged, and [`send_last_part`](Self::send_last_part) goes on with the rest.
    /// If no message is open, it was not begun, or it is staged whole: who must know which,
    /// [`flush`](Self::flush)es before: once polled, it is staged.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] after our Close, or while a message in parts is open.
    pub async fn send(&mut self, kind: Kind, payload: &[u8]) -> Result<(), Error<S::Error>> {
        self.send_frames(Frame::Message(kind), payload).await
    }

    /// Sends the beginning of a message, or more of it. The parts of a text together must be
    /// UTF-8; they may be cut anywhere.
    ///
    /// Cancel-safe as [`send`](Self::send) is.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] after our Close, or while a message of the other kind is open.
    pub async fn send_part(&mut self, kind: Kind, part: &[u8]) -> Result<(), Error<S::Error>> {
        self.send_frames(Frame::Part(kind), part).await
    }

    /// Sends the end of a message.
    ///
    /// Cancel-safe as [`send`](Self::send) is.
    ///
    /// # Errors
    ///
    /// As for [`send_part`](Self::send_part).
    pub async fn send_last_part(&mut self, kind: Kind, part: &[u8]) -> Result<(), Error<S::Error>> {
        self.send_frames(Frame::LastPart(kind), part).await
    }

    /// Sends a message of `len` bytes in one frame, through a buffer of any size: `fill` puts the
    /// next bytes into the memory it is shown, at least one, and tells how many. Until it has ended
    /// nothing else is sent, nor received, since it might need an answer;
    /// [`send_part`](Self::send_part) lets control frames through.
    ///
    /// Cancel-safe: a frame that was left open goes on with [`send_more`](Self::send_more). If
    /// [`frame_left`](Self::frame_left) is 0, it was not begun, or it is staged whole: who must
    /// know which, [`flush`](Self::flush)es before: once polled, it is staged.
    ///
    /// # Errors
    ///
    /// [`Misuse::FrameOpen`](crate::Misuse::FrameOpen) if `fill` put none: the frame stays open,
    /// for [`send_more`](Self::send_more). As for [`send`](Self::send).
    pub async fn send_sized(
        &mut self,
        kind: Kind,
        len: u64,
        fill: impl FnMut(&mut [u8]) -> usize,
    ) -> Result<(), Error<S::Error>> {
        self.write_output().await?;
        self.endpoint.begin_sized(kind, len).map_err(Error::widen)?;
        self.send_more(fill).await
    }

    /// Goes on with the frame that [`send_sized`](Self::send_sized) left open:
    /// [`frame_left`](Self::frame_left) tells how much of it is to come.
    ///
    /// Cancel-safe.
    ///
    /// # Errors
    ///
    /// As for [`send_sized`](Self::send_sized).
    pub async fn send_more(
        &mut self,
        mut fill: impl FnMut(&mut [u8]) -> usize,
    ) -> Result<(), Error<S::Error>> {
        self.write_output().await?;
        while self.endpoint.frame_left() > 0 {
            self.endpoint.stage_more(&mut fill).map_err(Error::widen)?;
            self.write_output().await?;
        }
        self.flush().await
    }

    /// How many bytes of an open frame are still to be sent; 0 between frames.
    pub const fn frame_left(&self) -> u64 {
        self.endpoint.frame_left()
    }

    /// Sends a message of any size in one frame and without a copy, from memory that the caller
    /// lends: a client masks it there.
    ///
    /// **Not cancel-safe**: dropped inside the frame, it leaves a stream that cannot go on, and
    /// every later call answers [`Misuse::Poisoned`](crate::Misuse::Poisoned).
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send). If the stream fails inside the frame, every later call answers
    /// [`Misuse::Poisoned`](crate::Misuse::Poisoned).
    pub async fn send_lent_or_poison(
        &mut self,
        kind: Kind,
        payload: &mut [u8],
    ) -> Result<(), Error<S::Error>> {
        self.write_output().await?;
        self.endpoint.begin_lent(kind, payload).map_err(Error::widen)?;
        self.write_output().await?;
        write_all(&mut self.stream, payload).await?;
        self.endpoint.lent_written();
        self.flush().await
    }

    /// Sends a Ping; the Pong is taken by the next receive.
    ///
    /// Cancel-safe as [`send`](Self::send) is.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] after our Close, or with more than 125 bytes.
    pub async fn ping(&mut self, payload: &[u8]) -> Result<(), Error<S::Error>> {
        self.send_frames(Frame::Ping, payload).await
    }

    /// Begins the closing handshake. Messages may still arrive: receive until none comes, or
    /// [`leave`](Self::leave).
    ///
    /// Cancel-safe: the Close is staged or it is not ([`phase`](Self::phase) tells), and leaves
    /// with the next call.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if our Close has been sent, or its code must not be.
    pub async fn close(&mut self, close: Close<'_>) -> Result<(), Error<S::Error>> {
        self.flush().await?;
        self.endpoint.stage_close(close).map_err(Error::widen)?;
        self.flush().await
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

    async fn send_frames(&mut self, frame: Frame, payload: &[u8]) -> Result<(), Error<S::Error>> {
        let (mut frame, mut rest) = (frame, payload);
        loop {
            self.write_output().await?;
            let taken = self.endpoint.stage(frame, rest).map_err(Error::widen)?;
            rest = rest.get(taken..).unwrap_or_default();
            if rest.is_empty() {
                return self.flush().await;
            }
            frame = frame.rest();
        }
    }
}
