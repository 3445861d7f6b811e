//! Reading and writing in two tasks.

use core::fmt;

use embedded_io_async::{Read, Write};

use super::{write_all, write_some};
use crate::connection::{Frame, Owed};
use crate::endpoint::{Arrival, Inlet, InletNext, Outbox, Take};
use crate::error::Error;
#[cfg(feature = "deflate")]
use crate::error::Rule;
use crate::frame::{Close, CloseCode, Kind};
#[cfg(feature = "deflate")]
use crate::handshake::Flow;
use crate::role::Role;

/// The reading half.
pub struct Reader<S, Rx> {
    stream: S,
    inlet: Inlet<Rx>,
}

impl<S: Read, Rx: AsRef<[u8]> + AsMut<[u8]>> Reader<S, Rx> {
    /// The reading half of a connection, over the half of a stream.
    pub const fn new(stream: S, inlet: Inlet<Rx>) -> Self {
        Self { stream, inlet }
    }

    /// Waits for the next message, piece of a message, Pong, or for something that the writing
    /// half must send: hand an [`Arrival::Owed`] to [`Writer::pay`]. None once the peer has closed.
    ///
    /// Cancel-safe: no byte is lost and none is read twice; what is owed is told by the call that
    /// completes.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] if the peer broke a rule; the Close that says so was handed out before.
    pub async fn receive(&mut self, take: Take) -> Result<Option<Arrival<'_>>, Error<S::Error>> {
        let next = loop {
            match self.inlet.poll(take).map_err(Error::widen)? {
                InletNext::Read => {
                    let len = self.stream.read(self.inlet.space()).await.map_err(Error::Io)?;
                    self.inlet.filled(len).map_err(Error::widen)?;
                }
                next => break next,
            }
        };
        Ok(self.inlet.arrival(next))
    }

    /// How the peer compresses what it sends, if that was agreed on.
    #[cfg(feature = "deflate")]
    pub const fn deflated(&self) -> Option<Flow> {
        self.inlet.deflated()
    }

    /// Ends the connection for what was found in a message when it was inflated: the next
    /// [`receive`](Self::receive) hands out the Close that says so.
    #[cfg(feature = "deflate")]
    pub fn refuse(&mut self, rule: Rule) {
        self.inlet.refuse(rule);
    }

    /// The peer's Close frame, once it has arrived: its code, or none, and its reason.
    pub fn peer_close(&self) -> Option<(Option<CloseCode>, &str)> {
        self.inlet.peer_close()
    }

    /// The half of the stream.
    pub fn into_stream(self) -> S {
        self.stream
    }
}

/// The writing half.
pub struct Writer<S, R, Tx> {
    stream: S,
    outbox: Outbox<R, Tx>,
}

impl<S: Write, R: Role, Tx: AsRef<[u8]> + AsMut<[u8]>> Writer<S, R, Tx> {
    /// The writing half of a connection, over the half of a stream.
    pub const fn new(stream: S, outbox: Outbox<R, Tx>) -> Self {
        Self { stream, outbox }
    }

    /// Sends what the reading half owes.
    ///
    /// Cancel-safe: dropped while an earlier frame still leaves, it has staged nothing, and must be
    /// called again; after that, what was staged leaves with the next call. Who must know which,
    /// [`flush`](Self::flush)es before: once polled, it is staged.
    ///
    /// # Errors
    ///
    /// The stream's.
    pub async fn pay(&mut self, owed: &Owed) -> Result<(), Error<S::Error>> {
        self.write_output().await?;
        self.outbox.stage_owed(owed).map_err(Error::widen)?;
        self.flush().await
    }

    /// Sends a frame: a message, in parts if the buffer does not hold it; a part of a message; a
    /// Ping.
    ///
    /// Cancel-safe as [`WebSocket::send`](super::WebSocket::send) is, with the same way to be sure:
    /// [`flush`](Self::flush) before, and once polled it is staged.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it must not be sent now.
    pub async fn send(&mut self, frame: Frame, payload: &[u8]) -> Result<(), Error<S::Error>> {
        let (mut frame, mut rest) = (frame, payload);
        loop {
            self.write_output().await?;
            let taken = self.outbox.stage(frame, rest).map_err(Error::widen)?;
            rest = rest.get(taken..).unwrap_or_default();
            if rest.is_empty() {
                return self.flush().await;
            }
            frame = frame.rest();
        }
    }

