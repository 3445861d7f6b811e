//! A server that the device dials, and stays connected with.
//!
//! ```text
//!   Resting ── due ──▶ Dialing ── the stream is there ──▶ Opening ── 101 ──▶ Open
//!      ▲                  └──────── refused, late, broken ──────┴──── lost ────┤
//!      └──────────── a delay that grows, and is drawn at random ◀── Leaving ◀──┘ closed
//! ```

use core::{fmt, mem};

use device_app::{Device, Session, Telemetry, Vitals};
use ws_core::connection::{Time, Timing};
use ws_core::endpoint::{Endpoint, Inbox, Timers};
use ws_core::handshake::ClientHandshake;
use ws_core::handshake::client::Seen;
use ws_core::io::WebSocket;
use ws_core::{Client, Entropy, Error, Side};

use crate::backoff::Backoff;
use crate::converse::converse;
use crate::memory::{Lent, Shelf};
use crate::stream::Stream;

/// The way to the server.
pub trait Way {
    /// What leads there.
    type Stream: Stream;

    /// Begins to connect.
    fn dial(&mut self);

    /// What came of it: none while it is not known, and no stream if it failed.
    fn dialed(&mut self) -> Option<Option<Self::Stream>>;
}

/// The device as a client of a server: it sends readings and takes commands, as it does from its own
/// clients on `/telemetry`, but does not answer what is no command.
pub struct Dialer<'s, 'm, S, C, E> {
    state: State<'s, 'm, S, C, E>,
    receive: &'s Shelf<'m>,
    send: &'s Shelf<'m>,
    timing: Timing,
    clock: C,
    entropy: E,
    backoff: Backoff,
    host: &'s str,
    target: &'s str,
}

enum State<'s, 'm, S, C, E> {
    Resting { until: Time },
    Dialing { by: Time },
    Opening(Opening<'s, 'm, S>),
    Open(Open<'s, 'm, S, C, E>),
    Leaving { stream: S, by: Time },
}

struct Opening<'s, 'm, S> {
    stream: S,
    handshake: ClientHandshake<'static>,
    inbox: Inbox<Lent<'s, 'm>>,
    send: Lent<'s, 'm>,
    /// How much of the request has left.
    sent: usize,
    by: Time,
}

struct Open<'s, 'm, S, C, E> {
    socket: WebSocket<S, Client<E>, Lent<'s, 'm>, Lent<'s, 'm>>,
    timers: Timers<C, E>,
    session: Session,
    since: Time,
}

