//! Taking sockets from listeners and handing them to shards.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use mio::net::TcpListener;
#[cfg(unix)]
use mio::net::UnixListener;
use mio::{Events, Interest, Poll, Registry, Token};
use ws_core::connection::{Millis, Time};
use ws_core::handshake::Refusal;

use super::config::Config;
use super::gate::{Full, Gate, State};
use super::port::{Command, Port};
use crate::bucket::Bucket;
use crate::clock::Clock;
use crate::metrics::Shard as Metrics;
use crate::sync::Waker;
use crate::tls::ServerTls;
use crate::wire::Socket;

/// A socket that was accepted, and what is known of it.
pub(crate) struct Arrival {
    pub(crate) socket: Socket,
    pub(crate) tls: Option<ServerTls>,
    /// A PROXY header comes first.
    pub(crate) proxy: bool,
    /// It is told this, and nothing else.
    pub(crate) refusal: Option<Refusal>,
    /// Whom it counts for.
    pub(crate) address: Option<IpAddr>,
}

/// Where connections come from.
pub(crate) struct Listener {
    pub(crate) socket: ListeningSocket,
    pub(crate) tls: Option<ServerTls>,
    pub(crate) proxy: bool,
}

pub(crate) enum ListeningSocket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

/// Where sockets go.
pub(crate) enum Placement {
    /// To the one of these with the fewest.
    Shards(Vec<Arc<Port>>),
    /// Each to a shard of its own.
    Threads(Box<dyn Fn(Arrival) -> io::Result<()> + Send>),
}

/// Takes sockets from listeners.
pub(crate) struct Acceptor {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) placement: Placement,
    pub(crate) gate: Arc<Gate>,
    pub(crate) config: Arc<Config>,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
    /// How often each address came lately, if that is limited.
    pub(crate) rates: HashMap<IpAddr, Bucket>,
    /// How often all of them came lately, if that is limited.
    pub(crate) in_all: Option<Bucket>,
    /// When to try again after the system had no descriptor left.
    pub(crate) again: Time,
}

/// More listeners than anyone has.
pub(crate) const MOST_LISTENERS: usize = 1024;

/// So many sockets are taken from a listener before it is others' turn.
const ACCEPTS: usize = 256;

/// Without descriptors there is nothing to be done but to wait for somebody to leave.
const PATIENCE: Millis = Millis(100);

/// Addresses that are remembered, before those that came seldom are forgotten.
const MOST_ADDRESSES: usize = 65_536;

/// When a client that found no room may come back.
pub(crate) const RETRY_AFTER_SECONDS: u16 = 5;

const WAKE: Token = Token(usize::MAX);

impl Acceptor {
    /// Registers the listeners under `top` and the numbers below it.
    pub(crate) fn register(&mut self, registry: &Registry, top: usize) -> io::Result<()> {
        for (index, listener) in self.listeners.iter_mut().enumerate() {
            let token = Token(top - index);
            match &mut listener.socket {
                ListeningSocket::Tcp(socket) => {
                    registry.register(socket, token, Interest::READABLE)?;
                }
                #[cfg(unix)]
                ListeningSocket::Unix(socket) => {
                    registry.register(socket, token, Interest::READABLE)?;
                }
            }
        }
        Ok(())
    }

    /// Accepts on a thread of its own until the server takes no more clients.
    pub(crate) fn run(mut self, mut poll: Poll) {
        let mut events = Events::with_capacity(MOST_LISTENERS);
        while !self.listeners.is_empty() {
            let wait = self.clock.until(self.next());
            if let Err(error) = poll.poll(&mut events, wait)
                && error.kind() != ErrorKind::Interrupted
            {
                tracing::error!(%error, "the system's event queue has failed");
                return;
            }
            self.accept();
        }
    }

