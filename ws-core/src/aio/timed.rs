//! Receiving with heartbeat and deadlines, whatever sleeps.

use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

use embedded_io_async::{Read, Write};

use super::{Message, Taken, WebSocket, write_some};
use crate::connection::Time;
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
    /// Race it against a sleep until [`Timers::poll_timeout`], and whoever wins, call it again: it
    /// looks at the clock whenever the stream keeps it waiting. So all that has arrived is read
    /// before a peer is judged, however late we come. Sleep no longer than a deadline may be late,
    /// since one that begins while it waits (a message's, a stalled write's) cannot wake the sleep.
    ///
    /// ```
    /// use core::pin::pin;
    /// use core::task::Poll;
    ///
    /// use embedded_io_async::{Read, Write};
    /// use ws_core::connection::Time;
    /// use ws_core::endpoint::Timers;
    /// use ws_core::{Entropy, Error, Server, Take, aio::WebSocket};
    ///
    /// async fn serve<S, C, E>(
    ///     socket: &mut WebSocket<S, Server, [u8; 1024], [u8; 16]>,
    ///     mut timers: Timers<C, E>, // Timers::new(Timing::DEFAULT, clock, entropy)
    ///     sleep_until: impl AsyncFn(Time),
    /// ) -> Result<(), Error<S::Error>>
    /// where
    ///     S: Read + Write,
    ///     C: FnMut() -> Time,
    ///     E: Entropy,
    /// {
    ///     loop {
    ///         let sleep = sleep_until(timers.poll_timeout()); // at most some seconds
    ///         match select(socket.receive_timed(Take::Messages, &mut timers), sleep).await {
    ///             Some(received) => match received? {
    ///                 Some(message) => message.stage_echo()?,
    ///                 None => return Ok(()), // WebSocket::leave
    ///             },
    ///             None => {} // the sleep has won
    ///         }
    ///     }
    /// }
    ///
    /// /// What every runtime has.
    /// async fn select<T>(one: impl Future<Output = T>, sleep: impl Future) -> Option<T> {
    ///     let (mut one, mut sleep) = (pin!(one), pin!(sleep));
    ///     core::future::poll_fn(|context| match one.as_mut().poll(context) {
    ///         Poll::Ready(output) => Poll::Ready(Some(output)),
    ///         Poll::Pending => sleep.as_mut().poll(context).map(|_| None),
    ///     })
    ///     .await
    /// }
    /// ```
    ///
    /// Cancel-safe as [`receive`](Self::receive) is.
    ///
    /// # Errors
    ///
    /// As for [`receive`](Self::receive); [`Error::Expired`] if a deadline has passed. The Close
    /// that says so is staged, if there was room: [`flush`](Self::flush) it with a limit of time,
    /// then drop the connection.
    pub async fn receive_timed<C, E>(
        &mut self,
        take: Take,
        timers: &mut Timers<C, E>,
    ) -> Taken<'_, S, R, Rx, Tx>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        self.look(timers);
        loop {
            let next = match self.endpoint.poll(take) {
                Ok(next) => next,
                Err(error) => {
                    // The Close that says why must not stay behind in the stream; whether it gets
                    // through or not, this is the error.
                    while self.endpoint.is_unflushed() && self.flush_timed(timers).await.is_ok() {}
                    self.endpoint.flushed();
                    return Err(error.widen());
                }
            };
            timers.phase(self.endpoint.phase());
            match next {
                Next::Write => self.write_timed(timers).await?,
                Next::Read | Next::Closed if self.endpoint.is_unflushed() => {
                    self.flush_timed(timers).await?
                }
                Next::Read => self.read_timed(timers).await?,
                Next::Data(data) => {
                    timers.data(data);
                    return Ok(Some(Message::new(self, data)));
                }
                Next::Pong(payload) => timers.pong(payload.of(self.endpoint.bytes())),
                Next::Closed => return Ok(None),
            }
        }
    }

    /// Lets the clocks see what has left.
    fn look<C, E>(&mut self, timers: &mut Timers<C, E>)
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        let is_held = self.endpoint.is_unflushed();
        timers.output(&mut self.endpoint, is_held);
    }

    async fn write_timed<C, E>(&mut self, timers: &mut Timers<C, E>) -> Result<(), Error<S::Error>>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        self.look(timers);
        let write = write_some(&mut self.stream, self.endpoint.output());
        let Some(written) = until_due(write, timers).await else { return self.judge(timers) };
        self.endpoint.wrote(written?);
        self.look(timers);
        Ok(())
    }

    /// A stream that does not send what it has taken is one that takes nothing: the peer does not
    /// read.
    async fn flush_timed<C, E>(&mut self, timers: &mut Timers<C, E>) -> Result<(), Error<S::Error>>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        let flush = self.stream.flush();
        let Some(flushed) = until_due(flush, timers).await else { return self.judge(timers) };
        flushed.map_err(Error::Io)?;
        self.endpoint.flushed();
        self.look(timers);
        Ok(())
    }

    async fn read_timed<C, E>(&mut self, timers: &mut Timers<C, E>) -> Result<(), Error<S::Error>>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        timers.rested(self.endpoint.incoming().progress(self.endpoint.unread()));
        if timers.stage_ping(&mut self.endpoint) {
            return Ok(());
        }
        let read = self.stream.read(self.endpoint.space());
        let Some(read) = until_due(read, timers).await else { return self.judge(timers) };
        self.endpoint.filled(read.map_err(Error::Io)?).map_err(Error::widen)?;
        timers.heard();
        Ok(())
    }

    /// Lets deadlines expire; a Ping that is due is staged when we would read next.
    fn judge<C, E>(&mut self, timers: &mut Timers<C, E>) -> Result<(), Error<S::Error>>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        let Err(expired) = timers.tick() else { return Ok(()) };
        if let Some(code) = expired.close_code() {
            // Whether there was room or not, the connection is over.
            let _ = self.endpoint.stage_close(Close::new(code, expired.text()));
        }
        Err(expired.into())
    }
}

/// Waits for the stream until something is due; the stream comes first.
async fn until_due<F, C, E>(future: F, timers: &mut Timers<C, E>) -> Option<F::Output>
where
    F: Future,
    C: FnMut() -> Time,
    E: Entropy,
{
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if timers.is_due() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}
