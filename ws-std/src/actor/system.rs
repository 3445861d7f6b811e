//! All actors of a server: their names, and where new ones start.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};

use super::birth::Birth;
use super::cell::{self, Cell, Home};
use super::resident::Resident;
use super::{Actor, ActorId, ActorRef, Address, MonitorId, Place, Reason, TooManyMonitors};
use crate::server::{Command, Limits, Port, next_id};
use crate::sync::{Mutex, MutexGuard};

/// Starts a thread for an actor that wants one, and tells the way to it.
pub(crate) type Launch = dyn Fn() -> io::Result<Arc<Port>> + Send + Sync;

#[derive(Default)]
pub(crate) struct System {
    names: Mutex<HashMap<Arc<str>, Arc<Cell>>>,
    /// The shards that actors may live on.
    shards: OnceLock<Vec<Arc<Port>>>,
    launch: OnceLock<Box<Launch>>,
    /// The shard that the next actor lives on, if nobody says which.
    next: AtomicUsize,
    /// The server stops, and no actor starts any more.
    is_closed: AtomicBool,
    /// How many monitors an actor has at most.
    monitors: usize,
    /// How many names it goes by at most.
    actor_names: usize,
    /// How many bytes one of them has at most.
    actor_name: usize,
}

impl System {
    pub(crate) fn new(limits: &Limits) -> Self {
        let Limits { monitors, actor_names, actor_name, .. } = *limits;
        Self { monitors, actor_names, actor_name, ..Self::default() }
    }

    /// From now on actors can be started: on these shards, or on threads that `launch` starts.
    pub(crate) fn opens(&self, shards: Vec<Arc<Port>>, launch: Box<Launch>) {
        // A server starts once.
        let _first = self.shards.set(shards);
        let _first = self.launch.set(launch);
    }

    /// From now on no actor starts: what ends is not started again.
    pub(crate) fn closes(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::SeqCst)
    }

    /// Starts an actor; others are tied to it by `tie` before it does anything. If it is not started
    /// nobody is, and nobody is told of an end.
    pub(crate) fn spawn<A: Actor>(
        &self,
        actor: A,
        here: Option<&Arc<Port>>,
        birth: Birth,
        tie: impl FnOnce(&Arc<Cell>),
    ) -> io::Result<Address<A::Info>> {
        if self.is_closed() {
            return Err(stopped());
        }
        let port = match self.port(actor.place(), here) {
            Some(port) => port.clone(),
            None => self.launch.get().ok_or_else(stopped)?()?,
        };
        let cell = Cell::new::<A::Info>(ActorId(next_id()), Home::on_shard(port.clone()));
        tie(&cell);
        let resident = Box::new(Resident::new(actor, cell.clone(), birth));
        port.push(Command::Spawn(resident)).map_err(|unborn| {
            cell.was_never();
            drop(unborn);
            stopped()
        })?;
        Ok(Address::new(cell))
    }

    /// Has an actor told how another ends, or ends it if it is to be told of too many.
    pub(crate) fn monitor(&self, watcher: &Arc<Cell>, watched: &Arc<Cell>) -> MonitorId {
        // Only the actor itself adds to them.
        if watcher.watches() < self.monitors {
            return cell::monitor(watcher, watched);
        }
        watcher.exit(Reason::error(TooManyMonitors));
        cell::next_monitor()
    }

    /// The shard that an actor is to live on; none if it is to have a thread.
    fn port<'a>(&'a self, place: Place, here: Option<&'a Arc<Port>>) -> Option<&'a Arc<Port>> {
        if place == Place::Thread {
            return None;
        }
        let shards = self.shards.get().filter(|shards| !shards.is_empty())?;
        let next = || self.next.fetch_add(1, Ordering::Relaxed) % shards.len();
        // A thread that ends with its only connection is no place for others.
        here.filter(|here| shards.iter().any(|port| Arc::ptr_eq(port, here)))
            .or_else(|| shards.get(next()))
    }

    pub(crate) fn register(&self, name: &str, cell: &Arc<Cell>) -> Result<(), NameError> {
        if name.is_empty() || name.len() > self.actor_name {
            return Err(NameError::BadName);
        }
        let mut names = self.names();
        match names.entry(name.into()) {
            Entry::Occupied(entry) if entry.get().id == cell.id => Ok(()),
            Entry::Occupied(_) => Err(NameError::Taken),
            // None is added meanwhile: that takes the lock that we hold.
            Entry::Vacant(_) if cell.names() >= self.actor_names => Err(NameError::TooManyNames),
            Entry::Vacant(entry) => {
                // One that is dead gives no name back.
                if cell.is_named(entry.key()) {
                    entry.insert(cell.clone());
                }
                Ok(())
            }
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<ActorRef> {
        self.names().get(name).cloned().map(ActorRef)
    }

    /// The names of one that ends are free again.
    pub(crate) fn release(&self, cell: &Cell) {
        let given_up = cell.give_up_names();
        if given_up.is_empty() {
            return;
        }
        let mut names = self.names();
        for name in given_up {
            names.remove(&name);
        }
    }

    fn names(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Cell>>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stopped() -> io::Error {
    io::Error::other("the server has stopped")
}

/// The actors of a server, to be reached from any thread: see [`Server::actors`].
///
/// [`Server::actors`]: crate::Server::actors
#[derive(Clone)]
pub struct Actors(pub(crate) Arc<System>);

impl Actors {
    /// Starts an actor: on one of the shards, in turn, unless it wants a thread of its own.
    ///
    /// # Errors
    ///
    /// The server has stopped, or the system has no thread.
    pub fn spawn<A: Actor>(&self, actor: A) -> io::Result<Address<A::Info>> {
        self.0.spawn(actor, None, Birth::default(), |_| ())
    }

    /// Who goes by this name, if it can be told messages of this type.
    pub fn find<M: Send + 'static>(&self, name: &str) -> Option<Address<M>> {
        self.0.find(name)?.address()
    }

    /// Who goes by this name.
    pub fn find_any(&self, name: &str) -> Option<ActorRef> {
        self.0.find(name)
    }
}

/// Tells how many have names, and no names: they may be secret.
impl fmt::Debug for Actors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Actors").field("named", &self.0.names().len()).finish_non_exhaustive()
    }
}

