//! Actors without a socket.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ws_core::connection::Time;

use super::ask::{Answered, Waits, What, typed};
use super::birth::{Birth, Rank};
use super::cell::{Cell, Event, MAILBOX, Taken};
use super::{ActorId, Actors, Address, AskError, Down, Exit, Me, Reason, Reply, TimerId};
use crate::desk::Desk;
use crate::pool::guard;
use crate::rooms::Rooms;

/// An actor without a socket: something that is told things, one at a time, and remembers.
///
/// The calls come one at a time, on one thread, and must not block, unless it asks for a thread of
/// its [own](Self::place). A panic ends this actor, and tells those who are linked to it.
///
/// ```
/// use std::time::Duration;
/// use ws_std::{Actor, ActorContext, Reply};
///
/// struct Counter(u64);
///
/// enum Told {
///     Add(u64),
///     Read(Reply<u64>),
/// }
///
/// impl Actor for Counter {
///     type Info = Told;
///
///     fn on_info(&mut self, _: &mut ActorContext<'_, Self>, told: Told) {
///         match told {
///             Told::Add(more) => self.0 += more,
///             Told::Read(reply) => reply.send(self.0),
///         }
///     }
/// }
///
/// let echo = ws_std::on_message(|ctx, message| {
///     ctx.send(message);
/// });
/// let server = ws_std::serve(echo, "127.0.0.1:0")?;
/// let counter = server.actors().spawn(Counter(0))?;
/// counter.tell(Told::Add(2))?;
/// counter.tell(Told::Add(3))?;
/// assert_eq!(counter.ask(Told::Read, Duration::from_secs(5)), Ok(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Actor: Send + Sized + 'static {
    /// What it is told.
    type Info: Send + 'static;

    /// Where it lives.
    fn place(&self) -> Place {
        Place::Shard
    }

    /// It begins: always before it is told anything, and not at all if it was to end before that.
    fn on_start(&mut self, ctx: &mut ActorContext<'_, Self>) {
        let _ = ctx;
    }

    /// It is told something.
    fn on_info(&mut self, ctx: &mut ActorContext<'_, Self>, info: Self::Info);

    /// It traps exits, and one that it is linked to has ended, or somebody wants it to end.
    fn on_exit(&mut self, ctx: &mut ActorContext<'_, Self>, exit: Exit) {
        let _ = (ctx, exit);
    }

    /// One that it monitors has ended.
    fn on_down(&mut self, ctx: &mut ActorContext<'_, Self>, down: Down) {
        let _ = (ctx, down);
    }

    /// It ends before it could be told this.
    fn on_undelivered(&mut self, info: Self::Info) {
        let _ = info;
    }

    /// It ends, after it has begun; those who are linked to it, or monitor it, are told after this.
    fn on_stop(&mut self, ctx: &mut ActorContext<'_, Self>, reason: &Reason) {
        let _ = (ctx, reason);
    }
}

/// Where an actor lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// On the thread of a shard, with connections and other actors: it must not block.
    #[default]
    Shard,
    /// On a thread of its own, which the server waits for when it stops.
    Thread,
}

/// What an [`Actor`] can do while it is told something.
pub struct ActorContext<'a, A: Actor> {
    pub(super) cell: &'a Arc<Cell>,
    pub(super) desk: &'a mut Desk,
    pub(super) waits: &'a mut Waits<Then<A>>,
    pub(super) birth: &'a mut Birth,
}

