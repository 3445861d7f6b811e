//! Clients of a loop that never waits.
//!
//! ```text
//!   Free ── welcome ──▶ Opening ── upgrade ──▶ Open ── Close, a broken rule, a deadline ──┐
//!    ▲                     └────── anything else ──▶ Answering ──────────────────────────┤
//!    └───── the peer has closed, or its time is up ──────────── Leaving ◀────────────────┘
//! ```

use core::{fmt, mem};

use device_app::{Answer, Device, Session, Visit, Vitals};
use ws_core::connection::{Time, Timing};
use ws_core::endpoint::Timers;
use ws_core::io::{Accept, WebSocket};
use ws_core::{Entropy, Error, Server};

use crate::converse::converse;
use crate::stream::Stream;

/// How much of what a peer still sends is read before its connection is closed.
const LINGER: usize = 64 * 1024;

/// A place for one connection: its stream `S`, the buffers `Rx` and `Tx` that it borrows, the clock
/// `C` and the entropy `E`.
pub struct Slot<S, Rx, Tx, C, E> {
    state: State<S, Rx, Tx, C, E>,
    timing: Timing,
    clock: C,
    entropy: E,
}

/// The states are of similar size: a slot is as large as the largest.
enum State<S, Rx, Tx, C, E> {
    Free,
    Opening { accept: Accept<S, Rx, Tx>, visit: Visit, by: Time },
    Open { socket: WebSocket<S, Server, Rx, Tx>, timers: Timers<C, E>, session: Session },
    Answering { stream: S, answer: Answer, sent: usize, by: Time },
    Leaving { stream: S, left: usize, by: Time },
}

impl<S, Rx, Tx, C, E> Slot<S, Rx, Tx, C, E>
where
    S: Stream,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
    C: FnMut() -> Time + Clone,
    E: Entropy + Clone,
{
    /// A place that is free.
    pub const fn new(timing: Timing, clock: C, entropy: E) -> Self {
        Self { state: State::Free, timing, clock, entropy }
    }

    /// Whether there is no connection here.
    pub const fn is_free(&self) -> bool {
        matches!(self.state, State::Free)
    }

    /// A client has connected.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if `rx` is too small for a WebSocket.
    pub fn welcome(&mut self, stream: S, rx: Rx, tx: Tx) -> Result<(), Error<S::Error>> {
        let by = (self.clock)().after(self.timing.handshake_within);
        // An echo is of any size; commands are bounded by the buffer that they must fit.
        let accept = Accept::new(stream, rx, tx)?.with_max_message(u64::MAX);
        self.state = State::Opening { accept, visit: Visit::NEW, by };
        Ok(())
    }

    /// Does what can be done without waiting, and tells when there will be something to do though
    /// nothing arrives: a moment that is past means at once.
    pub fn turn(&mut self, device: &mut Device, vitals: Vitals) -> Time {
        let now = (self.clock)();
        match &mut self.state {
            State::Free => Time::NEVER,
            State::Opening { .. } => self.opening(device, now),
            State::Open { socket, timers, session } => {
                match converse(socket, timers, session, device, vitals, now) {
                    Ok(Some(next)) => next,
                    // A client that has ended without a word may still listen.
                    Ok(None) | Err(Error::Violation(_) | Error::Expired(_) | Error::Ended) => {
                        self.part(device, now)
                    }
                    // The stream has broken.
                    Err(_) => {
                        self.state = State::Free;
                        device.clients = device.clients.saturating_sub(1);
                        now
                    }
                }
            }
            State::Answering { .. } => self.answering(device, now),
            State::Leaving { .. } => self.leaving(now),
        }
    }

    fn opening(&mut self, device: &mut Device, now: Time) -> Time {
        let State::Opening { accept, visit, by } = &mut self.state else { return now };
        let seen = match accept.step(|seen, bytes| visit.see(seen, bytes)) {
            Ok(None) if *by > now => return *by,
            Ok(Some(upgrade)) => visit.upgrade(now).map(|session| (upgrade, session)),
            Err(Error::Refused(refusal)) => Err(refusal),
            // Too late, or the stream has ended.
            Ok(None) | Err(_) => {
                self.state = State::Free;
                return now;
            }
        };
        let State::Opening { accept, visit, .. } = mem::replace(&mut self.state, State::Free)
        else {
            return now;
        };
        match seen {
            Ok((upgrade, session)) => {
                // Nothing has been written yet, so that the stream has room for the response.
                if let Ok(socket) = accept.accept(&upgrade, None, &[]) {
                    device.clients = device.clients.saturating_add(1);
                    let timers = Timers::new(self.timing, self.clock.clone(), self.entropy.clone());
                    self.state = State::Open { socket, timers, session };
                }
            }
            Err(refusal) => {
                let stream = accept.leave(|_| {}, 0);
                let by = now.after(self.timing.write_within);
                self.state =
                    State::Answering { stream, answer: visit.answer(refusal), sent: 0, by };
            }
        }
        now
    }

    fn answering(&mut self, device: &mut Device, now: Time) -> Time {
        let State::Answering { stream, answer, sent, .. } = &mut self.state else { return now };
        let mut part = [0; 128];
        loop {
            let len = answer.write(*sent, &mut part);
            if len == 0 {
                return self.part(device, now);
            }
            if !matches!(stream.write_ready(), Ok(true)) {
                return self.unless_late(now);
            }
            match stream.write(part.get(..len).unwrap_or_default()) {
                Ok(0) | Err(_) => {
                    self.state = State::Free;
                    return now;
                }
                Ok(len) => *sent = sent.saturating_add(len),
            }
        }
    }

    /// "Closing the connection cleanly" (RFC 6455 section 7.1.1): a peer that still sends would
    /// otherwise get a reset in place of our last words.
    fn part(&mut self, device: &mut Device, now: Time) -> Time {
        let mut stream = match mem::replace(&mut self.state, State::Free) {
            State::Open { socket, .. } => {
                device.clients = device.clients.saturating_sub(1);
                // Nothing that would have to wait is written: a Close has left, or has no room.
                socket.leave(|_| {}, 0)
            }
            State::Answering { stream, .. } => stream,
            _ => return now,
        };
        stream.hang_up();
        self.state =
            State::Leaving { stream, left: LINGER, by: now.after(self.timing.close_within) };
        now
    }

    fn leaving(&mut self, now: Time) -> Time {
        let State::Leaving { stream, left, .. } = &mut self.state else { return now };
        let mut waste = [0; 128];
        while let Ok(true) = stream.read_ready() {
            match stream.read(&mut waste) {
                // The peer will say no more, but our last words are still on their way.
                Ok(0) if !stream.is_drained() => break,
                Ok(len @ 1..) if len < *left => *left = left.saturating_sub(len),
                _ => {
                    self.state = State::Free;
                    return now;
                }
            }
        }
        self.unless_late(now)
    }

    /// Waits on, until the time of this state is up.
    fn unless_late(&mut self, now: Time) -> Time {
        match self.state {
            State::Answering { by, .. } | State::Leaving { by, .. } if by > now => by,
            _ => {
                self.state = State::Free;
                now
            }
        }
    }
}

/// Tells its state, and nothing of what passes through it.
impl<S, Rx, Tx, C, E> fmt::Debug for Slot<S, Rx, Tx, C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Free => "Free",
            State::Opening { .. } => "Opening",
            State::Open { .. } => "Open",
            State::Answering { .. } => "Answering",
            State::Leaving { .. } => "Leaving",
        })
    }
}
