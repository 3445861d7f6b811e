//! Receiving with heartbeat and deadlines, whatever sleeps.

use embedded_io_async::{Read, Write};

use super::{Message, Taken, WebSocket, write_some};
use crate::connection::{Frame, Time};
use crate::endpoint::{Next, Take, Timers};
use crate::error::Error;
use crate::frame::Close;
use crate::role::{Entropy, Role};

impl<S, R, Rx, Tx> WebSocket<S, R, Rx, Tx>
where
    S: Read + Write,
    R: Role,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
{
    /// Receives as [`receive`](Self::receive) or [`receive_chunk`](Self::receive_chunk) does, and
    /// keeps the clocks.
    ///
    /// Race it against a sleep until [`Timers::poll_timeout`], and when the sleep wins, drop it,
    /// [`tend`](Self::tend) and begin again.
    ///
    /// Cancel-safe as [`receive`](Self::receive) is.
    ///
    /// # Errors
    ///
    /// As for [`receive`](Self::receive).
    pub async fn receive_timed<C, E>(
        &mut self,
        take: Take,
        timers: &mut Timers<C, E>,
    ) -> Taken<'_, S, R, Rx, Tx>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        loop {
            let next = self.endpoint.poll(take).map_err(Error::widen)?;
            timers.phase(self.endpoint.phase());
            match next {
                Next::Write => self.write_timed(timers).await?,
                Next::Read => {
                    self.flush().await?;
                    timers.rested(self.endpoint.incoming().progress(self.endpoint.unread()));
                    let space = self.endpoint.space();
                    let len = self.stream.read(space).await.map_err(Error::Io)?;
                    self.endpoint.filled(len).map_err(Error::widen)?;
                    timers.heard();
                }
                Next::Data(data) => {
                    timers.data(data);
                    return Ok(Some(Message::new(self, data)));
                }
                Next::Pong(payload) => timers.pong(payload.of(self.endpoint.bytes())),
                Next::Closed => return self.flush().await.map(|()| None),
            }
        }
    }

    /// Lets deadlines expire and stages the Ping that is due; the next receive sends it.
    ///
    /// # Errors
    ///
    /// [`Error::Expired`] if a deadline has passed. The Close that says so is staged, if there was
    /// room: [`flush`](Self::flush) it with a limit of time, then drop the connection.
    pub fn tend<C, E>(&mut self, timers: &mut Timers<C, E>) -> Result<(), Error<S::Error>>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        if let Err(expired) = timers.tick() {
            if let Some(code) = expired.close_code() {
                // Whether there was room or not, the connection is over.
                let _ = self.endpoint.stage_close(Close::new(code, expired.text()));
            }
            return Err(expired.into());
        }
        if let Some(nonce) = timers.take_ping(&self.endpoint) {
            self.endpoint.stage(Frame::Ping, &nonce).map_err(Error::widen)?;
        }
        Ok(())
    }

    async fn write_timed<C, E>(&mut self, timers: &mut Timers<C, E>) -> Result<(), Error<S::Error>>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        timers.wrote(0, self.endpoint.output().len());
        let len = write_some(&mut self.stream, self.endpoint.output()).await?;
        self.endpoint.wrote(len);
        self.unflushed = true;
        timers.wrote(len, self.endpoint.output().len());
        Ok(())
    }
}
