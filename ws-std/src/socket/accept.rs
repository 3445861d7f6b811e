//! The server's side, for programs with a thread per connection, and for tests.

use std::io::{self, Read, Write};

use ws_core::Server;
use ws_core::handshake::server::Seen;
use ws_core::handshake::{MAX_HEAD, OutgoingHead, ServerHandshake, Subprotocols};

use super::{Error, Settings, WebSocket};

impl<S: Read + Write> WebSocket<S, Server> {
    /// Waits for a client's opening handshake and accepts it, whatever it asks for.
    ///
    /// This is for simple programs and for tests: no Origin is looked at, and no deadline set but
    /// those of the stream. The server of this crate does both. With
    /// [controls](WebSocket::controlled_by) at least the end is waited for, and not for ever.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the request is not valid, and the client has been told so; the
    /// stream's.
    pub fn accept(stream: S) -> Result<Self, Error> {
        Self::accept_with(stream, &[])
    }

    /// The same with the subprotocols that we speak, the best first.
    ///
    /// # Errors
    ///
    /// As for [`accept`](Self::accept).
    pub fn accept_with(mut stream: S, subprotocols: &[&str]) -> Result<Self, Error> {
        let mut chosen = Subprotocols::new(subprotocols);
        let mut handshake = ServerHandshake::default();
        // All of the longest head fits, so that every line is seen whole.
        let mut buffer = vec![0; MAX_HEAD as usize + 4];
        let (mut start, mut end) = (0, 0);
        let upgrade = loop {
            let unread = buffer.get(start..end).unwrap_or_default();
            let progress = match handshake.receive(unread, buffer.len()) {
                Ok(progress) => progress,
                Err(refusal) => {
                    write_head(&mut stream, &refusal.response())?;
                    return Err(refusal.into());
                }
            };
            match progress.seen {
                Some(Seen::Field(field)) => {
                    if let Some(value) = field.value("Sec-WebSocket-Protocol", unread) {
                        chosen.observe(value);
                    }
                }
                Some(Seen::Complete(upgrade)) => {
                    start += progress.consumed;
                    break upgrade;
                }
                Some(Seen::Request { .. }) => {}
                None => match stream.read(buffer.get_mut(end..).unwrap_or_default())? {
                    0 => return Err(Error::Ended),
                    len => end += len,
                },
            }
            start += progress.consumed;
        };
        let chosen = chosen.chosen();
        let response = upgrade.response(chosen, &[]).map_err(ws_core::Misuse::Header)?;
        write_head(&mut stream, &response)?;
        let already = buffer.get(start..end).unwrap_or_default();
        let subprotocol = chosen.map(String::from);
        Ok(Self::new(stream, Server, &Settings::DEFAULT, already, subprotocol, None))
    }
}

/// Sends a head in one write.
pub(crate) fn write_head(stream: &mut impl Write, head: &OutgoingHead<'_>) -> io::Result<()> {
    let mut bytes = vec![0; head.len()];
    head.write(0, &mut bytes);
    stream.write_all(&bytes)?;
    stream.flush()
}
