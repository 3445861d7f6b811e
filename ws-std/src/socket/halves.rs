//! The two halves of a socket, for two threads.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ws_core::connection::{Frame, Owed};
use ws_core::frame::{Close, CloseCode, Kind};
use ws_core::{Client, Role, Take};

use super::attendant::{self, Line, Shared, Slot};
use super::inlet::{Arrival, Inlet};
use super::leaving::leave;
use super::transport::positive;
use super::whole::WebSocket;
use super::{By, Control, Ended, Error, Masks, Message, Piece, Split, is_timeout};
use crate::actor::Outgoing;

/// The reading half of a [`WebSocket`].
///
/// It never writes, not even a Pong: two readers that both wait until their Pong is taken would
/// wait for each other. What is owed is written by a thread of its own, or by the
/// [`Writer`] at the next end of a frame. That thread also keeps the clocks: heartbeat and closing
/// deadline need no read timeout, and nothing of the reader but that it is called.
///
/// Dropping one half leaves the other usable; a peer is not told anything by it. When both are gone
/// the stream ends, for which it needs [controls](WebSocket::controlled_by), as deadlines do: without
/// them a thread that is stuck in a write stays there for as long as the peer does not read.
pub struct Reader<S: Split, R = Client<Masks>> {
    stream: S::ReadHalf,
    inlet: Inlet,
    shared: Arc<Shared<S::WriteHalf, R>>,
    read_timeout: Option<Duration>,
    over: bool,
    ended: Option<Ended>,
    last: Arc<LastOne>,
}

/// The writing half of a [`WebSocket`].
pub struct Writer<S: Split, R = Client<Masks>> {
    shared: Arc<Shared<S::WriteHalf, R>>,
    _last: Arc<LastOne>,
}

pub(super) fn split<S, R>(socket: WebSocket<S, R>) -> io::Result<(Reader<S, R>, Writer<S, R>)>
where
    S: Split,
    S::WriteHalf: Send + 'static,
    R: Role + Send + 'static,
{
    let WebSocket { stream, control, inlet, outlet, clocks, read_timeout, over, ended, .. } =
        socket;
    let control: Option<Arc<dyn Control>> = control.map(Arc::from);
    if let Some(control) = &control {
        // Whatever the whole socket asked for was for one call.
        control.set_read_timeout(read_timeout.map(positive))?;
    }
    let (reading, writing) = stream.split()?;
    let line = Line { stream: writing, outlet };
    let shared = Arc::new(Shared::new(line, Slot::new(clocks), control.clone()));
    attendant::start(Arc::clone(&shared))?;
    let last = Arc::new(LastOne(control));
    let reader = Reader {
        stream: reading,
        inlet,
        shared: Arc::clone(&shared),
        read_timeout,
        over,
        ended,
        last: Arc::clone(&last),
    };
    Ok((reader, Writer { shared, _last: last }))
}

