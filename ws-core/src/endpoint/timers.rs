//! The clocks of an endpoint, with the clock and the entropy that the caller hands in.

use core::fmt;

use crate::connection::{Deadlines, Due, Expired, Frame, Phase, Progress, Time, Timing};
use crate::decoder::Event;
use crate::role::{Entropy, Role};
use crate::span::Span;

use super::{Data, Endpoint};

/// Heartbeat and deadlines for a driver: `C` tells the time, `E` makes the nonces of Pings.
#[derive(Clone)]
pub struct Timers<C, E> {
    timing: Timing,
    deadlines: Deadlines,
    clock: C,
    entropy: E,
    /// The Ping that is due, until it is staged.
    ping: Option<[u8; 8]>,
    /// How many bytes the endpoint has still to write until the last of our staged Ping has left.
    ping_left: Option<usize>,
    /// Whether bytes were read whose events have not all been taken.
    heard: bool,
}

impl<C: FnMut() -> Time, E: Entropy> Timers<C, E> {
    /// The clocks of a connection whose opening handshake has just ended.
    pub fn new(timing: Timing, mut clock: C, mut entropy: E) -> Self {
        let now = clock();
        let mut phase = [0; 1];
        entropy.fill(&mut phase);
        let [phase] = phase;
        let mut deadlines = Deadlines::new(&timing, now);
        deadlines.opened(&timing, now, phase);
        Self { timing, deadlines, clock, entropy, ping: None, ping_left: None, heard: false }
    }

    /// When the connection must be looked after next, if nothing arrives before.
    pub fn poll_timeout(&self) -> Time {
        self.deadlines.poll_timeout()
    }

    /// The deadlines, for round trip times.
    pub const fn deadlines(&self) -> &Deadlines {
        &self.deadlines
    }

    pub(crate) fn pong(&mut self, payload: &[u8]) {
        let event = Event::Pong(Span::new(0, payload.len()));
        self.deadlines.event(&self.timing, (self.clock)(), &event, payload);
    }

    pub(crate) fn data(&mut self, data: Data) {
        if data.ends {
            self.deadlines.message_ended();
        }
    }

    /// Bytes were read.
    pub(crate) const fn heard(&mut self) {
        self.heard = true;
    }

    /// Everything that was read has been taken; the input stands so.
    pub(crate) fn rested(&mut self, progress: Progress) {
        if self.heard {
            self.heard = false;
            self.deadlines.read(&self.timing, (self.clock)(), progress);
        }
    }

    /// Looks at what has left and what waits: before each timed call, since an untimed one may have
    /// written, and after each attempt to write. `held` tells that the stream has taken bytes which
    /// it must still be made to send. While output waits we do not read, and do not judge.
    pub(crate) fn output<R, Rx, Tx>(&mut self, endpoint: &mut Endpoint<R, Rx, Tx>, held: bool)
    where
        R: Role,
        Rx: AsRef<[u8]> + AsMut<[u8]>,
        Tx: AsRef<[u8]> + AsMut<[u8]>,
    {
        let now = (self.clock)();
        let moved = endpoint.outbox.take_moved();
        let left = endpoint.outbox.waiting().len().saturating_add(usize::from(held));
        self.deadlines.wrote(&self.timing, now, moved, left);
        // Pauses are counted from one look to the next, so that a Ping which has left since then
        // does not get the time before as well.
        self.deadlines.resume(now);
        if let Some(ping_left) = self.ping_left {
            self.ping_left = Some(ping_left.saturating_sub(moved)).filter(|left| *left > 0);
            if self.ping_left.is_none() {
                self.deadlines.ping_left(&self.timing, now);
            }
        }
        if left > 0 {
            self.deadlines.pause(now);
        }
    }

    pub(crate) fn phase(&mut self, phase: Phase) {
        if matches!(phase, Phase::Closing | Phase::Closed) {
            self.deadlines.closing(&self.timing, (self.clock)());
        }
    }

    /// Lets deadlines expire; a Ping that is due waits until it can be staged.
    pub(crate) fn tick(&mut self) -> Result<(), Expired> {
        let entropy = &mut self.entropy;
        let nonce = || {
            let mut nonce = [0; 8];
            entropy.fill(&mut nonce);
            nonce
        };
        match self.deadlines.handle_timeout(&self.timing, (self.clock)(), nonce) {
            Some(Due::Ping(nonce)) => self.ping = Some(nonce),
            Some(Due::Expired(expired)) => {
                #[cfg(feature = "defmt")]
                defmt::warn!("websocket: expired, {}", expired);
                return Err(expired);
            }
            None => {}
        }
        Ok(())
    }

    /// Whether [`tick`](Self::tick) has something to do.
    #[cfg(feature = "async")]
    pub(crate) fn is_due(&mut self) -> bool {
        self.deadlines.poll_timeout() <= (self.clock)()
    }

    /// Stages the Ping that is due, and tells whether it did: not while a frame waits or is open,
    /// and never behind our Close. Without room for it, as while a message fills the only buffer,
    /// it stays due, and the limit of time for that message bounds how long.
    pub(crate) fn stage_ping<R, Rx, Tx>(&mut self, endpoint: &mut Endpoint<R, Rx, Tx>) -> bool
    where
        R: Role,
        Rx: AsRef<[u8]> + AsMut<[u8]>,
        Tx: AsRef<[u8]> + AsMut<[u8]>,
    {
        let Some(nonce) = self.ping else { return false };
        if endpoint.has_output()
            || endpoint.frame_left() > 0
            || endpoint.phase() != Phase::Open
            || endpoint.stage(Frame::Ping, &nonce).is_err()
        {
            return false;
        }
        self.ping = None;
        // Whatever was written before was looked at before: see `output`.
        self.ping_left = Some(endpoint.outbox.waiting().len());
        true
    }
}

/// The clock and the entropy are not asked to be printed: the state of the latter is a secret.
impl<C, E> fmt::Debug for Timers<C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers").field("deadlines", &self.deadlines).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<C, E> defmt::Format for Timers<C, E> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Timers {{ deadlines: {} }}", self.deadlines);
    }
}