impl<'s, 'm, S, C, E> Dialer<'s, 'm, S, C, E>
where
    S: Stream,
    C: FnMut() -> Time + Clone,
    E: Entropy + Clone,
{
    /// A client that dials at its first turn: the server's name and the target to ask for, the
    /// buffers to receive with and to send from.
    pub const fn new(
        (host, target): (&'s str, &'s str),
        (receive, send): (&'s Shelf<'m>, &'s Shelf<'m>),
        timing: Timing,
        clock: C,
        entropy: E,
    ) -> Self {
        let state = State::Resting { until: Time(0) };
        let backoff = Backoff::NEW;
        Self { state, receive, send, timing, clock, entropy, backoff, host, target }
    }

    /// Whether a WebSocket is open.
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    /// Does what can be done without waiting, and tells when there will be something to do though
    /// nothing arrives: a moment that is past means at once.
    pub fn turn(
        &mut self,
        way: &mut impl Way<Stream = S>,
        device: &mut Device,
        vitals: Vitals,
    ) -> Time {
        let now = (self.clock)();
        match &mut self.state {
            State::Resting { until } if *until > now => *until,
            State::Resting { .. } => {
                way.dial();
                let by = now.after(self.timing.handshake_within);
                self.state = State::Dialing { by };
                by
            }
            State::Dialing { by } => match way.dialed() {
                None if *by > now => *by,
                Some(Some(stream)) => {
                    let by = *by;
                    self.open(stream, by, now)
                }
                _ => self.rest(now),
            },
            State::Opening(_) => self.opening(now),
            State::Open(open) => {
                let Open { socket, timers, session, .. } = open;
                match converse(socket, timers, session, device, vitals, now) {
                    Ok(Some(next)) => next,
                    Ok(None) | Err(Error::Violation(_) | Error::Expired(_)) => self.part(now),
                    Err(_) => self.lose(now),
                }
            }
            State::Leaving { stream, by } => {
                let mut waste = [0; 64];
                while let Ok(true) = stream.read_ready() {
                    if !matches!(stream.read(&mut waste), Ok(1..)) {
                        return self.rest(now);
                    }
                }
                if *by > now { *by } else { self.rest(now) }
            }
        }
    }

    /// The stream is there: makes the request. Without buffers there is no connection.
    fn open(&mut self, stream: S, by: Time, now: Time) -> Time {
        let mut nonce = [0; 16];
        self.entropy.fill(&mut nonce);
        let inbox = self.receive.lend().and_then(|memory| Inbox::new(memory, Side::Client).ok());
        let (Some(inbox), Some(send)) = (inbox, self.send.lend()) else { return self.rest(now) };
        let handshake = ClientHandshake::new(nonce, &[]);
        self.state = State::Opening(Opening { stream, handshake, inbox, send, sent: 0, by });
        now
    }

    fn opening(&mut self, now: Time) -> Time {
        let State::Opening(opening) = &mut self.state else { return now };
        match opening.turn(self.host, self.target) {
            Ok(false) if opening.by > now => opening.by,
            Ok(true) => self.opened(now),
            Ok(false) | Err(_) => self.rest(now),
        }
    }

    fn opened(&mut self, now: Time) -> Time {
        let resting = State::Resting { until: now };
        let State::Opening(opening) = mem::replace(&mut self.state, resting) else { return now };
        let Opening { stream, inbox, send, .. } = opening;
        let role = Client(self.entropy.clone());
        let Ok(endpoint) = Endpoint::new(role, u64::MAX, inbox, send) else {
            return self.rest(now);
        };
        self.state = State::Open(Open {
            socket: WebSocket::new(stream, endpoint),
            timers: Timers::new(self.timing, self.clock.clone(), self.entropy.clone()),
            session: Session::Dialed(Telemetry::new(now)),
            since: now,
        });
        now
    }

    /// The WebSocket is over, and our Close has left. "The client SHOULD wait for the server to close
    /// the connection" (RFC 6455 section 5.5.1).
    fn part(&mut self, now: Time) -> Time {
        let resting = State::Resting { until: now };
        let State::Open(open) = mem::replace(&mut self.state, resting) else { return now };
        self.backoff.lasted(now.since(open.since));
        let stream = open.socket.leave(|_| {}, 0);
        self.state = State::Leaving { stream, by: now.after(self.timing.close_within) };
        now
    }

    /// The stream has broken, or the server has gone without a word.
    fn lose(&mut self, now: Time) -> Time {
        if let State::Open(open) = &self.state {
            self.backoff.lasted(now.since(open.since));
        }
        self.rest(now)
    }

    fn rest(&mut self, now: Time) -> Time {
        let mut random = [0; 1];
        self.entropy.fill(&mut random);
        let [random] = random;
        let until = now.after(self.backoff.next(random));
        self.state = State::Resting { until };
        until
    }
}

impl<S: Stream> Opening<'_, '_, S> {
    /// Sends what is left of the request, reads what has come of the response; tells whether it is
    /// whole.
    fn turn(&mut self, host: &str, target: &str) -> Result<bool, Error<S::Error>> {
        let request = self.handshake.request(host, target, &[])?;
        while self.stream.write_ready().map_err(Error::Io)? {
            let mut part = [0; 64];
            let len = request.write(self.sent, &mut part);
            if len == 0 {
                break;
            }
            let part = part.get(..len).unwrap_or_default();
            self.sent = self.sent.saturating_add(self.stream.write(part).map_err(Error::Io)?);
        }
        loop {
            let unread = self.inbox.unread_bytes();
            let progress = self.handshake.receive(unread, self.inbox.capacity())?;
            self.inbox.consume(progress.consumed);
            match progress.seen {
                Some(Seen::Complete { .. }) => return Ok(true),
                Some(_) => {}
                None if !self.stream.read_ready().map_err(Error::Io)? => return Ok(false),
                None => match self.stream.read(self.inbox.space()).map_err(Error::Io)? {
                    0 => return Err(Error::Ended),
                    len => self.inbox.filled(len),
                },
            }
        }
    }
}

/// Tells its state, and nothing of what passes through it.
impl<S, C, E> fmt::Debug for Dialer<'_, '_, S, C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Resting { .. } => "Resting",
            State::Dialing { .. } => "Dialing",
            State::Opening(_) => "Opening",
            State::Open(_) => "Open",
            State::Leaving { .. } => "Leaving",
        })
    }
}
