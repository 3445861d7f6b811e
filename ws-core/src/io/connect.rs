//! The client's opening handshake over a stream.

use core::fmt;

use embedded_io::{Read, Write};

use super::{WebSocket, write_head};
use crate::decoder::{Decoder, Side};
use crate::endpoint::{Endpoint, Inbox};
use crate::error::Error;
use crate::handshake::ClientHandshake;
#[cfg(feature = "deflate")]
use crate::handshake::DeflateOffer;
use crate::handshake::client::Seen;
use crate::role::{Client, Entropy};

/// What a client asks for.
///
/// ```no_run
/// # fn call(stream: impl embedded_io::Read + embedded_io::Write, entropy: impl ws_core::Entropy) {
/// use ws_core::io::Connect;
///
/// let connect = Connect { subprotocols: &["chat"], ..Connect::to("example.com", "/chat") };
/// match connect.open(stream, entropy, [0; 1024], [0; 256], |_, _| {}) {
///     Ok((socket, subprotocol)) => assert!(matches!(subprotocol, None | Some(0))),
///     Err(error) => {}
/// }
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Connect<'a> {
    /// The host, with its port unless that is the default one.
    pub host: &'a str,
    /// The path, from its first slash on, and the query.
    pub target: &'a str,
    /// The subprotocols to offer, the best first.
    pub subprotocols: &'a [&'a str],
    /// Headers of the application.
    pub headers: &'a [(&'a str, &'a str)],
    /// How many bytes the head of the response may have.
    pub max_head: u32,
    /// How large a message may be, inclusive.
    pub max_message: u64,
    /// What is offered about compression, if anything is: whether the server agrees,
    /// [`WebSocket::deflated`] tells.
    #[cfg(feature = "deflate")]
    pub deflate: Option<DeflateOffer>,
}

impl<'a> Connect<'a> {
    /// A host and a target, and nothing else asked for.
    pub const fn to(host: &'a str, target: &'a str) -> Self {
        Self {
            host,
            target,
            subprotocols: &[],
            headers: &[],
            max_head: crate::handshake::MAX_HEAD,
            max_message: Decoder::DEFAULT_MAX_MESSAGE,
            #[cfg(feature = "deflate")]
            deflate: None,
        }
    }

    /// Sends the request and reads the response, whose every line is shown as it passes. Tells
    /// the WebSocket, and which of the subprotocols the server chose.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if the server did not agree, or not properly: a redirect, say, whose
    /// `Location` was shown; [`Error::Misuse`] if a buffer is too small or the request cannot be
    /// made; the stream's.
    pub fn open<S, E, Rx, Tx>(
        &self,
        mut stream: S,
        mut entropy: E,
        rx: Rx,
        mut tx: Tx,
        mut see: impl FnMut(Seen, &[u8]),
    ) -> Result<Opened<S, E, Rx, Tx>, Error<S::Error>>
    where
        S: Read + Write,
        E: Entropy,
        Rx: AsRef<[u8]> + AsMut<[u8]>,
        Tx: AsRef<[u8]> + AsMut<[u8]>,
    {
        let mut inbox = Inbox::new(rx, Side::Client)?;
        let mut nonce = [0; 16];
        entropy.fill(&mut nonce);
        let mut handshake = ClientHandshake::with_max_head(nonce, self.subprotocols, self.max_head);
        #[cfg(feature = "deflate")]
        if let Some(offer) = self.deflate {
            handshake = handshake.with_deflate(offer);
        }
        let request = handshake.request(self.host, self.target, self.headers)?;
        write_head(&mut stream, &request, inbox.staging(tx.as_mut()))?;
        loop {
            let unread = inbox.unread_bytes();
            let progress = handshake.receive(unread, inbox.capacity())?;
            if let Some(seen) = progress.seen {
                see(seen, unread);
            }
            inbox.consume(progress.consumed);
            match progress.seen {
                Some(Seen::Complete { subprotocol }) => {
                    #[cfg_attr(not(feature = "deflate"), expect(unused_mut))]
                    let mut endpoint = Endpoint::new(Client(entropy), self.max_message, inbox, tx)?;
                    #[cfg(feature = "deflate")]
                    if let Some(agreement) = handshake.deflate() {
                        endpoint = endpoint.with_deflate(agreement);
                    }
                    return Ok((WebSocket::new(stream, endpoint), subprotocol));
                }
                Some(_) => {}
                None => match stream.read(inbox.space()).map_err(Error::Io)? {
                    0 => return Err(Error::Ended),
                    len => inbox.filled(len),
                },
            }
        }
    }
}

/// Tells neither the query nor the headers: they may hold secrets.
impl fmt::Debug for Connect<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect").field("host", &self.host).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Connect<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Connect {{ host: {=str} }}", self.host);
    }
}

/// An open WebSocket, and which of the offered subprotocols the server chose.
pub type Opened<S, E, Rx, Tx> = (WebSocket<S, Client<E>, Rx, Tx>, Option<usize>);

impl<S, E, Rx, Tx> WebSocket<S, Client<E>, Rx, Tx>
where
    S: Read + Write,
    E: Entropy,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
{
    /// Asks the server behind the stream for a WebSocket. [`Connect`] asks for more.
    ///
    /// # Errors
    ///
    /// As for [`Connect::open`].
    pub fn connect(
        stream: S,
        entropy: E,
        rx: Rx,
        tx: Tx,
        host: &str,
        target: &str,
    ) -> Result<Self, Error<S::Error>> {
        let (socket, _) = Connect::to(host, target).open(stream, entropy, rx, tx, |_, _| {})?;
        Ok(socket)
    }
}
