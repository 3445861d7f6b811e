//! One step of a superloop: never waits, keeps the clocks.
//!
//! ```
//! use embedded_io::{Read, ReadReady, Write, WriteReady};
//! use ws_core::connection::{Time, Timing};
//! use ws_core::endpoint::Timers;
//! use ws_core::io::{Step, WebSocket};
//! use ws_core::{Entropy, Error, Server, Take};
//!
//! struct Client<S, C, E> {
//!     socket: WebSocket<S, Server, [u8; 1024], [u8; 16]>,
//!     timers: Timers<C, E>, // Timers::new(Timing::DEFAULT, clock, entropy)
//! }
//!
//! /// One turn of the loop: false when the connection is over.
//! fn turn<S, C, E>(client: &mut Client<S, C, E>) -> Result<bool, Error<S::Error>>
//! where
//!     S: Read + Write + ReadReady + WriteReady,
//!     C: FnMut() -> Time,
//!     E: Entropy,
//! {
//!     match client.socket.step(Take::Messages, &mut client.timers)? {
//!         Step::Data(message) => message.stage_echo()?,
//!         Step::Idle(_next) => {} // other connections, other work; sleep until then
//!         Step::Closed => return Ok(false),
//!     }
//!     Ok(true)
//! }
//! ```

use core::fmt;

use embedded_io::{Read, ReadReady, Write, WriteReady};

use super::{Message, WebSocket, write_some};
use crate::connection::{Expired, Time};
use crate::endpoint::{Data, Next, Take, Timers};
use crate::error::Error;
use crate::frame::Close;
use crate::role::{Entropy, Role};

/// What a step came to.
pub enum Step<'a, S, R, Rx, Tx> {
    /// A message, or a piece of one. Answer it without waiting: [`Message::stage_echo`],
    /// [`Message::stage_reply`].
    Data(Message<'a, S, R, Rx, Tx>),
    /// Nothing to do before something arrives, or this moment comes: if it is past, there is more to
    /// read, and other connections have their turn first.
    Idle(Time),
    /// The closing handshake is over: [`WebSocket::leave`].
    Closed,
}

impl<S, R, Rx, Tx> WebSocket<S, R, Rx, Tx>
where
    S: Read + Write + ReadReady + WriteReady,
    R: Role,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
{
    /// Does what can be done without waiting: writes and reads while the stream is ready, sends
    /// Pings when they are due. For loops that serve several connections, or need timers.
    ///
    /// It does not flush the stream, for that may wait: the stream must send by itself what it has
    /// taken, or be flushed by the caller between two steps. [`flush`](Self::flush) and
    /// [`leave`](Self::leave) do flush.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::receive`]; [`Error::Expired`] if a deadline has passed: the Close that
    /// says so has been written, if the stream took it at once.
    pub fn step<C, E>(
        &mut self,
        take: Take,
        timers: &mut Timers<C, E>,
    ) -> Result<Step<'_, S, R, Rx, Tx>, Error<S::Error>>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        timers.output(&mut self.endpoint, false);
        loop {
            match self.advance(take, timers)? {
                Advance::Data(data) => return Ok(Step::Data(Message::new(self, data))),
                Advance::Closed => return Ok(Step::Closed),
                Advance::Waiting => {}
                Advance::Busy => return Ok(Step::Idle(Time::default())),
            }
            // All that has arrived is read: only now may deadlines judge the peer.
            if let Err(expired) = timers.tick() {
                self.expire(expired);
                return Err(expired.into());
            }
            if !timers.stage_ping(&mut self.endpoint) {
                return Ok(Step::Idle(timers.poll_timeout()));
            }
        }
    }

    fn advance<C, E>(
        &mut self,
        take: Take,
        timers: &mut Timers<C, E>,
    ) -> Result<Advance, Error<S::Error>>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        let mut reads = 0;
        loop {
            let next = self.endpoint.poll(take).map_err(Error::widen)?;
            timers.phase(self.endpoint.phase());
            match next {
                Next::Write => {
                    if !self.write_if_ready(timers)? {
                        return Ok(Advance::Waiting);
                    }
                }
                Next::Read => {
                    timers.rested(self.endpoint.incoming().progress(self.endpoint.unread()));
                    if !self.stream.read_ready().map_err(Error::Io)? {
                        return Ok(Advance::Waiting);
                    }
                    if reads == READS_PER_STEP {
                        return Ok(Advance::Busy);
                    }
                    reads += 1;
                    let len = self.stream.read(self.endpoint.space()).map_err(Error::Io)?;
                    self.endpoint.filled(len).map_err(Error::widen)?;
                    timers.heard();
                }
                Next::Data(data) => {
                    timers.data(data);
                    return Ok(Advance::Data(data));
                }
                Next::Pong(payload) => timers.pong(payload.of(self.endpoint.bytes())),
                Next::Closed => return Ok(Advance::Closed),
            }
        }
    }

    fn write_if_ready<C, E>(&mut self, timers: &mut Timers<C, E>) -> Result<bool, Error<S::Error>>
    where
        C: FnMut() -> Time,
        E: Entropy,
    {
        let ready = self.stream.write_ready().map_err(Error::Io)?;
        let moved = if ready { write_some(&mut self.stream, self.endpoint.output())? } else { 0 };
        self.endpoint.wrote(moved);
        timers.output(&mut self.endpoint, false);
        Ok(ready)
    }

    /// Tries to tell the peer why, as far as the stream takes it at once.
    fn expire(&mut self, expired: Expired) {
        let Some(code) = expired.close_code() else { return };
        if self.endpoint.stage_close(Close::new(code, expired.text())).is_ok()
            && matches!(self.stream.write_ready(), Ok(true))
            && let Ok(len) = write_some(&mut self.stream, self.endpoint.output())
        {
            self.endpoint.wrote(len);
        }
    }
}

/// After so many reads without data the other connections of the loop have their turn: a peer that
/// floods us with Pings must not keep us here.
const READS_PER_STEP: usize = 8;

/// How far [`WebSocket::advance`] came.
enum Advance {
    Data(Data),
    Closed,
    /// For the stream.
    Waiting,
    /// There is more to read, at the next step.
    Busy,
}

/// The stream is not asked to be printed.
impl<S, R, Rx, Tx> fmt::Debug for Step<'_, S, R, Rx, Tx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(message) => f.debug_tuple("Data").field(message).finish(),
            Self::Idle(until) => f.debug_tuple("Idle").field(until).finish(),
            Self::Closed => f.write_str("Closed"),
        }
    }
}

#[cfg(feature = "defmt")]
impl<S, R, Rx, Tx> defmt::Format for Step<'_, S, R, Rx, Tx> {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self {
            Self::Data(message) => defmt::write!(f, "Data({})", message),
            Self::Idle(until) => defmt::write!(f, "Idle({})", until),
            Self::Closed => defmt::write!(f, "Closed"),
        }
    }
}
