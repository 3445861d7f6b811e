//! What a supervisor is told, and what it answers.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use super::child::loggable;
use super::{Child, Restart};
use crate::actor::{ActorRef, Reason, Reply};

/// What a supervisor is told: a message like any other, that is
/// [asked](crate::Address::ask) from a thread or, without waiting, from a
/// [handler](crate::Context::ask).
///
/// The first four are done one after the other, after whatever the supervisor is busy with. At most
/// 64 of them wait.
#[non_exhaustive]
pub enum Command {
    /// Add a child, after those that there are, and start it: it is answered when it has begun.
    /// One that fails to start is not added.
    Start(Child, Reply<Result<ActorRef, ChildError>>),
    /// Stop a child, and do not start it again until somebody [asks](Self::Restart), or all of them
    /// are. One that is temporary is forgotten.
    Stop(Cow<'static, str>, Reply<Result<(), ChildError>>),
    /// Start a child again that has been stopped, or that has done what it had to.
    Restart(Cow<'static, str>, Reply<Result<ActorRef, ChildError>>),
    /// Forget a child that has been stopped, or that has done what it had to.
    Delete(Cow<'static, str>, Reply<Result<(), ChildError>>),
    /// Who is this child now? None if it does not run.
    Find(Cow<'static, str>, Reply<Option<ActorRef>>),
    /// Who are the children, in the order in which they are started?
    List(Reply<Vec<ChildInfo>>),
    /// How many children are there?
    Count(Reply<Count>),
}

/// What is asked for, and no name that may be secret.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start(..) => "Start(..)",
            Self::Stop(..) => "Stop(..)",
            Self::Restart(..) => "Restart(..)",
            Self::Delete(..) => "Delete(..)",
            Self::Find(..) => "Find(..)",
            Self::List(_) => "List(..)",
            Self::Count(_) => "Count(..)",
        })
    }
}

/// A child, as its supervisor sees it.
#[derive(Clone)]
#[non_exhaustive]
pub struct ChildInfo {
    /// What the supervisor calls it.
    pub id: Cow<'static, str>,
    /// When it is started again.
    pub restart: Restart,
    /// What it does.
    pub state: ChildState,
}

impl fmt::Debug for ChildInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildInfo")
            .field("id", &loggable(&self.id))
            .field("restart", &self.restart)
            .field("state", &self.state)
            .finish()
    }
}

/// What a child does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChildState {
    /// It begins.
    Starting(ActorRef),
    /// It runs.
    Running(ActorRef),
    /// It is to end.
    Stopping(ActorRef),
    /// It has ended, and is to be started again.
    Restarting,
    /// It has been stopped, has done what it had to, or was not started yet.
    Stopped,
}

/// How many children there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Count {
    /// All of them.
    pub children: usize,
    /// Those that run.
    pub running: usize,
}

/// Why a supervisor has not done what it was told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ChildError {
    /// There is no child that is called so.
    NotFound,
    /// There is one already.
    Exists,
    /// It runs.
    Running,
    /// It is about to be started again.
    Restarting,
    /// It did not start, for this reason.
    NotStarted(Reason),
    /// The supervisor has so much to do that it takes no more.
    Busy,
    /// The supervisor is about to end.
    Ending,
}

impl fmt::Display for ChildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such child"),
            Self::Exists => f.write_str("there is such a child already"),
            Self::Running => f.write_str("the child runs"),
            Self::Restarting => f.write_str("the child is about to be started again"),
            Self::NotStarted(reason) => write!(f, "the child did not start: {reason}"),
            Self::Busy => f.write_str("the supervisor has too much to do"),
            Self::Ending => f.write_str("the supervisor is about to end"),
        }
    }
}

impl Error for ChildError {}
