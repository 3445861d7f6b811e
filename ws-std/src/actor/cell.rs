//! An actor as all others see it: its mailbox, and who is told how it ended.
//!
//! Signals are received when they are sent, under the lock of the receiver: an exit that ends it
//! dooms it there and then, whatever waits in its mailbox; everything else goes to the end of the
//! one queue, so that what one actor sends another arrives in that order, messages and signals
//! alike. Nobody's code runs under the lock.

mod ties;

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, PoisonError};

use super::{ActorId, AskError, Down, Exit, MonitorId, Reason};
use crate::server::{Command, Order, Port, Target};
use crate::sync::{Mutex, MutexGuard};

pub(crate) use ties::{demonitor, forget_down, forget_exit, link, monitor, next_monitor, unlink};

/// So many messages wait for an actor. What else may wait is bounded by what brings it: a link brings
/// one exit, a monitor one down, a question that is waited for one answer, and no more of the exits
/// that somebody asks for are kept than [`WISHES`].
pub(crate) const MAILBOX: usize = 64;

/// So many exits that somebody asks for wait for an actor: half of them for no particular reason, so
/// that those never keep out one that it may have to end for.
pub(crate) const WISHES: usize = 128;

/// For so few things at a time the queue of an actor keeps its memory.
const FEW: usize = 8;

pub(crate) struct Cell {
    pub(crate) id: ActorId,
    /// The type of what it may be told.
    takes: TypeId,
    home: Home,
    state: Mutex<State>,
}

/// Where an actor lives.
pub(crate) struct Home {
    port: Arc<Port>,
    /// The place of its connection, if it has one.
    connection: Option<Target>,
}

/// What is in a mailbox.
pub(crate) enum Event {
    /// What another actor tells this one.
    Info(Box<dyn Any + Send>),
    Exit(Exit),
    Down(Down),
    /// The answer to the question of this number.
    Answer(u64, Result<Box<dyn Any + Send>, AskError>),
}

/// What an actor does next.
pub(crate) enum Taken {
    Event(Event),
    /// It must end.
    Doomed(Reason),
    Nothing,
}

/// Why a message does not reach an actor.
pub(crate) enum Refused<T> {
    Full(T),
    Gone(T),
}

/// A signal to end.
pub(crate) enum Signal {
    /// A linked actor has ended.
    Link(Exit),
    /// Somebody asks for it.
    Sent(Reason),
    /// Somebody insists on it.
    Kill,
}

#[derive(Default)]
struct State {
    life: Life,
    traps: bool,
    /// It was told that there is something, and has not found nothing since.
    notified: bool,
    queue: VecDeque<Event>,
    /// How many of those are messages.
    infos: usize,
    /// How many of those are exits that somebody asks for.
    wishes: usize,
    /// The questions that it waits to have answered.
    questions: BTreeSet<u64>,
    /// One for each pair: as many at most as there are actors.
    links: BTreeMap<ActorId, Arc<Cell>>,
    /// Who is told when this one ends.
    watchers: BTreeMap<MonitorId, Arc<Cell>>,
    /// Whose end this one is told.
    watches: BTreeMap<MonitorId, Arc<Cell>>,
    names: Vec<Arc<str>>,
}

#[derive(Default)]
enum Life {
    #[default]
    Alive,
    /// It ends as soon as it comes to it.
    Doomed(Reason),
    /// It takes nothing any more.
    Ending,
    Dead,
}

impl State {
    /// Counts an exit that somebody asks for, unless too many wait.
    fn takes_wish(&mut self, reason: &Reason) -> bool {
        let most = if matches!(reason, Reason::Normal) { WISHES / 2 } else { WISHES };
        let is_taken = self.wishes < most;
        self.wishes += usize::from(is_taken);
        is_taken
    }
}

impl Home {
    pub(crate) fn of_connection(port: Arc<Port>, target: Target) -> Self {
        Self { port, connection: Some(target) }
    }

    pub(crate) fn on_shard(port: Arc<Port>) -> Self {
        Self { port, connection: None }
    }
}

