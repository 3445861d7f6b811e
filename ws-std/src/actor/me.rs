//! An actor, as it sees itself.

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::sync::Arc;

use super::birth::Birth;
use super::cell::{self, Cell};
use super::system::System;
use super::{Actor, ActorId, ActorRef, Address, MonitorId, NameError, Reason};
use crate::server::Port;

/// What an actor can do as one: be told things, be linked, watch others, have names, start others.
/// Of a connection it is [`Context::me`](crate::Context::me).
pub struct Me<'a, M> {
    cell: &'a Arc<Cell>,
    system: &'a Arc<System>,
    here: &'a Arc<Port>,
    takes: PhantomData<fn(M)>,
}

impl<'a, M: Send + 'static> Me<'a, M> {
    pub(crate) fn new(cell: &'a Arc<Cell>, system: &'a Arc<System>, here: &'a Arc<Port>) -> Self {
        Self { cell, system, here, takes: PhantomData }
    }

    /// Which actor this is.
    pub fn id(&self) -> ActorId {
        self.cell.id
    }

    /// Where others tell it things.
    pub fn address(&self) -> Address<M> {
        Address::new(self.cell.clone())
    }

    /// Binds the ends of both together: when one ends, the other receives an exit with the reason,
    /// and ends for it, unless it is [`Reason::Normal`] or it traps exits. To link twice is to link
    /// once, and a link tells one exit. One that is dead already has ended for [`Reason::NoProc`].
    pub fn link(&self, other: impl AsRef<ActorRef>) {
        cell::link(self.cell, &other.as_ref().0);
    }

    /// Undoes a link: from now on it can neither end this one nor be told to it. What it has put
    /// into the mailbox stays there.
    pub fn unlink(&self, other: impl AsRef<ActorRef>) {
        cell::unlink(self.cell, &other.as_ref().0);
    }

    /// The same, and takes what the link has put into the mailbox out of it.
    pub fn unlink_flush(&self, other: impl AsRef<ActorRef>) {
        cell::unlink(self.cell, &other.as_ref().0);
        cell::forget_exit(self.cell, other.as_ref().id());
    }

    /// From now on exits are told to `on_exit` and end nobody. A kill ends it all the same.
    ///
    /// They wait in the mailbox behind what is there, and a full one takes them, too: one for each
    /// link, and of those that somebody [asks](ActorRef::exit) for so many.
    pub fn trap_exits(&self) {
        self.cell.trap_exits(true);
    }

    /// From now on exits end this actor again.
    pub fn obey_exits(&self) {
        self.cell.trap_exits(false);
    }

    /// Has `on_down` told when the other ends, exactly once for each monitor; at once if it is dead
    /// already.
    ///
    /// Monitors that are never told nor ended would fill the memory: an actor that has as many as
    /// [`Limits::monitors`](crate::Limits::monitors) ends for one more, with [`TooManyMonitors`], when
    /// this call is over.
    ///
    /// [`TooManyMonitors`]: crate::TooManyMonitors
    pub fn monitor(&self, other: impl AsRef<ActorRef>) -> MonitorId {
        self.system.monitor(self.cell, &other.as_ref().0)
    }

    /// Ends a monitor, and tells whether it had still to be told. What it has put into the mailbox
    /// stays there.
    pub fn demonitor(&self, monitor: MonitorId) -> bool {
        cell::demonitor(self.cell, monitor)
    }

    /// The same, and takes what the monitor has put into the mailbox out of it.
    pub fn demonitor_flush(&self, monitor: MonitorId) -> bool {
        let was_there = cell::demonitor(self.cell, monitor);
        cell::forget_down(self.cell, monitor);
        was_there
    }

    /// Ends, for this reason, when this call is over. A connection is closed with 1000 for
    /// [`Reason::Normal`], 1001 for [`Reason::Shutdown`] and [`Reason::Draining`], else 1011.
    pub fn exit(&self, reason: Reason) {
        self.cell.exit(reason);
    }

    /// Goes by a name, until it ends: one that is about to end, in `on_stop`, goes by none any more.
    ///
    /// # Errors
    ///
    /// The name is another's, empty or [too long](crate::Limits::actor_name), or it goes by
    /// [as many](crate::Limits::actor_names) as it may.
    pub fn register(&self, name: &str) -> Result<(), NameError> {
        self.system.register(name, self.cell)
    }

    /// Who goes by this name, if it can be told messages of this type.
    pub fn find<N: Send + 'static>(&self, name: &str) -> Option<Address<N>> {
        self.system.find(name)?.address()
    }

    /// Starts an actor: on this shard, unless it wants a thread of its own. From a thread that is only
    /// one actor's, or one connection's, it is started on any shard.
    ///
    /// # Errors
    ///
    /// The server stops, or the system has no thread.
    pub fn spawn<A: Actor>(&self, actor: A) -> io::Result<Address<A::Info>> {
        self.system.spawn(actor, Some(self.here), Birth::default(), |_| ())
    }

    /// Starts an actor and links it to this one, before it does anything.
    ///
    /// # Errors
    ///
    /// The server stops, or the system has no thread. Then there is no actor and no link, and so no
    /// exit is told: whoever does not want to go on without it ends itself.
    pub fn spawn_link<A: Actor>(&self, actor: A) -> io::Result<Address<A::Info>> {
        let birth = Birth { parent: Some(self.id()), ..Birth::default() };
        self.system.spawn(actor, Some(self.here), birth, |child| cell::link(self.cell, child))
    }
}

impl<M> fmt::Debug for Me<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Me").field(&self.cell.id).finish()
    }
}
