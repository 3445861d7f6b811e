//! The children, and what they do.

use std::collections::{BTreeMap, HashMap};

use super::child::Name;
use super::{Child, ChildInfo, ChildState, Count, Restart};
use crate::actor::{ActorRef, MonitorId, Reason, TimerId};

/// Which child: they are started in the order of these numbers.
pub(super) type Number = u64;

#[derive(Default)]
pub(super) struct Roster {
    next: Number,
    slots: BTreeMap<Number, Slot>,
    by_id: HashMap<Name, Number>,
    by_monitor: HashMap<MonitorId, Number>,
}

pub(super) struct Slot {
    pub(super) child: Child,
    pub(super) state: State,
}

/// An actor that a child is for now.
#[derive(Clone)]
pub(super) struct Live {
    pub(super) actor: ActorRef,
    pub(super) monitor: MonitorId,
}

pub(super) enum State {
    /// It was told to stop, has done what it had to, or has not been started yet.
    Stopped,
    /// Its `on_start` is not over.
    Starting(Live),
    Running(Live),
    /// It was told to end, and is killed at this moment.
    Stopping(Live, Option<TimerId>),
    /// It has ended by itself, and what becomes of it is not decided yet.
    Ended(Reason),
    /// It is to be started again, at the moment that belongs to this attempt.
    Waiting(u64),
}

impl State {
    /// The actor, unless it has ended.
    pub(super) fn live(&self) -> Option<&Live> {
        match self {
            Self::Starting(live) | Self::Running(live) | Self::Stopping(live, _) => Some(live),
            Self::Stopped | Self::Ended(_) | Self::Waiting(_) => None,
        }
    }

    fn public(&self) -> ChildState {
        match self {
            Self::Stopped => ChildState::Stopped,
            Self::Starting(live) => ChildState::Starting(live.actor.clone()),
            Self::Running(live) => ChildState::Running(live.actor.clone()),
            Self::Stopping(live, _) => ChildState::Stopping(live.actor.clone()),
            Self::Ended(_) | Self::Waiting(_) => ChildState::Restarting,
        }
    }
}

impl Roster {
    /// Adds a child behind all others.
    ///
    /// # Errors
    ///
    /// The child: there is one that is called so.
    pub(super) fn add(&mut self, child: Child) -> Result<Number, Child> {
        if self.by_id.contains_key(&child.id) {
            return Err(child);
        }
        self.next += 1;
        self.by_id.insert(child.id.clone(), self.next);
        self.slots.insert(self.next, Slot { child, state: State::Stopped });
        Ok(self.next)
    }

    /// Forgets a child that does not run.
    pub(super) fn remove(&mut self, number: Number) -> Option<Child> {
        let slot = self.slots.remove(&number)?;
        self.by_id.remove(&slot.child.id);
        Some(slot.child)
    }

    pub(super) fn find(&self, id: &Name) -> Option<Number> {
        self.by_id.get(id).copied()
    }

    pub(super) fn slot(&mut self, number: Number) -> Option<&mut Slot> {
        self.slots.get_mut(&number)
    }

    pub(super) fn state(&self, number: Number) -> Option<&State> {
        self.slots.get(&number).map(|slot| &slot.state)
    }

    /// A child has been started.
    pub(super) fn starts(&mut self, number: Number, live: Live) {
        self.by_monitor.insert(live.monitor, number);
        if let Some(slot) = self.slot(number) {
            slot.state = State::Starting(live);
        }
    }

    /// Which child this monitor is of; it has told what it had to.
    pub(super) fn ended(&mut self, monitor: MonitorId) -> Option<Number> {
        self.by_monitor.remove(&monitor)
    }

    /// A child does not run, and is not to be started again by itself: it is forgotten, if it is one
    /// that never is.
    pub(super) fn rests(&mut self, number: Number) -> Option<Child> {
        let slot = self.slots.get_mut(&number)?;
        slot.state = State::Stopped;
        if slot.child.restart == Restart::Temporary { self.remove(number) } else { None }
    }

    /// All children, or those from this one on.
    pub(super) fn numbers(&self, from: Option<Number>) -> Vec<Number> {
        self.slots.range(from.unwrap_or(0)..).map(|(number, _)| *number).collect()
    }

    /// Those that have not ended, the last first.
    pub(super) fn live(&self) -> impl Iterator<Item = &Live> {
        self.slots.values().rev().filter_map(|slot| slot.state.live())
    }

    pub(super) fn list(&self) -> Vec<ChildInfo> {
        let info = |Slot { child, state }: &Slot| ChildInfo {
            id: child.id.clone(),
            restart: child.restart,
            state: state.public(),
        };
        self.slots.values().map(info).collect()
    }

    pub(super) fn count(&self) -> Count {
        let running = |slot: &&Slot| matches!(slot.state, State::Running(_));
        Count { children: self.slots.len(), running: self.slots.values().filter(running).count() }
    }
}
