//! A WebSocket over any `embedded-io-async` stream, in buffers that the caller lends.
//!
//! No runtime is asked for: the futures wait for the stream and nothing else. All state lives in
//! the WebSocket, not in its futures, so they may be dropped, and each method says what that means:
//!
//! - receiving may be dropped anywhere: no byte is lost and none is read twice;
//! - a message that fits a buffer is staged whole before its first byte leaves: once a send has
//!   begun to write, dropping it only delays the rest to the next call;
//! - a larger message goes in parts, each staged like that, and a drop between two leaves it open:
//!   [`open_message`](WebSocket::open_message) tells how far it came;
//! - [`send_lent_or_poison`](WebSocket::send_lent_or_poison) must not be dropped, and says so.
//!
//! All of it as far as the stream keeps its part: that a `read` or `write` of its own that is
//! dropped has read or written nothing. `embedded-io-async` encourages that, and asks streams to
//! document it.

mod accept;
mod connect;
mod halves;
mod message;
mod send;
mod timed;

pub use accept::Accept;
pub use connect::{Connect, Opened};
pub use halves::{Reader, Writer};
pub use message::Message;

use core::fmt;

use embedded_io_async::{ErrorType, Read, Write};

use crate::connection::{Leaving, Phase};
use crate::endpoint::{Data, Endpoint, Next, Take};
use crate::error::Error;
#[cfg(feature = "deflate")]
use crate::error::Rule;
use crate::frame::{CloseCode, Kind};
#[cfg(feature = "deflate")]
use crate::handshake::Flow;
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
pub struct WebSocket<S, R, Rx, Tx> {
    stream: S,
    endpoint: Endpoint<R, Rx, Tx>,
}