    /// An event queue for a thread of its own.
    pub(crate) fn poll(&mut self) -> io::Result<Poll> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        self.clock.wake_with(&waker);
        self.gate.wakes(waker);
        self.register(poll.registry(), MOST_LISTENERS)?;
        Ok(poll)
    }

    /// When there is something to be done, whatever the listeners say.
    pub(crate) fn next(&self) -> Time {
        self.again.min(self.gate.lame_until())
    }

    /// Whether the server takes no more clients, and the listeners are still there.
    pub(crate) fn is_over(&self) -> bool {
        !self.listeners.is_empty() && self.gate.state() >= State::NotAccepting
    }

    /// Takes what has come. Listeners are left behind when the server takes no more clients.
    pub(crate) fn accept(&mut self) {
        // With a thread for each connection there may be no shard that does this.
        if self.gate.lame_until() <= self.clock.now() {
            self.gate.advance(State::NotAccepting);
        }
        if self.gate.state() >= State::NotAccepting {
            self.listeners.clear();
            self.again = Time::NEVER;
            return;
        }
        self.again = Time::NEVER;
        let now = self.clock.now();
        let mut listeners = std::mem::take(&mut self.listeners);
        for listener in &mut listeners {
            self.accept_from(listener, now);
        }
        self.listeners = listeners;
    }

    fn accept_from(&mut self, listener: &mut Listener, now: Time) {
        for _ in 0..ACCEPTS {
            match listener.socket.accept() {
                Ok((socket, address)) => self.place(listener, socket, address, now),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // It came and went, or a signal came.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::ConnectionAborted
                            | ErrorKind::ConnectionReset
                            | ErrorKind::Interrupted
                    ) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept; trying again soon");
                    self.metrics.accept_errors.add(1);
                    self.again = now.after(PATIENCE);
                    return;
                }
            }
        }
        // There may be more, and no event will say so.
        self.again = now;
    }

    fn place(&mut self, listener: &Listener, socket: Socket, address: Option<IpAddr>, now: Time) {
        self.metrics.accepted.add(1);
        // Behind a proxy all come from one address.
        let address = address.filter(|address| !listener.proxy && !self.config.trusts(*address));
        let refusal = match self.enters(address, now) {
            Ok(()) => None,
            Err(full) => match self.turn_away(full) {
                // To say so over TLS would cost more than the connection is worth.
                Some(_) if listener.tls.is_some() => return self.gate.turned_away_left(),
                Some(refusal) => Some(refusal),
                None => return,
            },
        };
        let tls = listener.tls.clone();
        let arrival = Arrival { socket, tls, proxy: listener.proxy, refusal, address };
        self.hand_over(arrival);
    }

    fn enters(&mut self, address: Option<IpAddr>, now: Time) -> Result<(), Full> {
        self.gate.enters(address)?;
        if self.within_rate(address, now) && self.within_rate_in_all(now) {
            return Ok(());
        }
        self.gate.left(address);
        Err(self.gate.turns_away(Full::Rate))
    }

    /// Counts one who is not served, and tells what it is told; none if there is no time for that.
    fn turn_away(&self, full: Full) -> Option<Refusal> {
        let retry_after_seconds = RETRY_AFTER_SECONDS;
        let (counter, refusal) = match full {
            Full::Overrun => {
                self.metrics.dropped_at_the_door.add(1);
                return None;
            }
            Full::Server => (&self.metrics.over_cap, Refusal::Unavailable { retry_after_seconds }),
            Full::Address => {
                (&self.metrics.over_per_address, Refusal::TooManyRequests { retry_after_seconds })
            }
            Full::Rate => {
                (&self.metrics.over_rate, Refusal::TooManyRequests { retry_after_seconds })
            }
        };
        counter.add(1);
        Some(refusal)
    }

    fn hand_over(&self, arrival: Arrival) {
        let (address, is_served) = (arrival.address, arrival.refusal.is_none());
        let placed = match &self.placement {
            Placement::Threads(spawn) => spawn(arrival).is_ok(),
            Placement::Shards(ports) => {
                let least = ports.iter().min_by_key(|port| port.load.load(Ordering::Relaxed));
                least.is_some_and(|port| {
                    port.load.fetch_add(1, Ordering::Relaxed);
                    port.push(Command::Adopt(arrival)).is_ok()
                })
            }
        };
        if !placed {
            tracing::error!("a connection found no shard");
            match is_served {
                true => self.gate.left(address),
                false => self.gate.turned_away_left(),
            }
        }
    }

    /// Whether not too many come in a short time.
    fn within_rate_in_all(&mut self, now: Time) -> bool {
        let Some(rate) = &self.config.limits.accepts_in_all else { return true };
        self.in_all.get_or_insert_with(|| Bucket::full(rate, now)).take(rate, 1, now)
    }

    /// Whether this address does not come too often.
    fn within_rate(&mut self, address: Option<IpAddr>, now: Time) -> bool {
        let (Some(rate), Some(address)) = (&self.config.limits.accepts, address) else {
            return true;
        };
        if self.rates.len() >= MOST_ADDRESSES {
            self.rates.retain(|_, bucket| !bucket.is_full(rate, now));
            // If all of them come often, those who come next are not told apart.
            if self.rates.len() >= MOST_ADDRESSES {
                return false;
            }
        }
        self.rates.entry(address).or_insert_with(|| Bucket::full(rate, now)).take(rate, 1, now)
    }
}

impl ListeningSocket {
    fn accept(&mut self) -> io::Result<(Socket, Option<IpAddr>)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept()?;
                // What is written is what should leave: it has been gathered already. A peer that
                // is gone already is found out later.
                let _gone = stream.set_nodelay(true);
                Ok((Socket::Tcp(stream), Some(address.ip().to_canonical())))
            }
            #[cfg(unix)]
            Self::Unix(listener) => Ok((Socket::Unix(listener.accept()?.0), None)),
        }
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acceptor").field("listeners", &self.listeners.len()).finish_non_exhaustive()
    }
}
