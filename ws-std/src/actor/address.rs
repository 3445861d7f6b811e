//! Where actors are told things.

use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::cell::{Cell, Refused, Signal};
use super::{AskError, ConnectionId, Reason, Reply};

/// Which actor: a number that no other actor of this process ever has. A connection's is that of
/// its [`ConnectionId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActorId(pub u64);

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<ConnectionId> for ActorId {
    fn from(id: ConnectionId) -> Self {
        Self(id.0)
    }
}

/// An actor that can be told messages of type `M`, from any thread: see [`Me::address`].
///
/// What one actor tells another arrives in that order, and so do the exits and downs between them.
///
/// [`Me::address`]: crate::Me::address
pub struct Address<M> {
    actor: ActorRef,
    takes: PhantomData<fn(M)>,
}

/// An actor, whatever it can be told: it can be linked to, monitored, and asked to end.
#[derive(Clone)]
pub struct ActorRef(pub(crate) Arc<Cell>);

impl<M: Send + 'static> Address<M> {
    pub(crate) fn new(cell: Arc<Cell>) -> Self {
        Self { actor: ActorRef(cell), takes: PhantomData }
    }

    /// Which actor this is.
    pub fn id(&self) -> ActorId {
        self.actor.id()
    }

    /// The actor, without what it can be told.
    pub fn actor(&self) -> &ActorRef {
        &self.actor
    }

    /// Tells it something, which [`Handler::on_info`](crate::Handler::on_info) or
    /// [`Actor::on_info`](crate::Actor::on_info) hears. It never blocks.
    ///
    /// # Errors
    ///
    /// The message: there is no room for it, or nobody to hear it.
    pub fn tell(&self, message: M) -> Result<(), TellError<M>> {
        self.actor.0.tell(message).map_err(|refused| match refused {
            Refused::Full(message) => TellError::Full(message),
            Refused::Gone(message) => TellError::Gone(message),
        })
    }

    /// Asks it something, and waits for the answer: from threads of your own, and from actors that
    /// have [one](crate::Place::Thread).
    ///
    /// A handler asks with [`Context::ask`](crate::Context::ask), which does not wait.
    ///
    /// # Errors
    ///
    /// Why there is no answer. On a thread that others wait for it is always
    /// [`AskError::WouldBlock`].
    pub fn ask<R: Send + 'static>(
        &self,
        message: impl FnOnce(Reply<R>) -> M,
        within: Duration,
    ) -> Result<R, AskError> {
        if super::ask::is_on_shard() {
            return Err(AskError::WouldBlock);
        }
        let (reply, answer) = Reply::to_a_thread();
        self.tell(message(reply)).map_err(AskError::from)?;
        answer.recv_timeout(within).map_err(|_| AskError::TimedOut)?
    }

    /// Whether nothing reaches it any more.
    pub fn is_gone(&self) -> bool {
        self.actor.is_gone()
    }
}

impl ActorRef {
    /// Which actor this is.
    pub fn id(&self) -> ActorId {
        self.0.id
    }

    /// Its address, if it can be told messages of this type.
    pub fn address<M: Send + 'static>(&self) -> Option<Address<M>> {
        self.0.takes::<M>().then(|| Address::new(self.0.clone()))
    }

    /// Asks it to end, for this reason. One that [traps exits](crate::Me::trap_exits) is told
    /// instead; [`Reason::Normal`] is no reason for another to end.
    ///
    /// What it has not been told yet is bounded: if 128 of these wait, this one is dropped, and one
    /// for [`Reason::Normal`] if 64 do.
    pub fn exit(&self, reason: Reason) {
        self.0.signal(Signal::Sent(reason));
    }

    /// Ends it, whatever it does, as soon as what it is doing is done. Those who are linked to it
    /// are told [`Reason::Killed`].
    pub fn kill(&self) {
        self.0.signal(Signal::Kill);
    }

    /// Whether nothing reaches it any more.
    pub fn is_gone(&self) -> bool {
        self.0.is_gone()
    }
}

impl<M> Clone for Address<M> {
    fn clone(&self) -> Self {
        Self { actor: self.actor.clone(), takes: PhantomData }
    }
}

impl<M> AsRef<ActorRef> for Address<M> {
    fn as_ref(&self) -> &ActorRef {
        &self.actor
    }
}

impl AsRef<Self> for ActorRef {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl<M> PartialEq for Address<M> {
    fn eq(&self, other: &Self) -> bool {
        self.actor == other.actor
    }
}

impl<M> Eq for Address<M> {}

impl PartialEq for ActorRef {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for ActorRef {}

impl<M> fmt::Debug for Address<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.actor.0.id).finish()
    }
}

impl fmt::Debug for ActorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ActorRef").field(&self.0.id).finish()
    }
}

/// Why an actor was not told something, and what it was.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TellError<M> {
    /// So much waits for it that there is no room.
    Full(M),
    /// It has ended, or is about to.
    Gone(M),
}

impl<M> TellError<M> {
    /// What it was not told.
    pub fn into_message(self) -> M {
        match self {
            Self::Full(message) | Self::Gone(message) => message,
        }
    }
}

impl<M> fmt::Display for TellError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the actor's mailbox is full",
            Self::Gone(_) => "the actor is gone",
        })
    }
}

/// What was wrong, and nothing of the message.
impl<M> fmt::Debug for TellError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(_)",
            Self::Gone(_) => "Gone(_)",
        })
    }
}

impl<M> Error for TellError<M> {}