/// The stream is not asked to be printed, and nothing is told of what is in the buffers.
impl<S, R, Rx, Tx> fmt::Debug for WebSocket<S, R, Rx, Tx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<S, R, Rx, Tx> defmt::Format for WebSocket<S, R, Rx, Tx> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "WebSocket {{ endpoint: {} }}", self.endpoint);
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
        Self { stream, endpoint }
    }

    /// Waits for the next whole message; none once the closing handshake is over.
    ///
    /// Pings are answered, Pongs taken, a Close is answered with its own code. A message that came
    /// in one frame is lent where it lies; one in fragments is put together in the buffer.
    ///
    /// Cancel-safe: no byte is lost, and what is owed to the peer leaves with the next call.
    ///
    /// # Errors
    ///
    /// [`Error::Violation`] if the peer broke a rule; the Close that says so has been written. A
    /// message larger than the buffer, too, is refused with 1009: [`receive_chunk`] takes any size.
    ///
    /// [`receive_chunk`]: Self::receive_chunk
    pub async fn receive(&mut self) -> Taken<'_, S, R, Rx, Tx> {
        let data = self.next(Take::Messages).await?;
        Ok(data.map(|data| Message::new(self, data)))
    }

    /// Waits for the next piece of a message, as much as has arrived; none once the closing
    /// handshake is over. So a message of any size passes through a small buffer.
    ///
    /// Cancel-safe as [`receive`](Self::receive) is.
    ///
    /// # Errors
    ///
    /// As for [`receive`](Self::receive).
    pub async fn receive_chunk(&mut self) -> Taken<'_, S, R, Rx, Tx> {
        let data = self.next(Take::Chunks).await?;
        Ok(data.map(|data| Message::new(self, data)))
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
        if self.endpoint.is_unflushed() {
            self.stream.flush().await.map_err(Error::Io)?;
            self.endpoint.flushed();
        }
        Ok(())
    }

    /// Ends well: writes what waits, lets `shut` shut down the write side of the stream (if we are
    /// the server, who closes first), reads and throws away up to `limit` bytes or until the peer
    /// closes, and gives the stream back to be dropped.
    ///
    /// Without this, input that nobody reads turns our last words into a reset. Race it against a
    /// sleep: a peer may never close.
    ///
    /// Dropping it drops the stream: after so long a wait nothing better is left to do.
    pub async fn leave(mut self, shut: impl FnOnce(&mut S), limit: usize) -> S {
        if self.flush().await.is_ok() {
            if self.leaving() == Leaving::ShutThenDiscard {
                shut(&mut self.stream);
            }
            discard(&mut self.stream, self.endpoint.bytes_mut(), limit).await;
        }
        self.stream
    }

    /// How to leave, once the closing handshake is over.
    pub const fn leaving(&self) -> Leaving {
        Leaving::of(R::SIDE)
    }

    /// How far the closing handshake has come.
    pub fn phase(&self) -> Phase {
        self.endpoint.phase()
    }

    /// The peer's Close frame, once it has arrived: its code, or none, and its reason.
    pub fn peer_close(&self) -> Option<(Option<CloseCode>, &str)> {
        self.endpoint.peer_close()
    }

    /// How the peer compresses what it sends, if that was agreed on.
    #[cfg(feature = "deflate")]
    pub const fn deflated(&self) -> Option<Flow> {
        self.endpoint.deflated()
    }

    /// Ends the connection for what was found in a message when it was inflated: the next
    /// [`receive`](Self::receive) tells the peer, and is the error.
    #[cfg(feature = "deflate")]
    pub fn refuse(&mut self, rule: Rule) {
        self.endpoint.refuse(rule);
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
    /// Not cancel-safe: dropping it drops the stream. It waits only for what has not left yet:
    /// [`flush`](Self::flush) before, and it does not wait for long.
    ///
    /// # Errors
    ///
    /// The stream's, or [`Misuse::BufferTooSmall`](crate::Misuse::BufferTooSmall) if `Tx` cannot
    /// hold a Pong: undivided, a server answers from its receive buffer.
    pub async fn split<Rd: Read, Wr: Write>(
        mut self,
        divide: impl FnOnce(S) -> (Rd, Wr),
    ) -> Divided<S, Rd, Wr, R, Rx, Tx> {
        self.flush().await?;
        let (inlet, outbox) = self.endpoint.split().map_err(Error::widen)?;
        let (reader, writer) = divide(self.stream);
        Ok((Reader::new(reader, inlet), Writer::new(writer, outbox)))
    }

    async fn next(&mut self, take: Take) -> Result<Option<Data>, Error<S::Error>> {
        loop {
            let next = match self.endpoint.poll(take) {
                Ok(next) => next,
                Err(error) => {
                    // The Close that says why must not stay behind in the stream; whether it gets
                    // through or not, this is the error.
                    let _ = self.flush().await;
                    self.endpoint.flushed();
                    return Err(error.widen());
                }
            };
            match next {
                Next::Write => self.write_output().await?,
                Next::Read => {
                    self.flush().await?;
                    let len = self.stream.read(self.endpoint.space()).await.map_err(Error::Io)?;
                    self.endpoint.filled(len).map_err(Error::widen)?;
                }
                Next::Data(data) => return Ok(Some(data)),
                Next::Pong(_) => {}
                Next::Closed => return self.flush().await.map(|()| None),
            }
        }
    }

    async fn write_output(&mut self) -> Result<(), Error<S::Error>> {
        while self.endpoint.has_output() {
            let len = write_some(&mut self.stream, self.endpoint.output()).await?;
            self.endpoint.wrote(len);
        }
        Ok(())
    }
}

/// Reads and throws away, up to so many bytes, or the end.
async fn discard<S: Read>(stream: &mut S, buffer: &mut [u8], limit: usize) {
    let mut left = limit;
    while left > 0
        && let Ok(len @ 1..) = stream.read(buffer).await
    {
        left = left.saturating_sub(len);
    }
}

async fn write_some<S: Write>(stream: &mut S, bytes: &[u8]) -> Result<usize, Error<S::Error>> {
    match stream.write(bytes).await.map_err(Error::Io)? {
        // Against the contract of `Write`; taken for its end, it cannot make us spin.
        0 => Err(Error::Ended),
        len => Ok(len),
    }
}

async fn write_all<S: Write>(stream: &mut S, bytes: &[u8]) -> Result<(), Error<S::Error>> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let len = write_some(stream, rest).await?;
        rest = rest.get(len..).unwrap_or_default();
    }
    Ok(())
}

/// Writes a head through memory that may be much smaller.
async fn write_head<S: Write>(
    stream: &mut S,
    head: &OutgoingHead<'_>,
    room: &mut [u8],
) -> Result<(), Error<S::Error>> {
    let mut at = 0;
    loop {
        let len = head.write(at, room);
        write_all(stream, room.get(..len).unwrap_or_default()).await?;
        at += len;
        // What does not fill the room was the end.
        if len == 0 || len < room.len() {
            return stream.flush().await.map_err(Error::Io);
        }
    }
}
