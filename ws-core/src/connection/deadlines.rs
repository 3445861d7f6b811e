//! Every clock of a connection, as pure functions of the time that the caller tells.
//!
//! The driver tells facts (a frame came, bytes left, we stopped reading), asks
//! [`poll_timeout`](Deadlines::poll_timeout) when to come back, and then calls
//! [`handle_timeout`](Deadlines::handle_timeout) until it says that nothing is due. A driver that
//! was stalled reads what has arrived before it lets deadlines expire: a peer must not die because
//! we slept.

use crate::decoder::Event;
use crate::frame::CloseCode;

use super::heartbeat::{Beat, Heartbeat};
use super::incoming::Progress;
use super::time::{Millis, Time};

/// How long is long enough. One value serves any number of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timing {
    /// From the first byte of the opening handshake to its last.
    pub handshake_within: Millis,
    /// Between a Pong and the next Ping; none for no heartbeat.
    pub ping_every: Option<Millis>,
    /// From a Ping's last byte in the socket to its Pong.
    pub pong_within: Millis,
    /// How many Pongs in a row must be missed until the peer counts as dead: at least 1.
    pub pongs_missed: u8,
    /// From our Close to the end of the connection.
    pub close_within: Millis,
    /// From the first byte of a message, or of a frame, to its end.
    pub message_within: Millis,
    /// Without any byte from the peer; none for no limit.
    pub idle_within: Option<Millis>,
    /// Without progress while output waits for a peer that does not read.
    pub write_within: Millis,
}

impl Timing {
    /// The defaults: Ping every 30 s, Pong within 10 s, one missed Pong is death; 10 s for the
    /// handshake, 5 s to close, 60 s for a message, 10 s for a stalled write, no idle limit.
    pub const DEFAULT: Self = Self {
        handshake_within: Millis::seconds(10),
        ping_every: Some(Millis::seconds(30)),
        pong_within: Millis::seconds(10),
        pongs_missed: 1,
        close_within: Millis::seconds(5),
        message_within: Millis::seconds(60),
        idle_within: None,
        write_within: Millis::seconds(10),
    };
}

impl Default for Timing {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Due {
    /// Send a Ping with this payload, and say [`ping_left`](Deadlines::ping_left) when its last
    /// byte has been written.
    Ping([u8; 8]),
    /// A deadline has passed: send Close with [`Expired::close_code`] if there is one and the peer
    /// may still read it, then drop the connection.
    Expired(Expired),
}

/// A deadline that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Expired {
    /// The opening handshake did not end.
    Handshake,
    /// No Pong came: the peer is dead, or the way to it.
    Heartbeat,
    /// The closing handshake did not end.
    Close,
    /// A message did not end.
    Message,
    /// Nothing was heard.
    Idle,
    /// The peer does not read what we write.
    Write,
}

impl Expired {
    /// The code of the Close frame to try before the connection is dropped; none where a Close
    /// cannot help: before the opening handshake has ended, and after our Close.
    pub const fn close_code(self) -> Option<CloseCode> {
        match self {
            Self::Handshake | Self::Close => None,
            Self::Heartbeat | Self::Idle => Some(CloseCode::GOING_AWAY),
            Self::Message | Self::Write => Some(CloseCode::POLICY),
        }
    }

    /// What has passed, in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Handshake => "the opening handshake took too long",
            Self::Heartbeat => "no Pong in time",
            Self::Close => "the closing handshake took too long",
            Self::Message => "a message took too long",
            Self::Idle => "idle for too long",
            Self::Write => "the peer does not read",
        }
    }
}

impl core::fmt::Display for Expired {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Expired {}

/// The clocks of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Deadlines {
    heartbeat: Heartbeat,
    /// For a handshake: the opening one until [`opened`](Self::opened), then the closing one.
    handshake_by: Time,
    message_by: Time,
    idle_by: Time,
    write_by: Time,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Stage {
    Opening,
    Open,
    /// Reading is paused on purpose, since then.
    Paused(Time),
    Closing,
}

impl Deadlines {
    /// The clocks of a connection whose opening handshake begins now.
    pub const fn new(timing: &Timing, now: Time) -> Self {
        Self {
            heartbeat: Heartbeat::new(Time::NEVER),
            handshake_by: now.after(timing.handshake_within),
            message_by: Time::NEVER,
            idle_by: Time::NEVER,
            write_by: Time::NEVER,
            stage: Stage::Opening,
        }
    }

    /// The opening handshake has ended. The first Ping is due after one interval and a part of
    /// another that `phase` chooses, so that connections which began together do not ping together.
    pub fn opened(&mut self, timing: &Timing, now: Time, phase: u8) {
        self.stage = Stage::Open;
        self.handshake_by = Time::NEVER;
        let first = timing.ping_every.map_or(Time::NEVER, |span| {
            let part = span.0 / 256 * u32::from(phase);
            now.after(span).after(Millis(part))
        });
        self.heartbeat = Heartbeat::new(first);
        self.idle_by = deadline(now, timing.idle_within);
    }

    /// The heartbeat: round trip times.
    pub const fn heartbeat(&self) -> &Heartbeat {
        &self.heartbeat
    }

