//! A message, lent from the receive buffer, that can be answered.

use core::fmt;

use embedded_io::{Read, Write};

use super::WebSocket;
use crate::connection::Frame;
use crate::endpoint::Data;
use crate::error::Error;
use crate::frame::Kind;
use crate::role::Role;

/// A message, or a piece of one, that lies in the receive buffer.
///
/// It holds the WebSocket, and can answer through it: in the same buffer, since the message is
/// done with then. Dropping it is enough to go on.
pub struct Message<'a, S, R, Rx, Tx> {
    socket: &'a mut WebSocket<S, R, Rx, Tx>,
    data: Data,
}

impl<'a, S, R, Rx, Tx> Message<'a, S, R, Rx, Tx>
where
    S: Read + Write,
    R: Role,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
{
    pub(super) const fn new(socket: &'a mut WebSocket<S, R, Rx, Tx>, data: Data) -> Self {
        Self { socket, data }
    }

    /// Text or binary.
    pub const fn kind(&self) -> Kind {
        self.data.kind
    }

    /// Whether the message begins with this piece: always, if it was taken whole.
    pub const fn begins(&self) -> bool {
        self.data.begins
    }

    /// Whether the message ends with this piece: always, if it was taken whole.
    pub const fn ends(&self) -> bool {
        self.data.ends
    }

    /// Whether it is compressed, which it only is where that was agreed on: it is to be inflated then.
    pub const fn compressed(&self) -> bool {
        self.data.is_compressed()
    }

    /// What it is, to be inflated.
    #[cfg(feature = "deflate")]
    pub const fn data(&self) -> Data {
        self.data
    }

    /// The payload.
    pub fn bytes(&self) -> &[u8] {
        self.data.span.of(self.socket.endpoint.bytes())
    }

    /// The payload, to be changed before it is echoed.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.data.span.of_mut(self.socket.endpoint.bytes_mut())
    }

    /// The payload of a text message; none if it is binary, or compressed, or a piece that was cut
    /// inside a character.
    ///
    /// It was checked as it arrived, and is checked again here, because there is no other way to a
    /// `str` without `unsafe`; [`bytes`](Self::bytes) costs nothing.
    pub fn text(&self) -> Option<&str> {
        match self.data.kind {
            Kind::Text if !self.compressed() => core::str::from_utf8(self.bytes()).ok(),
            _ => None,
        }
    }

    /// Sends it back as it is: no copy. Pieces of a binary frame leave as pieces of one frame, and
    /// nothing else may be sent before the last of them; pieces of text leave as fragments.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::send`].
    pub fn echo(self) -> Result<(), Error<S::Error>> {
        let Self { socket, data } = self;
        socket.endpoint.stage_echo(data).map_err(Error::widen)?;
        socket.flush()
    }

    /// Sends an answer, staged in the memory of this message.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::send`].
    pub fn reply(self, kind: Kind, payload: &[u8]) -> Result<(), Error<S::Error>> {
        self.socket.send(kind, payload)
    }

    /// Sends a text as the answer.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::send`].
    pub fn reply_text(self, text: &str) -> Result<(), Error<S::Error>> {
        self.reply(Kind::Text, text.as_bytes())
    }

    /// Stages this as it is to be sent back by later steps, and does not wait for the stream.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] after our Close.
    pub fn stage_echo(self) -> Result<(), Error<S::Error>> {
        self.socket.endpoint.stage_echo(self.data).map_err(Error::widen)
    }

    /// Stages an answer to be sent by later steps, and does not wait for the stream.
    ///
    /// # Errors
    ///
    /// [`Error::Full`] if it does not fit a buffer whole, and nothing is staged;
    /// [`Error::Misuse`] after our Close.
    pub fn stage_reply(self, kind: Kind, payload: &[u8]) -> Result<(), Error<S::Error>> {
        self.socket.stage(Frame::Message(kind), payload)
    }
}

/// Tells what it is and where it lies, and nothing of what it says.
impl<S, R, Rx, Tx> fmt::Debug for Message<'_, S, R, Rx, Tx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("data", &self.data).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<S, R, Rx, Tx> defmt::Format for Message<'_, S, R, Rx, Tx> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Message {{ data: {} }}", self.data);
    }
}
