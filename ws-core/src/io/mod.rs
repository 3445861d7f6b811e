//! A blocking WebSocket over any `embedded-io` stream, in buffers that the caller lends.
//!
//! Every call waits for the stream, and [`receive`](WebSocket::receive) waits for a message: it
//! serves one connection, without timers (the stream's own time-outs are the only ones). A loop
//! that serves several, or wants the heartbeat, uses [`step`](WebSocket::step) instead.
//!
//! A message is lent from the receive buffer and answered in it: one buffer for a connection.
//!
//! ```
//! # use embedded_io::{Read, Write};
//! # use ws_core::{Error, Server, io::WebSocket};
//! fn serve<S: Read + Write>(stream: S, buffer: &mut [u8]) -> Result<(), Error<S::Error>> {
//!     let mut socket = WebSocket::accept(stream, buffer, [])?;
//!     while let Some(message) = socket.receive()? {
//!         match message.text() {
//!             Some("ping") => message.reply_text("pong")?,
//!             _ => message.echo()?,
//!         }
//!     }
//!     Ok(())
//! }
//! ```

mod accept;
mod connect;
mod halves;
mod message;
mod step;

pub use accept::Accept;
pub use connect::{Connect, Opened};
pub use halves::{Reader, Writer};
pub use message::Message;
pub use step::Step;

use embedded_io::{ErrorType, Read, Write};

use crate::connection::{Frame, Leaving, Phase};
use crate::decoder::Side;
use crate::endpoint::{Data, Endpoint, Next, Take};
use crate::error::{Error, Full};
use crate::frame::{Close, CloseCode, Kind};
use crate::handshake::OutgoingHead;
use crate::role::Role;

/// What a receive comes to: data, or none once the closing handshake is over.
pub type Taken<'a, S, R, Rx, Tx> =
    Result<Option<Message<'a, S, R, Rx, Tx>>, Error<<S as ErrorType>::Error>>;

/// What a WebSocket over `S` is divided into.
pub type Divided<S, Rd, Wr, R, Rx, Tx> =
    Result<(Reader<Rd, Rx>, Writer<Wr, R, Tx>), Error<<S as ErrorType>::Error>>;

/// A WebSocket over the stream `S`, in the buffers `Rx` and `Tx`: `&mut [u8]`, `[u8; N]`, or
/// whatever else lends bytes.
#[derive(Debug)]
pub struct WebSocket<S, R, Rx, Tx> {
    stream: S,
    endpoint: Endpoint<R, Rx, Tx>,
    /// Bytes were written and not flushed.
    unflushed: bool,
}

/// The stream is not asked to be formatted.
#[cfg(feature = "defmt")]
impl<S, R, Rx, Tx> defmt::Format for WebSocket<S, R, Rx, Tx>
where
    Endpoint<R, Rx, Tx>: defmt::Format,
{
    fn format(&self, f: defmt::Formatter<'_>) {
        self.endpoint.format(f);
    }
}