    /// An event was received, with this payload.
    pub fn event(&mut self, timing: &Timing, now: Time, event: &Event, payload: &[u8]) {
        match event {
            Event::Pong(_) if self.stage != Stage::Closing => {
                let every = timing.ping_every.unwrap_or_default();
                self.heartbeat.pong(now, payload, every, timing.pong_within);
            }
            Event::Chunk(chunk) if chunk.ends => self.message_ended(),
            _ => {}
        }
    }

    /// A message was received to its end.
    pub fn message_ended(&mut self) {
        self.message_by = Time::NEVER;
    }

    /// Bytes were read, their events have been told, and the input now stands so.
    pub fn read(&mut self, timing: &Timing, now: Time, progress: Progress) {
        // Whoever closes has one deadline for all that is left, and nothing puts it off.
        if self.stage == Stage::Closing {
            return;
        }
        self.idle_by = deadline(now, timing.idle_within);
        match progress {
            Progress::Resting => self.message_by = Time::NEVER,
            Progress::Unfinished if self.message_by == Time::NEVER => {
                self.message_by = now.after(timing.message_within);
            }
            Progress::Unfinished => {}
        }
    }

    /// Output was written, or found waiting: `moved` bytes went into the transport, `left` wait.
    pub fn wrote(&mut self, timing: &Timing, now: Time, moved: usize, left: usize) {
        if left == 0 {
            self.write_by = Time::NEVER;
        } else if moved > 0 || self.write_by == Time::NEVER {
            self.write_by = now.after(timing.write_within);
        }
    }

    /// The last byte of the Ping that was due has been written.
    pub fn ping_left(&mut self, timing: &Timing, now: Time) {
        self.heartbeat.ping_left(now, timing.pong_within);
    }

    /// Our Close has been made.
    pub fn closing(&mut self, timing: &Timing, now: Time) {
        if self.stage != Stage::Closing {
            self.stage = Stage::Closing;
            self.handshake_by = now.after(timing.close_within);
            self.heartbeat.stop();
            self.idle_by = Time::NEVER;
            self.message_by = Time::NEVER;
        }
    }

    /// We stop reading on purpose. No Ping is sent and the peer is not judged until
    /// [`resume`](Self::resume); what bounds this time is the deadline for writing, or the caller.
    pub fn pause(&mut self, now: Time) {
        if self.stage == Stage::Open {
            self.stage = Stage::Paused(now);
        }
    }

    /// We read again. What the peer owes is put off by the time in which it could not reach us, and
    /// no more: a peer that can make us pause must not win time by it. A Ping that fell due
    /// meanwhile is due at once.
    pub fn resume(&mut self, now: Time) {
        if let Stage::Paused(since) = self.stage {
            self.stage = Stage::Open;
            let paused = now.since(since);
            self.heartbeat.put_off(paused);
            self.message_by = self.message_by.after(paused);
            self.idle_by = self.idle_by.after(paused);
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to say next;
    /// [`Time::NEVER`] if only a fact can change that.
    pub fn poll_timeout(&self) -> Time {
        let [(_, first), rest @ ..] = self.expiries();
        rest.iter().fold(first.min(self.heartbeat_due()), |least, (_, at)| least.min(*at))
    }

    /// What is due at `now`, one thing at a time; none if nothing is. `nonce` makes the payload of
    /// a Ping, from entropy, so that no peer can answer before it was asked.
    pub fn handle_timeout(
        &mut self,
        timing: &Timing,
        now: Time,
        nonce: impl FnOnce() -> [u8; 8],
    ) -> Option<Due> {
        if let Some((expired, _)) = self.expiries().into_iter().find(|(_, at)| *at <= now) {
            return Some(self.expire(expired));
        }
        if self.heartbeat_due() > now {
            return None;
        }
        match self.heartbeat.on_due(timing.pongs_missed, nonce) {
            Beat::Ping(nonce) => Some(Due::Ping(nonce)),
            Beat::Dead => Some(self.expire(Expired::Heartbeat)),
        }
    }

    /// While we do not read, no Pong can reach us: nobody is asked, nobody dies.
    fn heartbeat_due(&self) -> Time {
        self.unless_paused(self.heartbeat.due())
    }

    const fn unless_paused(&self, at: Time) -> Time {
        if matches!(self.stage, Stage::Paused(_)) { Time::NEVER } else { at }
    }

    fn expiries(&self) -> [(Expired, Time); 4] {
        let opening = self.stage == Stage::Opening;
        [
            (if opening { Expired::Handshake } else { Expired::Close }, self.handshake_by),
            (Expired::Write, self.write_by),
            (Expired::Message, self.unless_paused(self.message_by)),
            (Expired::Idle, self.unless_paused(self.idle_by)),
        ]
    }

    /// An expired deadline is told once; only the closing handshake's may follow it.
    fn expire(&mut self, expired: Expired) -> Due {
        self.handshake_by = Time::NEVER;
        self.message_by = Time::NEVER;
        self.idle_by = Time::NEVER;
        self.write_by = Time::NEVER;
        self.heartbeat.stop();
        Due::Expired(expired)
    }
}

fn deadline(now: Time, within: Option<Millis>) -> Time {
    within.map_or(Time::NEVER, |span| now.after(span))
}

#[cfg(test)]
mod tests;
