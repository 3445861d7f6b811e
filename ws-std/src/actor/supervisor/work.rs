//! What a supervisor is busy with: one thing at a time, and it never waits for it.

use std::collections::VecDeque;

use super::child::Name;
use super::ending::forget;
use super::roster::Number;
use super::{Child, ChildError};
use crate::actor::{ActorRef, Reason, Reply};

/// Children that are stopped, one after the other, and then children that are started.
pub(super) struct Work {
    /// Those that are still to be stopped, the last of them first.
    pub(super) stops: Vec<Number>,
    /// Those that are started then.
    pub(super) starts: VecDeque<Number>,
    /// The one that is about to begin, or to end.
    pub(super) at: Option<Number>,
    pub(super) purpose: Purpose,
}

/// What for.
pub(super) enum Purpose {
    /// The supervisor begins.
    Begin,
    /// A child has failed.
    Restart,
    /// Somebody wants a child to run.
    Start(Wanted),
    /// Somebody wants a child not to run.
    Stop(Reply<Result<(), ChildError>>),
    /// The supervisor ends.
    End(Reason),
}

/// A child that somebody wants to run.
pub(super) struct Wanted {
    pub(super) newness: Newness,
    /// Who it is, once it is there.
    pub(super) actor: Option<ActorRef>,
    pub(super) reply: Reply<Result<ActorRef, ChildError>>,
}

/// Whether a child that fails to start stays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Newness {
    New,
    Known,
}

/// What is done when there is nothing else to do.
pub(super) enum Job {
    /// A child has ended by itself.
    Ended(Number),
    /// It is time to start a child again, for the attempt of this number.
    Retry(Number, u64),
    Asked(Asked),
}

/// What somebody asks for that is not done at once.
pub(super) enum Asked {
    Start(Child, Reply<Result<ActorRef, ChildError>>),
    Stop(Name, Reply<Result<(), ChildError>>),
    Restart(Name, Reply<Result<ActorRef, ChildError>>),
    Delete(Name, Reply<Result<(), ChildError>>),
}

impl Asked {
    pub(super) fn refuse(self, error: ChildError) {
        match self {
            Self::Start(child, reply) => {
                forget(Some(child));
                reply.send(Err(error));
            }
            Self::Restart(_, reply) => reply.send(Err(error)),
            Self::Stop(_, reply) | Self::Delete(_, reply) => reply.send(Err(error)),
        }
    }
}

impl Wanted {
    /// It runs.
    pub(super) fn finish(self) {
        self.reply.send(self.actor.ok_or(ChildError::NotFound));
    }
}

impl Purpose {
    /// It comes to nothing.
    pub(super) fn refuse(self, error: ChildError) {
        match self {
            Self::Start(wanted) => wanted.reply.send(Err(error)),
            Self::Stop(reply) => reply.send(Err(error)),
            Self::Begin | Self::Restart | Self::End(_) => {}
        }
    }
}

impl Work {
    pub(super) fn new(purpose: Purpose) -> Self {
        Self { stops: vec![], starts: VecDeque::new(), at: None, purpose }
    }

    pub(super) fn starting(purpose: Purpose, starts: impl Into<VecDeque<Number>>) -> Self {
        Self { starts: starts.into(), ..Self::new(purpose) }
    }

    pub(super) fn stopping(purpose: Purpose, stops: Vec<Number>) -> Self {
        Self { stops, ..Self::new(purpose) }
    }

    /// A child has been started, as this actor, and is about to begin.
    pub(super) fn is_starting(&mut self, number: Number, actor: &ActorRef) {
        self.at = Some(number);
        if let Purpose::Start(wanted) = &mut self.purpose {
            wanted.actor = Some(actor.clone());
        }
    }
}
