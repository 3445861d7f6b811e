//! The whole socket, for one thread.

mod waiting;

use std::fmt;
use std::io::{self, Read, Write};
use std::time::Duration;

use ws_core::connection::Frame;
use ws_core::frame::{Close, CloseCode, Kind};
use ws_core::handshake::Agreement;
use ws_core::{Client, Role, Take};

use super::clocks::Clocks;
use super::deflating;
use super::halves::{self, Reader, Writer};
use super::inlet::{Arrival, Inlet};
use super::outlet::Outlet;
use super::{Control, Ended, Error, Masks, Message, Piece, Settings, Split};
use crate::actor::Outgoing;

/// A WebSocket over a stream: a client's, from [`connect`](crate::connect) or a
/// [`Connector`](crate::client::Connector), or a server's, from [`accept`](WebSocket::accept).
///
/// Pings are answered while [`receive`](Self::receive) waits. For sending while another thread
/// receives there is [`split`](Self::split): two peers that both send and do not read wait for each
/// other for ever once the network's buffers are full.
pub struct WebSocket<S, R = Client<Masks>> {
    pub(super) stream: S,
    pub(super) control: Option<Box<dyn Control>>,
    pub(super) inlet: Inlet,
    pub(super) outlet: Outlet<R>,
    pub(super) clocks: Clocks,
    pub(super) subprotocol: Option<String>,
    pub(super) read_timeout: Option<Duration>,
    /// The last timeout that the stream was told.
    told_timeout: Option<Duration>,
    /// Something is due, and one more read shall tell whether the peer is to blame.
    warned: bool,
    pub(super) over: bool,
    pub(super) ended: Option<Ended>,
}