pub(super) type Then<A> = Box<dyn FnOnce(&mut A, &mut ActorContext<'_, A>, Answered) + Send>;

impl<A: Actor> ActorContext<'_, A> {
    /// What it can do as an actor.
    pub fn me(&self) -> Me<'_, A::Info> {
        Me::new(self.cell, &self.desk.system, &self.desk.port)
    }

    /// All rooms: it is no member of any, but may speak to them.
    pub fn rooms(&self) -> Rooms {
        Rooms(self.desk.directory.clone())
    }

    /// All actors: to find others by their names, whatever they are told.
    pub fn actors(&self) -> Actors {
        Actors(self.desk.system.clone())
    }

    /// Ends, when this call is over, for no particular reason.
    pub fn stop(&self) {
        self.cell.exit(Reason::Normal);
    }

    /// Asks another actor something. It does not wait: `then` is called with the answer, or with
    /// why there is none.
    ///
    /// An answer counts if it is there in time, however late it is heard; one that comes later is
    /// dropped where it is given. Of answers and moments an actor waits for 1,024 at most.
    ///
    /// # Errors
    ///
    /// It could not even be asked, and `then` is not called.
    pub fn ask<M: Send + 'static, R: Send + 'static>(
        &mut self,
        other: &Address<M>,
        message: impl FnOnce(Reply<R>) -> M,
        within: Duration,
        then: impl FnOnce(&mut A, &mut ActorContext<'_, A>, Result<R, AskError>) + Send + 'static,
    ) -> Result<(), AskError> {
        let until = self.desk.after(within);
        let then: Then<A> = Box::new(|actor, ctx, answer| then(actor, ctx, typed(answer)));
        let question = self.waits.add(What::Answer, until, then)?;
        let message = message(Reply::to_an_actor(self.cell.clone(), question));
        other.tell(message).map_err(|error| {
            self.cell.gives_up(question);
            drop(self.waits.remove(question));
            error.into()
        })
    }

    /// Does something later: in a turn of its own, behind what is in the mailbox by then. Of either
    /// it is told so much in a turn, so neither holds up the other, whatever it sets or is told.
    ///
    /// # Errors
    ///
    /// It waits for too many things already.
    pub fn after(
        &mut self,
        delay: Duration,
        then: impl FnOnce(&mut A, &mut ActorContext<'_, A>) + Send + 'static,
    ) -> Result<TimerId, AskError> {
        let until = self.desk.after(delay);
        let then: Then<A> = Box::new(|actor, ctx, _| then(actor, ctx));
        self.waits.add(What::Moment, until, then).map(TimerId::new)
    }

    /// Does not do it after all, and tells whether it was still to be done.
    pub fn cancel(&mut self, timer: TimerId) -> bool {
        self.waits.remove(timer.number()).is_some()
    }
}

impl<A: Actor> fmt::Debug for ActorContext<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorContext").field("id", &self.cell.id).finish_non_exhaustive()
    }
}

/// An actor of any type, as its shard sees it.
pub(crate) trait Runs: Send {
    fn id(&self) -> ActorId;

    /// Where it stands among those that end.
    fn rank(&self) -> Rank;

    /// Does what there is to do, but not more than is an actor's share of a turn.
    fn turn(&mut self, desk: &mut Desk) -> Next;

    /// Ends it now.
    fn end(&mut self, desk: &mut Desk, reason: &Reason);
}

/// When an actor is to have its next turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// In the next turn of the shard.
    Soon,
    /// When something comes, or at this moment.
    At(Time),
    /// Never: it has ended.
    Never,
}

/// An actor where it lives.
pub(crate) struct Resident<A: Actor> {
    cell: Arc<Cell>,
    actor: Option<A>,
    waits: Waits<Then<A>>,
    birth: Birth,
    has_started: bool,
}

impl<A: Actor> Resident<A> {
    pub(crate) fn new(actor: A, cell: Arc<Cell>, birth: Birth) -> Self {
        Self { cell, actor: Some(actor), waits: Waits::default(), birth, has_started: false }
    }