impl<S, R, Rx, Tx> WebSocket<S, R, Rx, Tx>
where
    S: Read + Write,
    R: Role,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
{
    /// A WebSocket over a stream whose opening handshake is over.
    pub const fn new(stream: S, endpoint: Endpoint<R, Rx, Tx>) -> Self {
        Self { stream, endpoint, unflushed: false }
    }

    /// Waits for the next whole message; none once the closing handshake is over.
    ///
    /// Pings are answered, Pongs taken, a Close is answered with its own code. A message that came
    /// in one frame is lent where it lies; one in fragments is put together in the buffer.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] if the peer broke a rule; the Close that says so has been written. A
    /// message larger than the buffer, too, is refused with 1009: [`receive_chunk`] takes any size.
    ///
    /// [`receive_chunk`]: Self::receive_chunk
    pub fn receive(&mut self) -> Taken<'_, S, R, Rx, Tx> {
        let data = self.next(Take::Messages)?;
        Ok(data.map(|data| Message::new(self, data)))
    }

    /// Waits for the next piece of a message, as much as has arrived; none once the closing
    /// handshake is over. So a message of any size passes through a small buffer.
    ///
    /// # Errors
    ///
    /// As for [`receive`](Self::receive).
    pub fn receive_chunk(&mut self) -> Taken<'_, S, R, Rx, Tx> {
        let data = self.next(Take::Chunks)?;
        Ok(data.map(|data| Message::new(self, data)))
    }

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

    /// Writes whatever waits.
    ///
    /// # Errors
    ///
    /// The stream's.
    pub fn flush(&mut self) -> Result<(), Error<S::Error>> {
        self.write_output()?;
        if self.unflushed {
            self.stream.flush().map_err(Error::Io)?;
            self.unflushed = false;
        }
        Ok(())
    }

    /// Ends well: writes what waits, lets `shut` shut down the write side of the stream (if we are
    /// the server, who closes first), reads and throws away up to `limit` bytes or until the peer
    /// closes, and gives the stream back to be dropped.
    ///
    /// Without this, input that nobody reads turns our last words into a reset. Give the stream a
    /// read time-out before: a peer may never close.
    pub fn leave(mut self, shut: impl FnOnce(&mut S), limit: usize) -> S {
        if self.flush().is_ok() {
            if self.leaving() == Leaving::ShutThenDiscard {
                shut(&mut self.stream);
            }
            let mut left = limit;
            while left > 0 {
                match self.stream.read(self.endpoint.bytes_mut()) {
                    Ok(len @ 1..) => left = left.saturating_sub(len),
                    _ => break,
                }
            }
        }
        self.stream
    }

    /// How to leave, once the closing handshake is over.
    pub const fn leaving(&self) -> Leaving {
        match R::SIDE {
            Side::Server => Leaving::ShutThenDiscard,
            Side::Client => Leaving::Discard,
        }
    }

    /// How far the closing handshake has come.
    pub fn phase(&self) -> Phase {
        self.endpoint.phase()
    }

    /// The peer's Close frame, once it has arrived: its code, or none, and its reason.
    pub fn peer_close(&self) -> Option<(Option<CloseCode>, &str)> {
        self.endpoint.peer_close()
    }

    /// The message that was begun in parts and not ended, and how many bytes of it have left.
    pub fn open_message(&self) -> Option<(Kind, u64)> {
        self.endpoint.open_message()
    }

    /// The stream, to set its options.
    pub const fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Divides into halves that work independently; `divide` divides the stream.
    ///
    /// # Errors
    ///
    /// The stream's, or [`Misuse::BufferTooSmall`](crate::Misuse::BufferTooSmall) if `Tx` cannot
    /// hold a Pong: undivided, a server answers from its receive buffer.
    pub fn split<Rd: Read, Wr: Write>(
        mut self,
        divide: impl FnOnce(S) -> (Rd, Wr),
    ) -> Divided<S, Rd, Wr, R, Rx, Tx> {
        self.flush()?;
        let (inlet, outbox) = self.endpoint.split().map_err(Error::widen)?;
        let (reader, writer) = divide(self.stream);
        Ok((Reader::new(reader, inlet), Writer::new(writer, outbox)))
    }

    fn next(&mut self, take: Take) -> Result<Option<Data>, Error<S::Error>> {
        loop {
            match self.endpoint.poll(take).map_err(Error::widen)? {
                Next::Write => self.write_output()?,
                Next::Read => {
                    self.flush()?;
                    let len = self.stream.read(self.endpoint.space()).map_err(Error::Io)?;
                    self.endpoint.filled(len).map_err(Error::widen)?;
                }
                Next::Data(data) => return Ok(Some(data)),
                Next::Pong(_) => {}
                Next::Closed => return self.flush().map(|()| None),
            }
        }
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

    fn write_output(&mut self) -> Result<(), Error<S::Error>> {
        while self.endpoint.has_output() {
            let len = write_some(&mut self.stream, self.endpoint.output())?;
            self.endpoint.wrote(len);
            self.unflushed = true;
        }
        Ok(())
    }
}

fn write_some<S: Write>(stream: &mut S, bytes: &[u8]) -> Result<usize, Error<S::Error>> {
    match stream.write(bytes).map_err(Error::Io)? {
        // Against the contract of `Write`; taken for its end, it cannot make us spin.
        0 => Err(Error::Ended),
        len => Ok(len),
    }
}

fn write_all<S: Write>(stream: &mut S, bytes: &[u8]) -> Result<(), Error<S::Error>> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let len = write_some(stream, rest)?;
        rest = rest.get(len..).unwrap_or_default();
    }
    Ok(())
}

/// Writes a head through memory that may be much smaller.
fn write_head<S: Write>(
    stream: &mut S,
    head: &OutgoingHead<'_>,
    room: &mut [u8],
) -> Result<(), Error<S::Error>> {
    let mut at = 0;
    loop {
        let len = head.write(at, room);
        if len == 0 {
            return stream.flush().map_err(Error::Io);
        }
        write_all(stream, room.get(..len).unwrap_or_default())?;
        at += len;
    }
}