impl<S: Read + Write, R: Role> WebSocket<S, R> {
    /// Waits for the next message; none once the closing handshake is over: see
    /// [`ended`](Self::ended).
    ///
    /// Pings are answered and the peer's Close, too; broken rules are told the peer with the Close
    /// frame that fits. An error is the end, but for [`Error::TimedOut`].
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] after the [read timeout](Self::set_read_timeout): call again, nothing is
    /// lost. [`Error::Violation`] if the peer broke a rule, [`Error::Ended`] if it vanished,
    /// [`Error::Expired`] if it did not answer in time; the stream's.
    pub fn receive(&mut self) -> Result<Option<Message>, Error> {
        let arrival = self.wait(Take::Messages)?;
        Ok(arrival.and_then(Arrival::message))
    }

    /// Waits for the next piece of a message, as soon as it is there: a message of any size passes
    /// through the socket's 64 KiB, up to the connector's `max_message`.
    ///
    /// A message that [`receive`](Self::receive) has begun before a timeout goes on in pieces, the
    /// first of which is all that was there. A message that is taken in pieces must be taken so to
    /// its end.
    ///
    /// # Errors
    ///
    /// As for [`receive`](Self::receive), which is [`Misuse::MidMessage`](super::Misuse::MidMessage)
    /// in the middle of a message that is taken in pieces.
    pub fn receive_piece(&mut self) -> Result<Option<Piece<'_>>, Error> {
        let arrival = self.wait(Take::Chunks)?;
        Ok(arrival.and_then(|arrival| self.inlet.piece(arrival)))
    }

    /// Sends text.
    ///
    /// # Errors
    ///
    /// [`Misuse::Closed`](super::Misuse::Closed) after our Close; the stream's, after which nothing more can be sent.
    pub fn send_text(&mut self, text: &str) -> Result<(), Error> {
        self.send(text)
    }

    /// Sends bytes.
    ///
    /// # Errors
    ///
    /// As for [`send_text`](Self::send_text).
    pub fn send_binary(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.send(bytes)
    }

    /// Sends a message of either kind: one that was received, a text, bytes, or a
    /// [`Message`](crate::Message) that says whether it is [compressed](crate::Message::compress).
    ///
    /// # Errors
    ///
    /// As for [`send_text`](Self::send_text).
    pub fn send<'m>(&mut self, message: impl Into<Outgoing<'m>>) -> Result<(), Error> {
        self.outlet.send_message(&mut self.stream, message.into(), |_, _| Ok(()))
    }

    /// Sends a part of a message: another part, or [its last](Self::send_last_part), must follow.
    ///
    /// # Errors
    ///
    /// As for [`send_text`](Self::send_text); [`Misuse::MessageOpen`](super::Misuse::MessageOpen) in the middle of a message of
    /// the other kind.
    pub fn send_part(&mut self, kind: Kind, part: &[u8]) -> Result<(), Error> {
        self.outlet.send(&mut self.stream, Frame::Part(kind), part)
    }

    /// Sends the last part of a message.
    ///
    /// # Errors
    ///
    /// As for [`send_part`](Self::send_part).
    pub fn send_last_part(&mut self, kind: Kind, part: &[u8]) -> Result<(), Error> {
        self.outlet.send(&mut self.stream, Frame::LastPart(kind), part)
    }

    /// Sends a Ping with up to 125 bytes. The Pong is not told; a heartbeat asks and judges.
    ///
    /// # Errors
    ///
    /// As for [`send_text`](Self::send_text).
    pub fn ping(&mut self, payload: &[u8]) -> Result<(), Error> {
        self.outlet.send(&mut self.stream, Frame::Ping, payload)
    }

    /// Closes: sends Close, throws away what still arrives, and waits for the peer's Close, 5
    /// seconds unless the connector was told otherwise.
    ///
    /// # Errors
    ///
    /// As for [`send_close`](Self::send_close) and [`receive`](Self::receive).
    pub fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.send_close(code, reason)?;
        loop {
            match self.receive() {
                Ok(None) => return Ok(()),
                Ok(Some(_)) => {}
                Err(Error::TimedOut) if self.control.is_some() => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends Close, with a reason of up to 123 bytes, and returns at once: what the peer has still
    /// to say, and its own Close, is for [`receive`](Self::receive).
    ///
    /// # Errors
    ///
    /// [`Misuse::Closed`](super::Misuse::Closed) if our Close has left; [`Misuse::CloseCodeNotSendable`](super::Misuse::CloseCodeNotSendable); the stream's.
    pub fn send_close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.outlet.close(&mut self.stream, Close::new(code, reason))?;
        self.clocks.closing();
        Ok(())
    }

    /// How the conversation ended, once the peer's Close has arrived.
    pub const fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// The subprotocol that was agreed on.
    pub fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }

    /// How long a call of [`receive`](Self::receive) waits for a message at most.
    ///
    /// It needs [controls](Self::controlled_by), which a connector gives, or a stream with a timeout
    /// of its own.
    pub const fn set_read_timeout(&mut self, timeout: Option<Duration>) {
        self.read_timeout = timeout;
    }

    /// Gives the socket the controls of its stream, which deadlines need: for a `TcpStream`, a
    /// clone of it.
    #[must_use]
    pub fn controlled_by(mut self, control: impl Control + 'static) -> Self {
        self.control = Some(Box::new(control));
        self
    }

    /// The stream.
    pub const fn stream(&self) -> &S {
        &self.stream
    }

    /// Two halves that two threads can use at the same time. A third thread answers Pings and keeps
    /// the clocks: see [`Reader`].
    ///
    /// # Errors
    ///
    /// The system's, if it gives no second handle or no thread.
    pub fn split(self) -> io::Result<(Reader<S, R>, Writer<S, R>)>
    where
        S: Split,
        S::WriteHalf: Send + 'static,
        R: Send + 'static,
    {
        halves::split(self)
    }

    pub(crate) fn new(
        stream: S,
        role: R,
        settings: &Settings,
        already: &[u8],
        subprotocol: Option<String>,
        agreed: Option<Agreement>,
    ) -> Self {
        let (deflating, inflater) = deflating::both::<R>(settings, agreed);
        Self {
            stream,
            control: None,
            inlet: Inlet::new::<R>(settings.max_message, inflater, already),
            outlet: Outlet::new(role, deflating),
            clocks: Clocks::new(settings.timing),
            subprotocol,
            read_timeout: settings.read_timeout,
            told_timeout: None,
            warned: false,
            over: false,
            ended: None,
        }
    }
}

/// Tells how it stands; the stream is not asked to be printed, and payloads are not for logs.
impl<S, R> fmt::Debug for WebSocket<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("subprotocol", &self.subprotocol)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
