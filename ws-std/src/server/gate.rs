//! Who may come in: what all shards and the acceptor count together.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use ws_core::connection::Time;

use super::config::{Limits, Threads};
use super::drain::{Drain, Draining};
use super::port::{Command, Port};
use crate::http::Serving;
use crate::sync::Waker;
use crate::sys;

/// How far a server is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum State {
    /// It serves.
    Running,
    /// It serves, and tells whoever asks that it is about to stop, so that no new clients are sent
    /// here.
    Lame,
    /// It takes no more clients.
    NotAccepting,
    /// It asks its clients to go.
    Draining,
    /// It has ended.
    Closed,
}

impl State {
    const ALL: [Self; 5] =
        [Self::Running, Self::Lame, Self::NotAccepting, Self::Draining, Self::Closed];
}

/// Counts, and the state of the server.
#[derive(Debug)]
pub(crate) struct Gate {
    state: AtomicU8,
    /// Connections that are served, from accept to close.
    open: AtomicUsize,
    /// Connections that are told that they are not.
    turned_away: AtomicUsize,
    most_open: usize,
    /// Bytes that connections make us keep.
    retained: AtomicUsize,
    most_retained: usize,
    /// Connections of each address, if they are counted.
    addresses: Mutex<HashMap<IpAddr, usize>>,
    per_address: Option<usize>,
    /// All shards that there are.
    shards: Mutex<Shards>,
    /// Tells when one has ended.
    ended: Condvar,
    /// What wakes who accepts.
    acceptor: Mutex<Option<Arc<Waker>>>,
    /// What became of those who were drained.
    pub(crate) drained: super::drain::Tally,
}

/// Who is to be told what concerns all.
#[derive(Debug, Default)]
struct Shards {
    ports: Vec<Weak<Port>>,
    running: usize,
    /// How many of those wait for the others to have no connections any more.
    drained: usize,
    told: Option<Telling>,
}

/// What concerns all shards.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Telling {
    Drain { how: Drain, began: Time },
    Stop,
}

impl From<Telling> for Command {
    fn from(telling: Telling) -> Self {
        match telling {
            Telling::Drain { how, began } => Self::Drain { how, began },
            Telling::Stop => Self::Stop,
        }
    }
}

/// A shard runs as long as this lives.
#[derive(Debug)]
pub(crate) struct Running {
    gate: Arc<Gate>,
    has_drained: bool,
}

impl Running {
    /// The shard has no connections any more, and stays for its actors: when that is true of all
    /// shards that still run, all are told to stop.
    pub(crate) fn has_drained(&mut self) {
        if !std::mem::replace(&mut self.has_drained, true) {
            lock(&self.gate.shards).drained += 1;
            self.gate.stop_if_drained();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut shards = lock(&self.gate.shards);
        shards.running -= 1;
        shards.drained -= usize::from(self.has_drained);
        drop(shards);
        self.gate.stop_if_drained();
        self.gate.ended.notify_all();
    }
}

/// Descriptors that are not for connections.
const RESERVE: usize = 64;

/// A connection with a thread of its own has an event queue, and what wakes that, beside its socket.
const ALONE: usize = 4;

/// Connections beyond the limit that are told so, at a time; whoever comes when there are so many
/// is dropped without a word.
const MOST_TURNED_AWAY: usize = 64;

/// Why a connection is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// There are as many connections as there may be.
    Server,
    /// Its address has as many as it may have.
    Address,
    /// Its address comes too often.
    Rate,
    /// There are too many to even say so.
    Overrun,
}

impl Gate {
    pub(crate) fn new(limits: &Limits, threads: Threads) -> Self {
        let each = match threads {
            Threads::PerConnection => ALONE,
            _ => 1,
        };
        let enough_for = |all: usize| (all.saturating_sub(RESERVE) / each).max(1);
        let descriptors = sys::descriptors().map(enough_for);
        let memory = sys::memory().map(|all| all / 2);
        Self {
            state: AtomicU8::new(State::Running as u8),
            open: AtomicUsize::new(0),
            turned_away: AtomicUsize::new(0),
            most_open: limits.connections.or(descriptors).unwrap_or(usize::MAX),
            retained: AtomicUsize::new(0),
            most_retained: limits.server_memory.or(memory).unwrap_or(usize::MAX),
            addresses: Mutex::default(),
            per_address: limits.per_address,
            shards: Mutex::default(),
            ended: Condvar::new(),
            acceptor: Mutex::default(),
            drained: super::drain::Tally::default(),
        }
    }