    fn call(
        &mut self,
        desk: &mut Desk,
        event: impl FnOnce(&mut A, &mut ActorContext<'_, A>),
    ) -> Result<(), Arc<str>> {
        let Self { cell, actor: Some(actor), waits, birth, .. } = self else { return Ok(()) };
        guard(|| event(actor, &mut ActorContext { cell, desk, waits, birth }))
    }

    /// Lets it begin, and tells whoever waits for that.
    fn begin(&mut self, desk: &mut Desk) -> Result<(), Reason> {
        if let Some(name) = &self.birth.name {
            let taken = desk.system.register(name, &self.cell);
            taken.map_err(Reason::error)?;
        }
        self.has_started = true;
        self.call(desk, |actor, ctx| actor.on_start(ctx)).map_err(Reason::Panic)?;
        if let Some(reason) = self.cell.doomed() {
            return Err(reason);
        }
        if let Some(awaited) = self.birth.awaited.take() {
            awaited.send(());
        }
        Ok(())
    }

    /// Tells it what is in its mailbox, and then what it is time for, and when it goes on.
    fn goes_on(&mut self, desk: &mut Desk) -> Result<Next, Reason> {
        // What it sets from now on has its time in another turn, however soon that is.
        let last = self.waits.last();
        if !self.has_started {
            // Whoever was to end before this has never been there.
            if let Some(reason) = self.cell.doomed() {
                return Err(reason);
            }
            self.begin(desk)?;
        }
        let is_behind = self.hear(desk)?;
        self.keep_time(desk, last)?;
        Ok(if is_behind { Next::Soon } else { Next::At(self.waits.next()) })
    }

    /// Tells it what is in its mailbox, but not more of it than is its share of a turn, and whether
    /// there may be more.
    fn hear(&mut self, desk: &mut Desk) -> Result<bool, Reason> {
        for _ in 0..MAILBOX {
            match self.cell.take() {
                Taken::Nothing => return Ok(false),
                Taken::Doomed(reason) => return Err(reason),
                Taken::Event(event) => self.event(desk, event).map_err(Reason::Panic)?,
            }
        }
        Ok(true)
    }

    /// Tells it what it is time for, of all up to this number, but not more than is its share.
    fn keep_time(&mut self, desk: &mut Desk, last: u64) -> Result<(), Reason> {
        for _ in 0..MAILBOX {
            if let Some(reason) = self.cell.doomed() {
                return Err(reason);
            }
            let Self { cell, waits, .. } = self;
            let due = waits.due(desk.now, last, |question| cell.gives_up(question));
            let Some(then) = due else { return Ok(()) };
            let late = Err(AskError::TimedOut);
            self.call(desk, |actor, ctx| then(actor, ctx, late)).map_err(Reason::Panic)?;
        }
        Ok(())
    }

    fn event(&mut self, desk: &mut Desk, event: Event) -> Result<(), Arc<str>> {
        match event {
            Event::Info(info) => {
                let Ok(info) = info.downcast::<A::Info>() else { return Ok(()) };
                self.call(desk, |actor, ctx| actor.on_info(ctx, *info))
            }
            Event::Exit(exit) => self.call(desk, |actor, ctx| actor.on_exit(ctx, exit)),
            Event::Down(down) => self.call(desk, |actor, ctx| actor.on_down(ctx, down)),
            Event::Answer(question, answer) => match self.waits.remove(question) {
                Some(then) => self.call(desk, |actor, ctx| then(actor, ctx, answer)),
                None => guard(|| drop(answer)),
            },
        }
    }

    /// Tells it what it was not told in time, and that this is the end.
    fn say_goodbye(&mut self, desk: &mut Desk, reason: &Reason) {
        let undelivered: VecDeque<Event> = self.cell.close();
        let mut told = Ok(());
        for event in undelivered {
            told = told.and(self.call(desk, |actor, _| {
                if let Event::Info(info) = event
                    && let Ok(info) = info.downcast::<A::Info>()
                {
                    actor.on_undelivered(*info);
                }
            }));
        }
        if self.has_started {
            told = told.and(self.call(desk, |actor, ctx| actor.on_stop(ctx, reason)));
        }
        let (actor, waits) = (self.actor.take(), std::mem::take(&mut self.waits));
        let dropped = guard(|| drop((actor, waits)));
        if told.and(dropped).is_err() {
            desk.metrics.panics.add(1);
            tracing::error!(actor = self.cell.id.0, "an actor panicked as it ended");
        }
    }
}

impl<A: Actor> Runs for Resident<A> {
    fn id(&self) -> ActorId {
        self.cell.id
    }

    fn rank(&self) -> Rank {
        self.birth.rank_of(self.cell.id)
    }

    fn turn(&mut self, desk: &mut Desk) -> Next {
        self.goes_on(desk).unwrap_or_else(|reason| {
            self.end(desk, &reason);
            Next::Never
        })
    }

    fn end(&mut self, desk: &mut Desk, reason: &Reason) {
        if let Reason::Panic(message) = reason {
            desk.metrics.panics.add(1);
            tracing::error!(actor = self.cell.id.0, panic = %message, "an actor panicked");
        }
        self.say_goodbye(desk, reason);
        desk.system.release(&self.cell);
        self.cell.end(reason);
    }
}

/// An actor that nobody takes care of any more has ended, and those who wait for it are told.
impl<A: Actor> Drop for Resident<A> {
    fn drop(&mut self) {
        let (actor, left) = (self.actor.take(), self.cell.close());
        let _dropped = guard(|| drop((actor, left)));
        self.cell.end(&Reason::Shutdown);
    }
}
