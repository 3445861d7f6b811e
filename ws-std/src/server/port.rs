//! How others reach a shard: they push, and wake it once.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ws_core::connection::Time;
use ws_core::frame::CloseCode;

use super::accept::Arrival;
use super::backlog::Backlog;
use super::drain::Drain;
use crate::actor::{ActorId, ConnectionId, Encoded, Peer, Runs};
use crate::pool::Outcome;
use crate::rooms::{Absent, Post};
use crate::sync::mpsc::{self, Receiver, Sender};
use crate::sync::{AtomicBool, AtomicUsize, Waker};

/// What a shard is told from outside.
pub(crate) enum Command {
    /// Take care of a socket.
    Adopt(Arrival),
    /// Send a message to the members of a room.
    Broadcast(Post),
    /// Take care of an actor.
    Spawn(Box<dyn Runs>),
    /// An actor has something in its mailbox.
    Look(ActorId),
    /// Await somebody's return to a room.
    Await(Absent),
    /// Do something with one connection, if it still lives.
    To(Target, Order),
    /// Close all connections, spread over time.
    Drain { how: Drain, began: Time },
    /// Close everything now and end.
    Stop,
}

/// A connection: where it is, and which one was meant, since its place may be another's by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) key: usize,
    pub(crate) id: ConnectionId,
}

/// What is wanted of a connection.
pub(crate) enum Order {
    /// Send a frame that was made outside.
    Send { encoded: Encoded, from: Arc<Peer> },
    /// Send a Ping with this payload.
    Ping { payload: Vec<u8>, from: Arc<Peer> },
    /// Close it.
    Close { code: CloseCode, text: String },
    /// See what is in its mailbox.
    Look,
    /// Go on: what the connection waited for is there, or has panicked.
    Resume(Result<Outcome, Arc<str>>),
}

impl Order {
    /// What it costs to remember what is on its way to one connection and has so many bytes.
    pub(crate) const fn weight(bytes: usize) -> usize {
        bytes + size_of::<Command>()
    }

    /// It has arrived, and is on its way no more.
    pub(crate) fn arrived(&self) {
        match self {
            Self::Send { encoded, from } => from.arrived(Self::weight(encoded.weight())),
            Self::Ping { payload, from } => from.arrived(Self::weight(payload.len())),
            Self::Close { .. } | Self::Look | Self::Resume(_) => {}
        }
    }
}

/// The way in.
pub(crate) struct Port {
    commands: Sender<Command>,
    waker: Arc<Waker>,
    /// Whether the shard has been woken and has not looked since.
    notified: AtomicBool,
    /// Broadcasts that the shard has not taken up.
    backlog: Backlog,
    /// How many connections the shard has, and will have when it looks.
    pub(crate) load: AtomicUsize,
}

impl Port {
    pub(crate) fn new(waker: Arc<Waker>) -> (Arc<Self>, Incoming) {
        let (sender, commands) = mpsc::channel();
        let port = Arc::new(Self {
            commands: sender,
            waker,
            notified: AtomicBool::new(false),
            backlog: Backlog::default(),
            load: AtomicUsize::new(0),
        });
        (port.clone(), Incoming { port, commands })
    }

    /// What wakes the shard.
    pub(crate) fn waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    /// Hands over a command. It never blocks; a shard that has ended hears nothing any more.
    ///
    /// # Errors
    ///
    /// The command, if the shard has ended.
    pub(crate) fn push(&self, command: Command) -> Result<(), Command> {
        self.commands.send(command).map_err(|error| error.0)?;
        // Only the first one after the shard looked wakes it: the others would find it awake.
        if !self.notified.swap(true, Ordering::SeqCst) {
            let _ended = self.waker.wake();
        }
        Ok(())
    }

    /// Hands over a broadcast, and tells whether so much waits now that who sent it had better
    /// wait, too.
    pub(crate) fn post(&self, post: Post) -> bool {
        let weight = post.weight();
        let is_many = self.backlog.grows(weight);
        // A shard that has ended has no members.
        if self.push(Command::Broadcast(post)).is_err() {
            self.backlog.shrinks(weight);
            return false;
        }
        is_many
    }