    /// Sends a message of `len` bytes in one frame, through a buffer of any size: see
    /// [`WebSocket::send_sized`](super::WebSocket::send_sized). Until it has ended nothing else is
    /// sent, nor [paid](Self::pay).
    ///
    /// Cancel-safe as [`WebSocket::send_sized`](super::WebSocket::send_sized) is, with the same way to
    /// be sure: [`flush`](Self::flush) before, and once polled it is staged.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn send_sized(
        &mut self,
        kind: Kind,
        len: u64,
        fill: impl FnMut(&mut [u8]) -> usize,
    ) -> Result<(), Error<S::Error>> {
        self.write_output().await?;
        self.outbox.begin_sized(kind, len).map_err(Error::widen)?;
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
        while self.outbox.frame_left() > 0 {
            self.outbox.stage_more(&mut fill).map_err(Error::widen)?;
            self.write_output().await?;
        }
        self.flush().await
    }

    /// How many bytes of an open frame are still to be sent; 0 between frames.
    pub const fn frame_left(&self) -> u64 {
        self.outbox.frame_left()
    }

    /// The message that was begun in parts and not ended, and how many bytes of it have been
    /// staged.
    pub fn open_message(&self) -> Option<(Kind, u64)> {
        self.outbox.open_message()
    }

    /// What is staged, and how the writing half stands.
    pub const fn outbox(&self) -> &Outbox<R, Tx> {
        &self.outbox
    }

    /// Sends a message of any size in one frame and without a copy: see
    /// [`WebSocket::send_lent_or_poison`](super::WebSocket::send_lent_or_poison).
    ///
    /// **Not cancel-safe**, as there.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn send_lent_or_poison(
        &mut self,
        kind: Kind,
        payload: &mut [u8],
    ) -> Result<(), Error<S::Error>> {
        self.write_output().await?;
        self.outbox.begin_lent(kind, payload).map_err(Error::widen)?;
        self.write_output().await?;
        write_all(&mut self.stream, payload).await?;
        self.outbox.lent_written();
        self.flush().await
    }

    /// Begins the closing handshake, or ends it.
    ///
    /// Cancel-safe: the Close is staged or it is not ([`outbox`](Self::outbox) tells), and leaves with
    /// the next call.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if our Close has been sent, or its code must not be.
    pub async fn close(&mut self, close: Close<'_>) -> Result<(), Error<S::Error>> {
        self.write_output().await?;
        self.outbox.stage_close(close).map_err(Error::widen)?;
        self.flush().await
    }

    /// Writes whatever waits.
    ///
    /// Cancel-safe.
    ///
    /// # Errors
    ///
    /// The stream's.
    pub async fn flush(&mut self) -> Result<(), Error<S::Error>> {
        self.write_output().await?;
        self.stream.flush().await.map_err(Error::Io)
    }

    /// The half of the stream.
    pub fn into_stream(self) -> S {
        self.stream
    }

    async fn write_output(&mut self) -> Result<(), Error<S::Error>> {
        while self.outbox.has_output() {
            let len = write_some(&mut self.stream, self.outbox.output()).await?;
            self.outbox.wrote(len);
        }
        Ok(())
    }
}

/// The stream is not asked to be printed, and nothing is told of what is in the buffers.
impl<S, Rx> fmt::Debug for Reader<S, Rx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("inlet", &self.inlet).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<S, Rx> defmt::Format for Reader<S, Rx> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Reader {{ inlet: {} }}", self.inlet);
    }
}

/// The stream is not asked to be printed, and nothing is told of what is in the buffers.
impl<S, R, Tx> fmt::Debug for Writer<S, R, Tx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("outbox", &self.outbox).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<S, R, Tx> defmt::Format for Writer<S, R, Tx> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Writer {{ outbox: {} }}", self.outbox);
    }
}
