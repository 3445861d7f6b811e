//! The server's opening handshake over a stream.

use core::fmt;

use embedded_io_async::{Read, Write};

use super::{WebSocket, discard, write_head};
use crate::endpoint::Opening;
use crate::error::Error;
#[cfg(feature = "deflate")]
use crate::handshake::DeflateAnswer;
use crate::handshake::server::Seen;
use crate::handshake::{OutgoingHead, Refusal, Upgrade};
use crate::role::Server;

/// A stream whose client asks, or will ask, for a WebSocket.
///
/// ```no_run
/// # async fn serve(stream: impl embedded_io_async::Read + embedded_io_async::Write) {
/// use ws_core::handshake::{Subprotocols, server::Seen};
/// use ws_core::aio::Accept;
///
/// let mut chosen = Subprotocols::new(&["chat.v2", "chat"]);
/// let mut accept = Accept::new(stream, [0; 1024], [0; 256]).expect("the buffers are large enough");
/// let read = accept.read(|seen, bytes| {
///     if let Seen::Field(field) = seen
///         && let Some(value) = field.value("Sec-WebSocket-Protocol", bytes)
///     {
///         chosen.observe(value);
///     }
/// });
/// match read.await {
///     Ok(upgrade) => {
///         let socket = accept.accept(&upgrade, chosen.chosen(), &[]).await;
///     }
///     Err(ws_core::Error::Refused(refusal)) => accept.refuse(&refusal).await.unwrap_or_default(),
///     Err(_) => {} // the stream broke
/// }
/// # }
/// ```
pub struct Accept<S, Rx, Tx> {
    stream: S,
    opening: Opening<Rx, Tx>,
}

/// Tells how much has arrived, and nothing of what it says.
impl<S, Rx, Tx> fmt::Debug for Accept<S, Rx, Tx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accept").field("opening", &self.opening).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<S, Rx, Tx> defmt::Format for Accept<S, Rx, Tx> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Accept {{ opening: {} }}", self.opening);
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
        Ok(Self { stream, opening: Opening::new(rx, tx)? })
    }

    /// Takes request heads of up to `bytes`; [`MAX_HEAD`](crate::handshake::MAX_HEAD) unless this is said.
    #[must_use]
    pub fn with_max_head(mut self, bytes: u32) -> Self {
        self.opening.set_max_head(bytes);
        self
    }

    /// Takes messages of up to `bytes`, inclusive: see [`Decoder::with_max_message`](crate::Decoder::with_max_message).
    #[must_use]
    pub fn with_max_message(mut self, bytes: u64) -> Self {
        self.opening.set_max_message(bytes);
        self
    }

    /// Answers offers to compress with this. Whether the client agrees, [`WebSocket::deflated`] tells.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn with_deflate(mut self, answer: DeflateAnswer) -> Self {
        self.opening.set_deflate(answer);
        self
    }

    /// Reads the request, and shows every line of it as it passes.
    ///
    /// Cancel-safe: a line is shown once, and the next call goes on behind it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it is no valid request for a WebSocket: [`refuse`](Self::refuse) it,
    /// or answer it otherwise through [`stream`](Self::stream) (a plain HTTP request is
    /// [`Refusal::NotUpgrade`]).
    pub async fn read(
        &mut self,
        mut see: impl FnMut(Seen, &[u8]),
    ) -> Result<Upgrade, Error<S::Error>> {
        loop {
            if let Some(upgrade) = self.opening.advance(&mut see).map_err(Error::widen)? {
                return Ok(upgrade);
            }
            self.fill().await?;
        }
    }

    /// Opens the WebSocket, with the subprotocol that was chosen and headers of the application.
    ///
    /// Not cancel-safe: dropping it drops the stream.
    ///
    /// # Errors
    ///
    /// [`Misuse::Header`](crate::Misuse::Header) if one of them would break the response; the
    /// stream's.
    pub async fn accept(
        mut self,
        upgrade: &Upgrade,
        subprotocol: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<WebSocket<S, Server, Rx, Tx>, Error<S::Error>> {
        self.send(&upgrade.response(subprotocol, headers)?).await?;
        self.open(upgrade)
    }

    /// Sends the HTTP response of a refusal. Then [`leave`](Self::leave), so that it arrives.
    ///
    /// Not cancel-safe: called again, it begins again.
    ///
    /// # Errors
    ///
    /// The stream's.
    pub async fn refuse(&mut self, refusal: &Refusal) -> Result<(), Error<S::Error>> {
        #[cfg(feature = "defmt")]
        defmt::debug!("websocket: refused, {}", refusal);
        self.opening.give_up();
        self.send(&refusal.response()).await
    }

    /// Ends well after an answer that is no WebSocket: lets `shut` shut down the write side of the
    /// stream, reads and throws away up to `limit` bytes or until the client closes, and gives the
    /// stream back to be dropped. Without this, an answer to a client that is still sending may be
    /// lost in a reset. Race it against a sleep: a client may never close.
    ///
    /// Dropping it drops the stream: after so long a wait nothing better is left to do.
    pub async fn leave(mut self, shut: impl FnOnce(&mut S), limit: usize) -> S {
        shut(&mut self.stream);
        discard(&mut self.stream, self.opening.buffer(), limit).await;
        self.stream
    }

    /// The stream.
    pub const fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Writes a head through the larger of the two buffers.
    async fn send(&mut self, head: &OutgoingHead<'_>) -> Result<(), Error<S::Error>> {
        write_head(&mut self.stream, head, self.opening.room()).await
    }

    fn open(self, upgrade: &Upgrade) -> Result<WebSocket<S, Server, Rx, Tx>, Error<S::Error>> {
        Ok(WebSocket::new(self.stream, self.opening.into_endpoint(upgrade)?))
    }

    async fn fill(&mut self) -> Result<(), Error<S::Error>> {
        let len = self.stream.read(self.opening.space()).await.map_err(Error::Io)?;
        self.opening.filled(len).map_err(Error::widen)
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
    /// Not cancel-safe: dropping it drops the stream.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] once the refusal has been sent; [`Error::Misuse`] if a buffer is too
    /// small; the stream's.
    pub async fn accept(stream: S, rx: Rx, tx: Tx) -> Result<Self, Error<S::Error>> {
        let mut accept = Accept::new(stream, rx, tx)?;
        // One head to send, whatever the answer: the smaller program.
        let answer = match accept.read(|_, _| {}).await {
            Ok(upgrade) => Ok(upgrade),
            Err(Error::Refused(refusal)) => Err(refusal),
            Err(error) => return Err(error),
        };
        let head = match &answer {
            Ok(upgrade) => upgrade.response(None, &[])?,
            Err(refusal) => {
                #[cfg(feature = "defmt")]
                defmt::debug!("websocket: refused, {}", refusal);
                accept.opening.give_up();
                refusal.terse()
            }
        };
        accept.send(&head).await?;
        accept.open(&answer?)
    }
}
