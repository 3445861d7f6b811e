//! The server's opening handshake over a stream.

use core::fmt;

use embedded_io::{Read, ReadReady, Write};

use super::{WebSocket, discard, write_head};
use crate::decoder::{Decoder, Side};
use crate::endpoint::{Endpoint, Inbox};
use crate::error::Error;
use crate::handshake::server::Seen;
use crate::handshake::{MAX_HEAD, OutgoingHead, Refusal, ServerHandshake, Upgrade};
use crate::role::Server;

/// A stream whose client asks, or will ask, for a WebSocket.
///
/// ```no_run
/// # fn serve(stream: impl embedded_io::Read + embedded_io::Write) {
/// use ws_core::handshake::{Subprotocols, server::Seen};
/// use ws_core::io::Accept;
///
/// let mut chosen = Subprotocols::new(&["chat.v2", "chat"]);
/// let mut accept = Accept::new(stream, [0; 1024], [0; 256]).expect("the buffers are large enough");
/// let seen = accept.read(|seen, bytes| {
///     if let Seen::Field(field) = seen
///         && let Some(value) = field.value("Sec-WebSocket-Protocol", bytes)
///     {
///         chosen.observe(value);
///     }
/// });
/// match seen {
///     Ok(upgrade) => {
///         let socket = accept.accept(&upgrade, chosen.chosen(), &[]);
///     }
///     Err(ws_core::Error::Refused(refusal)) => accept.refuse(&refusal).unwrap_or_default(),
///     Err(_) => {} // the stream broke
/// }
/// # }
/// ```
pub struct Accept<S, Rx, Tx> {
    stream: S,
    inbox: Inbox<Rx>,
    tx: Tx,
    handshake: ServerHandshake,
    max_message: u64,
}

/// Tells how much has arrived, and nothing of what it says.
impl<S, Rx, Tx> fmt::Debug for Accept<S, Rx, Tx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accept").field("inbox", &self.inbox).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<S, Rx, Tx> defmt::Format for Accept<S, Rx, Tx> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Accept {{ inbox: {} }}", self.inbox);
    }
}