impl Cell {
    /// An actor that takes messages of type `M`.
    pub(crate) fn new<M: 'static>(id: ActorId, home: Home) -> Arc<Self> {
        Arc::new(Self { id, takes: TypeId::of::<M>(), home, state: Mutex::default() })
    }

    /// Whether it takes messages of type `M`.
    pub(crate) fn takes<M: 'static>(&self) -> bool {
        self.takes == TypeId::of::<M>()
    }

    /// Adds a message, if there is room.
    pub(crate) fn tell<M: Send + 'static>(&self, message: M) -> Result<(), Refused<M>> {
        let mut state = self.lock();
        if !matches!(state.life, Life::Alive) {
            return Err(Refused::Gone(message));
        }
        if state.infos >= MAILBOX {
            return Err(Refused::Full(message));
        }
        state.infos += 1;
        self.deliver(state, Event::Info(Box::new(message)));
        Ok(())
    }

    /// Waits for the answer to this question.
    pub(crate) fn asks(&self, question: u64) {
        self.lock().questions.insert(question);
    }

    /// Waits for it no more, unless the answer is there: tells whether it is not.
    pub(crate) fn gives_up(&self, question: u64) -> bool {
        self.lock().questions.remove(&question)
    }

    /// Adds the answer to a question, if it is waited for.
    pub(crate) fn answer(&self, question: u64, answer: Result<Box<dyn Any + Send>, AskError>) {
        let mut state = self.lock();
        if state.questions.remove(&question) && matches!(state.life, Life::Alive) {
            self.deliver(state, Event::Answer(question, answer));
        }
    }

    /// Receives a signal to end, by the rules of Erlang/OTP.
    pub(crate) fn signal(&self, signal: Signal) {
        let mut state = self.lock();
        // A link that is no longer active kills nobody.
        if let Signal::Link(exit) = &signal
            && state.links.remove(&exit.from.unwrap_or(self.id)).is_none()
        {
            return;
        }
        if !matches!(state.life, Life::Alive) {
            return;
        }
        let exit = match signal {
            Signal::Kill => return self.doom(state, Reason::Killed),
            Signal::Sent(reason) => Exit { from: None, reason },
            Signal::Link(exit) => exit,
        };
        match exit.reason {
            _ if state.traps && exit.from.is_none() && !state.takes_wish(&exit.reason) => {
                // What the reason holds may be the program's: it is dropped without the lock.
                drop(state);
            }
            _ if state.traps => self.deliver(state, Event::Exit(exit)),
            Reason::Normal => {}
            reason => self.doom(state, reason),
        }
    }

    /// Ends itself, whether it traps exits or not.
    pub(crate) fn exit(&self, reason: Reason) {
        let state = self.lock();
        if matches!(state.life, Life::Alive) {
            self.doom(state, reason);
        }
    }

    pub(crate) fn trap_exits(&self, traps: bool) {
        self.lock().traps = traps;
    }

    /// What to do next. After [`Taken::Nothing`] the next event wakes it again.
    pub(crate) fn take(&self) -> Taken {
        let mut state = self.lock();
        if let Life::Doomed(reason) = &state.life {
            return Taken::Doomed(reason.clone());
        }
        let Some(event) = state.queue.pop_front() else {
            state.notified = false;
            // What many at a time have taken is given back.
            state.queue.shrink_to(FEW);
            return Taken::Nothing;
        };
        state.infos -= usize::from(matches!(event, Event::Info(_)));
        state.wishes -= usize::from(matches!(event, Event::Exit(Exit { from: None, .. })));
        Taken::Event(event)
    }

    /// How many ends it is still to be told of.
    pub(crate) fn watches(&self) -> usize {
        self.lock().watches.len()
    }

    /// How many names it goes by.
    pub(crate) fn names(&self) -> usize {
        self.lock().names.len()
    }

    /// Why it must end, if it must.
    pub(crate) fn doomed(&self) -> Option<Reason> {
        match &self.lock().life {
            Life::Doomed(reason) => Some(reason.clone()),
            _ => None,
        }
    }

    /// Whether nothing reaches it any more.
    pub(crate) fn is_gone(&self) -> bool {
        !matches!(self.lock().life, Life::Alive)
    }

    /// Takes nothing any more, and gives back what has not been told.
    pub(crate) fn close(&self) -> VecDeque<Event> {
        let mut state = self.lock();
        let is_dead = matches!(state.life, Life::Dead);
        let before = (!is_dead).then(|| std::mem::replace(&mut state.life, Life::Ending));
        (state.infos, state.wishes) = (0, 0);
        state.questions.clear();
        let left = std::mem::take(&mut state.queue);
        // What it was to end for may hold what is the program's: it is dropped without the lock.
        drop(state);
        drop(before);
        left
    }

    /// The names that it goes by, which it has no longer.
    pub(crate) fn give_up_names(&self) -> Vec<Arc<str>> {
        std::mem::take(&mut self.lock().names)
    }

    /// Goes by this name, unless it is dead.
    pub(crate) fn is_named(&self, name: &Arc<str>) -> bool {
        let mut state = self.lock();
        let lives = matches!(state.life, Life::Alive | Life::Doomed(_));
        if lives {
            state.names.push(name.clone());
        }
        lives
    }

    /// Is dead, and tells whoever is linked or watches. What it had must have been given back.
    pub(crate) fn end(&self, reason: &Reason) {
        let mut state = self.lock();
        if matches!(state.life, Life::Dead) {
            return;
        }
        let before = std::mem::replace(&mut state.life, Life::Dead);
        let links = std::mem::take(&mut state.links);
        let watchers = std::mem::take(&mut state.watchers);
        let watches = std::mem::take(&mut state.watches);
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        for (monitor, watched) in watches {
            watched.lock().watchers.remove(&monitor);
        }
        for (_, linked) in links {
            linked.signal(Signal::Link(Exit { from: Some(self.id), reason: reason.clone() }));
        }
        for (monitor, watcher) in watchers {
            watcher.down(Down { monitor, actor: self.id, reason: reason.clone() });
        }
        drop((before, queue));
    }

    /// It has never been: whoever was to be linked to it, or to watch it, is not, and is told nothing.
    pub(crate) fn was_never(&self) {
        let mut state = self.lock();
        state.life = Life::Dead;
        let links = std::mem::take(&mut state.links);
        let watchers = std::mem::take(&mut state.watchers);
        drop(state);
        for linked in links.into_values() {
            linked.lock().links.remove(&self.id);
        }
        for (monitor, watcher) in watchers {
            watcher.lock().watches.remove(&monitor);
        }
    }

    fn down(&self, down: Down) {
        let mut state = self.lock();
        if state.watches.remove(&down.monitor).is_some() && matches!(state.life, Life::Alive) {
            self.deliver(state, Event::Down(down));
        }
    }

    fn doom(&self, mut state: MutexGuard<'_, State>, reason: Reason) {
        state.life = Life::Doomed(reason);
        // It may have been told of something that it does not look at, as long as its work goes on.
        state.notified = false;
        self.notify(state);
    }

    fn deliver(&self, mut state: MutexGuard<'_, State>, event: Event) {
        state.queue.push_back(event);
        self.notify(state);
    }

    /// Wakes the actor, if nobody has.
    fn notify(&self, mut state: MutexGuard<'_, State>) {
        let was_notified = std::mem::replace(&mut state.notified, true);
        drop(state);
        if was_notified {
            return;
        }
        let command = match self.home.connection {
            Some(target) => Command::To(target, Order::Look),
            None => Command::Look(self.id),
        };
        // A shard that has ended has ended its actors.
        let _ended = self.home.port.push(command);
    }

    /// Takes out of the mailbox what is like this. It is dropped without the lock: a reason may hold
    /// what is the program's.
    fn take_out(&self, is_it: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut state = self.lock();
        let (out, stays): (Vec<_>, _) =
            std::mem::take(&mut state.queue).into_iter().partition(is_it);
        state.queue = VecDeque::from(stays);
        out
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
impl Cell {
    /// How much is in its mailbox.
    #[cfg(interleavings)]
    pub(crate) fn waiting(&self) -> usize {
        self.lock().queue.len()
    }

    /// Whether it is bound to nobody, and nobody to it.
    pub(crate) fn has_nobody(&self) -> bool {
        let state = self.lock();
        state.links.is_empty() && state.watchers.is_empty() && state.watches.is_empty()
    }
}

#[cfg(test)]
mod tests;