    /// Counts a connection that has come: among those who are served, or else among those who are
    /// told that they are not, until it has left.
    pub(crate) fn enters(&self, address: Option<IpAddr>) -> Result<(), Full> {
        if self.open.load(Ordering::Relaxed) >= self.most_open {
            return Err(self.turns_away(Full::Server));
        }
        if let (Some(most), Some(address)) = (self.per_address, address) {
            let mut addresses = lock(&self.addresses);
            let count = addresses.entry(address).or_default();
            if *count >= most {
                drop(addresses);
                return Err(self.turns_away(Full::Address));
            }
            *count += 1;
        }
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Counts a connection that is told why it is not served. Those who are told take nobody's
    /// room: one who stays to listen keeps nobody out.
    pub(crate) fn turns_away(&self, why: Full) -> Full {
        if self.turned_away.load(Ordering::Relaxed) >= MOST_TURNED_AWAY {
            return Full::Overrun;
        }
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        why
    }

    /// A connection that was told why it was not served has left.
    pub(crate) fn turned_away_left(&self) {
        self.turned_away.fetch_sub(1, Ordering::Relaxed);
    }

    /// A connection that was served has left.
    pub(crate) fn left(&self, address: Option<IpAddr>) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        if let (Some(_), Some(address)) = (self.per_address, address) {
            let mut addresses = lock(&self.addresses);
            if let Some(count) = addresses.get_mut(&address) {
                *count -= 1;
                if *count == 0 {
                    addresses.remove(&address);
                }
            }
        }
    }

    /// How many connections there are.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed) + self.turned_away.load(Ordering::Relaxed)
    }

    /// Connections make us keep so many bytes more, or less.
    pub(crate) fn keeps(&self, more: i64) {
        let bytes = usize::try_from(more.unsigned_abs()).unwrap_or(usize::MAX);
        match more.signum() {
            1 => self.retained.fetch_add(bytes, Ordering::Relaxed),
            -1 => self.retained.fetch_sub(bytes, Ordering::Relaxed),
            _ => 0,
        };
    }

    /// How many bytes connections make us keep.
    pub(crate) fn retained(&self) -> usize {
        self.retained.load(Ordering::Relaxed)
    }

    /// How many bytes of broadcasts have not been taken up by the shards that they are for.
    pub(crate) fn backlog(&self) -> usize {
        let shards = lock(&self.shards);
        shards.ports.iter().filter_map(Weak::upgrade).map(|port| port.backlog()).sum()
    }

    /// Whether connections make us keep so much that there is no room for another.
    pub(crate) fn is_full_of_bytes(&self) -> bool {
        self.retained() >= self.most_retained
    }

    pub(crate) fn state(&self) -> State {
        let state = usize::from(self.state.load(Ordering::SeqCst));
        State::ALL.get(state).copied().unwrap_or(State::Closed)
    }

    /// What readiness says.
    pub(crate) fn serving(&self) -> Serving {
        if self.state() == State::Running { Serving::Ready } else { Serving::Leaving }
    }

    /// Goes on to this state; there is no way back.
    pub(crate) fn advance(&self, state: State) {
        self.state.fetch_max(state as u8, Ordering::SeqCst);
        self.wake_acceptor();
    }

    /// Adds a shard to those that are told what concerns all, and tells it what they were told.
    pub(crate) fn has_shard(self: &Arc<Self>, port: &Arc<Port>) -> Running {
        let mut shards = lock(&self.shards);
        shards.ports.retain(|port| port.strong_count() > 0);
        shards.ports.push(Arc::downgrade(port));
        shards.running += 1;
        if let Some(telling) = shards.told {
            let _ended = port.push(telling.into());
        }
        Running { gate: self.clone(), has_drained: false }
    }

    /// Tells all shards, and those that are yet to come.
    pub(crate) fn tell_all(&self, telling: Telling) {
        let mut shards = lock(&self.shards);
        shards.told = Some(telling);
        for port in shards.ports.iter().filter_map(Weak::upgrade) {
            // A shard that has ended has nothing to be told.
            let _ended = port.push(telling.into());
        }
        drop(shards);
        self.wake_acceptor();
    }

    /// Tells the shards that stay only for their actors to stop, if there are no others.
    fn stop_if_drained(&self) {
        let shards = lock(&self.shards);
        let is_over = shards.drained > 0 && shards.drained == shards.running;
        drop(shards);
        if is_over {
            self.tell_all(Telling::Stop);
        }
    }

    /// From when on a server that is lame takes no more clients.
    pub(crate) fn lame_until(&self) -> Time {
        match lock(&self.shards).told {
            Some(Telling::Drain { how, began }) if self.state() == State::Lame => {
                Draining::new(how, began).begins()
            }
            _ => Time::NEVER,
        }
    }

    /// Waits until no shard runs any more.
    pub(crate) fn wait_for_shards(&self) {
        let mut shards = lock(&self.shards);
        while shards.running > 0 {
            shards = self.ended.wait(shards).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// From now on this wakes who accepts, when the state changes.
    pub(crate) fn wakes(&self, waker: Arc<Waker>) {
        *lock(&self.acceptor) = Some(waker);
    }

    fn wake_acceptor(&self) {
        if let Some(waker) = lock(&self.acceptor).as_ref() {
            let _ended = waker.wake();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ADV-02: or it runs out of descriptors before it can say that it is full.
    #[test]
    fn a_server_with_a_thread_for_each_connection_is_full_sooner() {
        let Some(descriptors) = sys::descriptors() else { return };
        let [shared, alone] = [Threads::PerCore, Threads::PerConnection]
            .map(|threads| Gate::new(&Limits::default(), threads).most_open);
        assert!(shared < descriptors && alone <= descriptors.div_ceil(3), "{shared}, {alone}");
    }
}
