//! Is the peer still there? Pings with a nonce that the Pong must echo, and the time that took.

use super::time::{Millis, Time};

/// The heartbeat of one connection.
///
/// A Ping carries a nonce, and only a Pong that echoes it proves anything: "A Pong frame MAY be
/// sent unsolicited" (RFC 6455 section 5.5.3), and one of those says nothing about now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Heartbeat {
    state: State,
    /// When [`state`](Self::state) calls for something.
    due: Time,
    nonce: [u8; 8],
    /// Pongs that did not come in time, since the last that did.
    missed: u8,
    last: Option<Millis>,
    /// In eighths of a millisecond, so that small changes are not rounded away.
    smoothed_eighths: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum State {
    /// No Ping is out; the next is due at `due`.
    Resting,
    /// A Ping was handed out and has not reached the socket: no clock runs against the peer.
    Leaving,
    /// A Ping is out; its Pong is due at `due`.
    Waiting,
}

/// What the heartbeat asks for.
pub(super) enum Beat {
    Ping([u8; 8]),
    Dead,
}

impl Heartbeat {
    /// A heartbeat whose first Ping is due at `first`.
    pub const fn new(first: Time) -> Self {
        Self {
            state: State::Resting,
            due: first,
            nonce: [0; 8],
            missed: 0,
            last: None,
            smoothed_eighths: 0,
        }
    }

    /// The time that the last Ping and its Pong took; none before the first.
    pub const fn last_round_trip(&self) -> Option<Millis> {
        self.last
    }

    /// That time smoothed, each new one weighing an eighth; none before the first.
    pub fn smoothed_round_trip(&self) -> Option<Millis> {
        self.last.map(|_| Millis(self.smoothed_eighths / 8))
    }

    pub(super) const fn due(&self) -> Time {
        self.due
    }

    /// The last byte of the Ping that was handed out has reached the socket: from now on the peer
    /// can answer.
    pub(super) fn ping_left(&mut self, now: Time, pong_within: Millis) {
        if self.state == State::Leaving {
            self.state = State::Waiting;
            self.due = now.after(pong_within);
        }
    }

    pub(super) fn pong(
        &mut self,
        now: Time,
        payload: &[u8],
        ping_every: Millis,
        pong_within: Millis,
    ) {
        if self.state != State::Waiting || payload != self.nonce {
            return;
        }
        // A Ping that was sent again makes it unknowable which of the two was answered.
        if self.missed == 0 {
            // The deadline tells when the Ping had left; time in which we did not read does not
            // count.
            let left_at = Time(self.due.0.saturating_sub(pong_within.0.into()));
            self.measure(now.since(left_at));
        }
        self.missed = 0;
        self.state = State::Resting;
        self.due = now.after(ping_every);
    }

    /// No Ping is sent any more, and no Pong is awaited: neither a Ping that still leaves nor a
    /// late Pong sets a clock again.
    pub(super) fn stop(&mut self) {
        self.state = State::Resting;
        self.due = Time::NEVER;
    }

    /// For so long no Pong could reach us: the peer has that time on top.
    pub(super) fn put_off(&mut self, by: Millis) {
        if self.state == State::Waiting {
            self.due = self.due.after(by);
        }
    }

    /// What is to be done, now that [`due`](Self::due) has come.
    pub(super) fn on_due(&mut self, missed_allowed: u8, nonce: impl FnOnce() -> [u8; 8]) -> Beat {
        if self.state == State::Waiting {
            self.missed = self.missed.saturating_add(1);
            if self.missed >= missed_allowed {
                self.due = Time::NEVER;
                return Beat::Dead;
            }
        } else {
            self.nonce = nonce();
        }
        // A Ping after a missed Pong asks again with the same nonce: either Pong will do.
        self.state = State::Leaving;
        self.due = Time::NEVER;
        Beat::Ping(self.nonce)
    }

    fn measure(&mut self, round_trip: Millis) {
        self.smoothed_eighths = match self.last {
            None => round_trip.0.saturating_mul(8),
            Some(_) => {
                let smoothed = self.smoothed_eighths;
                (smoothed - smoothed / 8).saturating_add(round_trip.0)
            }
        };
        self.last = Some(round_trip);
    }
}