impl<S: Split, R: Role> Reader<S, R>
where
    S::WriteHalf: Write,
{
    /// Waits for the next message: see [`WebSocket::receive`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn receive(&mut self) -> Result<Option<Message>, Error> {
        let arrival = self.wait(Take::Messages)?;
        Ok(arrival.and_then(Arrival::message))
    }

    /// Waits for the next piece of a message: see [`WebSocket::receive_piece`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn receive_piece(&mut self) -> Result<Option<Piece<'_>>, Error> {
        let arrival = self.wait(Take::Chunks)?;
        Ok(arrival.and_then(|arrival| self.inlet.piece(arrival)))
    }

    /// How the conversation ended, once the peer's Close has arrived.
    pub const fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// How long a call of [`receive`](Self::receive) waits for a message at most: see
    /// [`WebSocket::set_read_timeout`].
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn set_read_timeout(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        self.read_timeout = timeout;
        self.last
            .0
            .as_ref()
            .map_or(Ok(()), |control| control.set_read_timeout(timeout.map(positive)))
    }

    fn wait(&mut self, take: Take) -> Result<Option<Arrival>, Error> {
        if self.over && self.ended.is_some() {
            return Ok(None);
        }
        let give_up = self.read_timeout.map(|timeout| Instant::now() + timeout);
        self.shared.resume();
        let result = self.advance(take, give_up);
        self.shared.slot().clocks.pause();
        result
    }

    fn advance(&mut self, take: Take, give_up: Option<Instant>) -> Result<Option<Arrival>, Error> {
        loop {
            let arrival = self.inlet.next(take, &mut self.shared.slot().clocks);
            match arrival {
                Ok(data @ (Arrival::Message(_) | Arrival::Piece(_))) => return Ok(Some(data)),
                Ok(Arrival::Owed(owed)) => self.shared.owe(owed),
                Ok(Arrival::Close(code, text)) => {
                    let by = if self.shared.slot().said_close { By::Us } else { By::Peer };
                    self.ended = Some(Ended { by, code, text });
                    self.leave();
                    return Ok(None);
                }
                Ok(Arrival::Nothing) => self.fill(give_up)?,
                Err(error) => {
                    self.leave();
                    return Err(error);
                }
            }
        }
    }

    fn fill(&mut self, give_up: Option<Instant>) -> Result<(), Error> {
        if let (Some(moment), Some(control)) = (give_up, &self.last.0) {
            let left = moment.saturating_duration_since(Instant::now());
            control.set_read_timeout(Some(positive(left)))?;
        }
        match self.stream.read(self.inlet.space()) {
            Ok(0) => Err(self.why_ended()),
            Ok(len) => {
                self.inlet.filled(len);
                let progress = self.inlet.incoming().progress(self.inlet.unread());
                self.shared.slot().clocks.read(progress);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) if is_timeout(&error) => Err(Error::TimedOut),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(self.why_ended()),
            Err(error) => Err(self.shared.slot().expired.map_or(Error::Io(error), Error::Expired)),
        }
    }

    /// A deadline of the attendant's ends the stream, too.
    fn why_ended(&self) -> Error {
        self.shared.slot().expired.map_or(Error::Ended, Error::Expired)
    }

    /// Has the Close sent that is owed, and ends the stream.
    fn leave(&mut self) {
        let Some(close) = self.inlet.incoming().close_owed() else { return };
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        self.shared.owe(Owed::Close(close));
        let Some(control) = self.last.0.clone() else { return };
        let until = self.shared.wait_for_close();
        leave::<R>(&mut self.stream, &*control, until);
    }
}

impl<S: Split, R: Role> Writer<S, R> {
    /// Sends text.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::send_text`].
    pub fn send_text(&mut self, text: &str) -> Result<(), Error> {
        self.send(text)
    }

    /// Sends bytes.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::send_text`].
    pub fn send_binary(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.send(bytes)
    }

    /// Sends a message of either kind: see [`WebSocket::send`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send<'m>(&mut self, message: impl Into<Outgoing<'m>>) -> Result<(), Error> {
        self.shared.send_message(message.into())
    }

    /// Sends a part of a message: see [`WebSocket::send_part`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_part(&mut self, kind: Kind, part: &[u8]) -> Result<(), Error> {
        self.shared.send(Frame::Part(kind), part)
    }

    /// Sends the last part of a message.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::send_part`].
    pub fn send_last_part(&mut self, kind: Kind, part: &[u8]) -> Result<(), Error> {
        self.shared.send(Frame::LastPart(kind), part)
    }

    /// Sends a Ping with up to 125 bytes.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::ping`].
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.shared.send(Frame::Ping, payload)
    }

    /// Sends Close and returns at once: the reader gets what the peer has still to say, and then
    /// its Close. If that does not come in time, the stream is ended.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::send_close`].
    pub fn send_close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.shared.close(Close::new(code, reason))
    }
}

impl<S: Split, R> Drop for Reader<S, R> {
    fn drop(&mut self) {
        self.shared.dismiss();
    }
}

/// Held by both halves, and not by the attendant: when both are gone, a write that it waits for is
/// broken off.
struct LastOne(Option<Arc<dyn Control>>);

impl Drop for LastOne {
    fn drop(&mut self) {
        if let Some(control) = &self.0 {
            let _ = control.shutdown(Shutdown::Both);
        }
    }
}

/// Tells nothing of the stream and of what passes it.
impl<S: Split, R> fmt::Debug for Reader<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// Tells nothing of the stream and of what passes it.
impl<S: Split, R> fmt::Debug for Writer<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}