impl<S, Rx, Tx> Accept<S, Rx, Tx>
where
    S: Read + Write,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
{
    /// A stream at its first byte, and the buffers of the WebSocket to be: the handshake is read
    /// in `rx`, of any size that a WebSocket works with.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if `rx` is too small.
    pub fn new(stream: S, rx: Rx, tx: Tx) -> Result<Self, Error<S::Error>> {
        let inbox = Inbox::new(rx, Side::Server)?;
        let handshake = ServerHandshake::new(MAX_HEAD);
        let max_message = Decoder::DEFAULT_MAX_MESSAGE;
        Ok(Self { stream, inbox, tx, handshake, max_message })
    }

    /// Takes request heads of up to `bytes`; [`MAX_HEAD`] unless this is said.
    #[must_use]
    pub fn with_max_head(mut self, bytes: u32) -> Self {
        self.handshake = ServerHandshake::new(bytes);
        self
    }

    /// Takes messages of up to `bytes`, inclusive: see [`Decoder::with_max_message`].
    #[must_use]
    pub fn with_max_message(mut self, bytes: u64) -> Self {
        self.max_message = bytes;
        self
    }

    /// Reads the request, and shows every line of it as it passes.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it is no valid request for a WebSocket: [`refuse`](Self::refuse) it,
    /// or answer it otherwise through [`stream`](Self::stream) (a plain HTTP request is
    /// [`Refusal::NotUpgrade`]).
    pub fn read(&mut self, mut see: impl FnMut(Seen, &[u8])) -> Result<Upgrade, Error<S::Error>> {
        loop {
            if let Some(upgrade) = self.advance(&mut see)? {
                return Ok(upgrade);
            }
            self.fill()?;
        }
    }

    /// The same without waiting: none if the stream is not ready to be read.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub fn step(
        &mut self,
        mut see: impl FnMut(Seen, &[u8]),
    ) -> Result<Option<Upgrade>, Error<S::Error>>
    where
        S: ReadReady,
    {
        loop {
            if let Some(upgrade) = self.advance(&mut see)? {
                return Ok(Some(upgrade));
            }
            if !self.stream.read_ready().map_err(Error::Io)? {
                return Ok(None);
            }
            self.fill()?;
        }
    }

    /// Opens the WebSocket, with the subprotocol that was chosen and headers of the application.
    ///
    /// # Errors
    ///
    /// [`Misuse::Header`](crate::Misuse::Header) if one of them would break the response; the
    /// stream's.
    pub fn accept(
        mut self,
        upgrade: &Upgrade,
        subprotocol: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<WebSocket<S, Server, Rx, Tx>, Error<S::Error>> {
        self.send(&upgrade.response(subprotocol, headers)?)?;
        self.open()
    }

    /// Sends the HTTP response of a refusal. Then [`leave`](Self::leave), so that it arrives.
    ///
    /// # Errors
    ///
    /// The stream's.
    pub fn refuse(&mut self, refusal: &Refusal) -> Result<(), Error<S::Error>> {
        #[cfg(feature = "defmt")]
        defmt::debug!("websocket: refused, {}", refusal);
        // Nobody will read what has arrived: all of its memory is free for the response.
        self.inbox.clear();
        self.send(&refusal.response())
    }

    /// Ends well after an answer that is no WebSocket: lets `shut` shut down the write side of the
    /// stream, reads and throws away up to `limit` bytes or until the client closes, and gives the
    /// stream back to be dropped. Without this, an answer to a client that is still sending may be
    /// lost in a reset. Give the stream a read time-out before: a client may never close.
    pub fn leave(mut self, shut: impl FnOnce(&mut S), limit: usize) -> S {
        shut(&mut self.stream);
        discard(&mut self.stream, self.inbox.bytes_mut(), limit);
        self.stream
    }

    /// The stream.
    pub const fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    fn advance(
        &mut self,
        see: &mut impl FnMut(Seen, &[u8]),
    ) -> Result<Option<Upgrade>, Error<S::Error>> {
        loop {
            let unread = self.inbox.unread_bytes();
            let progress = self.handshake.receive(unread, self.inbox.capacity())?;
            if let Some(seen) = progress.seen {
                see(seen, unread);
            }
            self.inbox.consume(progress.consumed);
            match progress.seen {
                Some(Seen::Complete(upgrade)) => return Ok(Some(upgrade)),
                None => return Ok(None),
                Some(_) => {}
            }
        }
    }

    /// Writes a head through the larger of the two buffers.
    fn send(&mut self, head: &OutgoingHead<'_>) -> Result<(), Error<S::Error>> {
        write_head(&mut self.stream, head, self.inbox.staging(self.tx.as_mut()))
    }

    fn open(self) -> Result<WebSocket<S, Server, Rx, Tx>, Error<S::Error>> {
        let endpoint = Endpoint::new(Server, self.max_message, self.inbox, self.tx)?;
        Ok(WebSocket::new(self.stream, endpoint))
    }

    fn fill(&mut self) -> Result<(), Error<S::Error>> {
        match self.stream.read(self.inbox.space()).map_err(Error::Io)? {
            0 => Err(Error::Ended),
            len => {
                self.inbox.filled(len);
                Ok(())
            }
        }
    }
}

impl<S, Rx, Tx> WebSocket<S, Server, Rx, Tx>
where
    S: Read + Write,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
{
    /// Reads a client's opening handshake and accepts it, whatever its target and origin; a bad one
    /// is refused with its HTTP status and no words ([`Refusal::terse`]). [`Accept`] is the same in
    /// steps, for those who look, and who want to be sure that a refusal arrives and says why.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] once the refusal has been sent; [`Error::Misuse`] if a buffer is too
    /// small; the stream's.
    pub fn accept(stream: S, rx: Rx, tx: Tx) -> Result<Self, Error<S::Error>> {
        let mut accept = Accept::new(stream, rx, tx)?;
        // One head to send, whatever the answer: the smaller program.
        let answer = match accept.read(|_, _| {}) {
            Ok(upgrade) => Ok(upgrade),
            Err(Error::Refused(refusal)) => Err(refusal),
            Err(error) => return Err(error),
        };
        let head = match &answer {
            Ok(upgrade) => upgrade.response(None, &[])?,
            Err(refusal) => {
                #[cfg(feature = "defmt")]
                defmt::debug!("websocket: refused, {}", refusal);
                accept.inbox.clear();
                refusal.terse()
            }
        };
        accept.send(&head)?;
        answer?;
        accept.open()
    }
}
