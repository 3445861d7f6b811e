//! How a child is made, and when, and how it is stopped.

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::Supervisor;
use super::roster::Live;
use crate::actor::birth::Birth;
use crate::actor::{Actor, ActorContext, Reason, Reply};
use crate::pool::guard;

/// A child of a supervisor: how it is made anew, and what becomes of it.
pub struct Child {
    pub(super) id: Name,
    pub(super) restart: Restart,
    pub(super) shutdown: Shutdown,
    name: Option<Arc<str>>,
    make: Box<Make>,
}

/// What a supervisor calls a child.
pub(super) type Name = Cow<'static, str>;

type Make = dyn FnMut(&mut ActorContext<'_, Supervisor>, Birth) -> io::Result<Live> + Send;

/// When a child that has ended by itself is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Restart {
    /// Always.
    Permanent,
    /// If it failed: if it ended for any reason but [`Reason::Normal`] and [`Reason::Shutdown`].
    Transient,
    /// Never, and the supervisor forgets it.
    Temporary,
}

/// How a supervisor stops a child. It waits for the end in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// It is [asked](crate::ActorRef::exit) to end for [`Reason::Shutdown`], and killed if it has
    /// not after so long, since it traps exits: five seconds, if nothing is said.
    Within(Duration),
    /// It is killed.
    Kill,
    /// It is asked, and has all the time that it wants: right for supervisors, which have children
    /// to stop, and what they do if nothing is said.
    Infinity,
}

/// What [`Shutdown`] a child has if nothing is said.
const PATIENCE: Duration = Duration::from_secs(5);

impl Child {
    /// A child that is always started again. The supervisor calls it `id`; `make` makes the actor
    /// whenever one is needed, on the supervisor's thread, and must not block.
    pub fn permanent<A: Actor>(
        id: impl Into<Cow<'static, str>>,
        make: impl FnMut() -> A + Send + 'static,
    ) -> Self {
        Self::new(id.into(), Restart::Permanent, make)
    }

    /// The same, but if it ends because it has done what it had to, that was it.
    pub fn transient<A: Actor>(
        id: impl Into<Cow<'static, str>>,
        make: impl FnMut() -> A + Send + 'static,
    ) -> Self {
        Self::new(id.into(), Restart::Transient, make)
    }

    /// The same, but it is never started again, and forgotten when it ends.
    pub fn temporary<A: Actor>(
        id: impl Into<Cow<'static, str>>,
        make: impl FnMut() -> A + Send + 'static,
    ) -> Self {
        Self::new(id.into(), Restart::Temporary, make)
    }

    /// How it is stopped.
    #[must_use]
    pub fn shutdown(mut self, shutdown: Shutdown) -> Self {
        self.shutdown = shutdown;
        self
    }

    /// Each incarnation goes by this name among all actors, before it does anything: so others
    /// [find](crate::Actors::find) whichever there is. It does not start if the name is another's,
    /// or cannot be one ([`NameError`](crate::NameError)).
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Starts it, as the child of this number, and tells why it could not be.
    pub(super) fn start(
        &mut self,
        ctx: &mut ActorContext<'_, Supervisor>,
        number: u64,
        awaited: Reply<()>,
    ) -> Result<Live, Reason> {
        let birth = Birth {
            parent: Some(ctx.me().id()),
            name: self.name.clone(),
            awaited: Some(awaited),
            rank: Some(ctx.rank().of_child(number)),
        };
        match guard(|| (self.make)(ctx, birth)) {
            Ok(started) => started.map_err(Reason::error),
            Err(message) => {
                ctx.desk.metrics.panics.add(1);
                Err(Reason::Panic(message))
            }
        }
    }

    fn new<A: Actor>(
        id: Name,
        restart: Restart,
        mut make: impl FnMut() -> A + Send + 'static,
    ) -> Self {
        let is_supervisor = TypeId::of::<A>() == TypeId::of::<Supervisor>();
        Self {
            id,
            restart,
            shutdown: if is_supervisor { Shutdown::Infinity } else { Shutdown::Within(PATIENCE) },
            name: None,
            make: Box::new(move |ctx, birth| {
                let (actor, monitor) = ctx.spawn_watched(make(), birth)?;
                Ok(Live { actor, monitor })
            }),
        }
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child")
            .field("id", &loggable(&self.id))
            .field("restart", &self.restart)
            .field("shutdown", &self.shutdown)
            .finish_non_exhaustive()
    }
}

/// What may be logged of a name: one that was made while the program ran may be secret.
pub(super) fn loggable(name: &Name) -> &str {
    match name {
        Cow::Borrowed(name) => name,
        Cow::Owned(_) => "(made at run time)",
    }
}