    /// So much of what was to be broadcast has been taken up.
    pub(crate) fn took_up(&self, weight: usize) {
        self.backlog.shrinks(weight);
    }

    /// Whether so much is to be broadcast that it comes before anything else is read.
    pub(crate) fn is_behind(&self) -> bool {
        self.backlog.is_many()
    }

    /// Whether so much is to be broadcast that no more is taken but from handlers.
    pub(crate) fn is_overrun(&self) -> bool {
        self.backlog.is_too_many()
    }

    /// Wakes that shard as soon as this one has caught up; tells whether it has not yet.
    pub(crate) fn wakes(&self, other: &Self) -> bool {
        self.backlog.wakes(&other.waker)
    }

    /// How many bytes are to be broadcast.
    pub(crate) fn backlog(&self) -> usize {
        self.backlog.bytes()
    }

    /// The shard ends, and takes nothing up any more.
    pub(crate) fn ends(&self) {
        self.backlog.ends();
    }

    /// The shard is awake, and will look in this turn: nobody need wake it before.
    pub(crate) fn has_woken(&self) {
        self.notified.store(true, Ordering::SeqCst);
    }

    /// The shard is about to look at what is there. Whoever pushes from now on wakes it again, so
    /// that nothing is left lying: this comes *before* the look, never after it.
    fn look(&self) {
        // Not a mere store: reading what pushers have written makes visible what they have pushed.
        self.notified.swap(false, Ordering::SeqCst);
    }
}

/// The other end of a port, which is its shard's.
pub(crate) struct Incoming {
    port: Arc<Port>,
    commands: Receiver<Command>,
}

impl Incoming {
    /// Has `shard` obey what is there, but no more than so many commands, and tells whether there may
    /// be more: nobody wakes it for those.
    pub(crate) fn take<S>(
        shard: &mut S,
        incoming: impl Fn(&S) -> &Self,
        most: usize,
        obey: impl Fn(&mut S, Command),
    ) -> bool {
        incoming(shard).port.look();
        for _ in 0..most {
            match incoming(shard).commands.try_recv() {
                Ok(command) => obey(shard, command),
                Err(_) => return false,
            }
        }
        true
    }
}

#[cfg(test)]
impl Incoming {
    /// How many commands are there, which are thrown away.
    pub(crate) fn count(&self) -> usize {
        self.commands.try_iter().count()
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port").field("load", &self.load).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mio::{Events, Poll, Token};

    use super::*;

    /// Whether the shard was woken since this was asked last.
    fn was_woken(poll: &mut Poll) -> bool {
        let mut events = Events::with_capacity(1);
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        !events.is_empty()
    }

    /// ACTOR-07
    #[test]
    fn a_shard_is_woken_once_and_not_while_it_is_awake() {
        let mut poll = Poll::new().unwrap();
        let (port, incoming) = Port::new(Arc::new(Waker::new(poll.registry(), Token(0)).unwrap()));
        let push = || port.push(Command::Look(ActorId(1))).map_err(|_| "it has ended").unwrap();
        push();
        assert!(was_woken(&mut poll));
        push();
        assert!(!was_woken(&mut poll), "it has not looked since");

        port.has_woken();
        port.look();
        assert_eq!(incoming.count(), 2);
        push();
        assert!(was_woken(&mut poll), "it may have looked before this");

        port.look();
        port.has_woken();
        push();
        assert!(!was_woken(&mut poll), "it will look before it sleeps");
        port.look();
        assert_eq!(incoming.count(), 2);
    }

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("as it is dropped");
        }
    }

    /// ACTOR-01
    #[test]
    fn a_shard_that_ends_survives_what_is_left_for_it() {
        let poll = Poll::new().unwrap();
        let (port, incoming) = Port::new(Arc::new(Waker::new(poll.registry(), Token(0)).unwrap()));
        let target = Target { key: 0, id: ConnectionId(1) };
        for _ in 0..2 {
            let order = Order::Resume(Ok(Outcome::of(Bomb)));
            assert!(port.push(Command::To(target, order)).is_ok());
        }
        drop(incoming);
        assert!(port.push(Command::To(target, Order::Look)).is_err());
    }
}