/// Why an actor does not go by a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameError {
    /// The name is another's.
    Taken,
    /// It goes by as many names as it may: see [`Limits::actor_names`](crate::Limits::actor_names).
    TooManyNames,
    /// The name is longer than [`Limits::actor_name`](crate::Limits::actor_name), or empty.
    BadName,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Taken => "the name is another actor's",
            Self::TooManyNames => "too many names",
            Self::BadName => "the name of the actor is empty or too long",
        })
    }
}

impl Error for NameError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::cell::{self, Taken};
    use crate::actor::{ActorContext, Reason};

    struct Idle;

    impl Actor for Idle {
        type Info = ();

        fn on_info(&mut self, _: &mut ActorContext<'_, Self>, (): ()) {}
    }

    /// The way to a shard that has ended.
    fn dead_end() -> Arc<Port> {
        let poll = mio::Poll::new().unwrap();
        let waker = Arc::new(crate::sync::Waker::new(poll.registry(), mio::Token(0)).unwrap());
        Port::new(waker).0
    }

    /// ACTOR-08: an error or an exit, and not both.
    #[test]
    fn who_could_not_be_started_has_not_ended_either() {
        let (system, port) = (System::default(), dead_end());
        system.opens(vec![port.clone()], Box::new(|| Err(stopped())));
        let parent = Cell::new::<()>(ActorId(next_id()), Home::on_shard(port.clone()));
        parent.trap_exits(true);
        let mut child = None;
        let started = system.spawn(Idle, Some(&port), Birth::default(), |cell| {
            cell::link(&parent, cell);
            cell::monitor(&parent, cell);
            child = Some(cell.clone());
        });
        assert!(started.is_err());
        assert!(matches!(parent.take(), Taken::Nothing));
        let child = child.unwrap();
        assert!(child.is_gone() && parent.has_nobody() && child.has_nobody());
        // Nor does it end whoever does not trap exits.
        parent.trap_exits(false);
        let again = system.spawn(Idle, Some(&port), Birth::default(), |cell| {
            cell::link(&parent, cell);
        });
        assert!(again.is_err() && parent.doomed().is_none());
        parent.end(&Reason::Normal);
    }
}
