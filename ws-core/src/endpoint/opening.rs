//! The server's opening handshake with the buffers of the WebSocket to be: all of it but the I/O.

use core::fmt;

use super::{Endpoint, Inbox};
use crate::decoder::{Decoder, Side};
use crate::error::{Error, Misuse};
#[cfg(feature = "deflate")]
use crate::handshake::DeflateAnswer;
use crate::handshake::server::Seen;
use crate::handshake::{MAX_HEAD, ServerHandshake, Upgrade};
use crate::role::Server;

/// A handshake that is read in the inbox and answered through whichever buffer is larger.
pub(crate) struct Opening<Rx, Tx> {
    inbox: Inbox<Rx>,
    tx: Tx,
    handshake: ServerHandshake,
    max_message: u64,
    /// What is answered to those who offer to compress, if anything is.
    #[cfg(feature = "deflate")]
    deflate: Option<DeflateAnswer>,
}

impl<Rx, Tx> Opening<Rx, Tx>
where
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
{
    pub(crate) fn new(rx: Rx, tx: Tx) -> Result<Self, Misuse> {
        let inbox = Inbox::new(rx, Side::Server)?;
        let handshake = ServerHandshake::new(MAX_HEAD);
        Ok(Self {
            inbox,
            tx,
            handshake,
            max_message: Decoder::DEFAULT_MAX_MESSAGE,
            #[cfg(feature = "deflate")]
            deflate: None,
        })
    }

    pub(crate) fn set_max_head(&mut self, bytes: u32) {
        self.handshake = ServerHandshake::new(bytes);
    }

    pub(crate) fn set_max_message(&mut self, bytes: u64) {
        self.max_message = bytes;
    }

    #[cfg(feature = "deflate")]
    pub(crate) fn set_deflate(&mut self, answer: DeflateAnswer) {
        self.deflate = Some(answer);
    }

    /// Shows what has arrived; tells the request once it is whole, and nothing if more is needed.
    pub(crate) fn advance(
        &mut self,
        see: &mut impl FnMut(Seen, &[u8]),
    ) -> Result<Option<Upgrade>, Error> {
        let capacity = self.inbox.capacity();
        let mut unread = self.inbox.unread_bytes();
        let arrived = unread.len();
        let upgrade = loop {
            let progress = self.handshake.receive(unread, capacity)?;
            if let Some(seen) = progress.seen {
                see(seen, unread);
            }
            #[cfg(feature = "deflate")]
            if let (Some(answer), Some(Seen::Field(field))) = (&mut self.deflate, progress.seen)
                && let Some(offers) = field.value("Sec-WebSocket-Extensions", unread)
            {
                answer.observe(offers);
            }
            unread = unread.get(progress.consumed..).unwrap_or_default();
            match progress.seen {
                #[cfg(feature = "deflate")]
                Some(Seen::Complete(upgrade)) => {
                    let chosen = self.deflate.and_then(|answer| answer.chosen());
                    break Some(chosen.map_or(upgrade, |answer| upgrade.with_deflate(answer)));
                }
                #[cfg(not(feature = "deflate"))]
                Some(Seen::Complete(upgrade)) => break Some(upgrade),
                None => break None,
                Some(_) => {}
            }
        };
        let left = unread.len();
        self.inbox.consume(arrived.saturating_sub(left));
        Ok(upgrade)
    }

    /// Free memory to read into.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        self.inbox.space()
    }

    /// So many bytes have been read into it: none is the end of the stream.
    pub(crate) fn filled(&mut self, len: usize) -> Result<(), Error> {
        if len == 0 {
            return Err(Error::Ended);
        }
        self.inbox.filled(len);
        Ok(())
    }

    /// Memory to write the answer through.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        self.inbox.staging(self.tx.as_mut())
    }

    /// Nobody will read what has arrived: all of its memory is free for a refusal.
    pub(crate) fn give_up(&mut self) {
        self.inbox.clear();
    }

    /// All of the receive buffer, when nothing in it is of use any more.
    pub(crate) fn buffer(&mut self) -> &mut [u8] {
        self.inbox.bytes_mut()
    }

    /// The endpoint that frames are exchanged with from here on, as this has agreed.
    pub(crate) fn into_endpoint(
        self,
        _upgrade: &Upgrade,
    ) -> Result<Endpoint<Server, Rx, Tx>, Misuse> {
        let endpoint = Endpoint::new(Server, self.max_message, self.inbox, self.tx)?;
        #[cfg(feature = "deflate")]
        if let Some(agreement) = _upgrade.agreement() {
            return Ok(endpoint.with_deflate(agreement));
        }
        Ok(endpoint)
    }
}

/// Tells how much has arrived, and nothing of what it says.
impl<Rx, Tx> fmt::Debug for Opening<Rx, Tx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opening").field("inbox", &self.inbox).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<Rx, Tx> defmt::Format for Opening<Rx, Tx> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Opening {{ inbox: {} }}", self.inbox);
    }
}
