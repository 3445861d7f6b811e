//! Reading and writing in two places: two threads, or two tasks.

use core::fmt;

use embedded_io::{Read, Write};

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
    /// # Errors
    ///
    /// [`Error::Violation`] if the peer broke a rule; the Close that says so was handed out before.
    pub fn receive(&mut self, take: Take) -> Result<Option<Arrival<'_>>, Error<S::Error>> {
        let next = loop {
            match self.inlet.poll(take).map_err(Error::widen)? {
                InletNext::Read => {
                    let len = self.stream.read(self.inlet.space()).map_err(Error::Io)?;
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
    /// # Errors
    ///
    /// The stream's.
    pub fn pay(&mut self, owed: &Owed) -> Result<(), Error<S::Error>> {
        self.write_output()?;
        self.outbox.stage_owed(owed).map_err(Error::widen)?;
        self.flush()
    }

    /// Sends a frame: a message, in parts if the buffer does not hold it; a part of a message; a
    /// Ping.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it must not be sent now.
    pub fn send(&mut self, frame: Frame, payload: &[u8]) -> Result<(), Error<S::Error>> {
        let (mut frame, mut rest) = (frame, payload);
        loop {
            self.write_output()?;
            let taken = self.outbox.stage(frame, rest).map_err(Error::widen)?;
            rest = rest.get(taken..).unwrap_or_default();
            if rest.is_empty() {
                return self.flush();
            }
            frame = frame.rest();
        }
    }

    /// Sends a message of `len` bytes in one frame, through a buffer of any size: see
    /// [`WebSocket::send_sized`](super::WebSocket::send_sized). Until it has ended nothing else is
    /// sent, nor [paid](Self::pay).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_sized(
        &mut self,
        kind: Kind,
        len: u64,
        fill: impl FnMut(&mut [u8]) -> usize,
    ) -> Result<(), Error<S::Error>> {
        self.write_output()?;
        self.outbox.begin_sized(kind, len).map_err(Error::widen)?;
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
        while self.outbox.frame_left() > 0 {
            self.outbox.stage_more(&mut fill).map_err(Error::widen)?;
            self.write_output()?;
        }
        self.flush()
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
    /// [`WebSocket::send_lent`](super::WebSocket::send_lent).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_lent(&mut self, kind: Kind, payload: &mut [u8]) -> Result<(), Error<S::Error>> {
        self.write_output()?;
        self.outbox.begin_lent(kind, payload).map_err(Error::widen)?;
        self.write_output()?;
        write_all(&mut self.stream, payload)?;
        self.outbox.lent_written();
        self.flush()
    }

    /// Begins the closing handshake, or ends it.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if our Close has been sent, or its code must not be.
    pub fn close(&mut self, close: Close<'_>) -> Result<(), Error<S::Error>> {
        self.write_output()?;
        self.outbox.stage_close(close).map_err(Error::widen)?;
        self.flush()
    }

    /// Writes whatever waits.
    ///
    /// # Errors
    ///
    /// The stream's.
    pub fn flush(&mut self) -> Result<(), Error<S::Error>> {
        self.write_output()?;
        self.stream.flush().map_err(Error::Io)
    }

    /// The half of the stream.
    pub fn into_stream(self) -> S {
        self.stream
    }

    fn write_output(&mut self) -> Result<(), Error<S::Error>> {
        while self.outbox.has_output() {
            let len = write_some(&mut self.stream, self.outbox.output())?;
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
