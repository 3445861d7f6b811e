//! The actors without a socket that live on a shard.

use std::collections::{BTreeSet, HashMap};

use ws_core::connection::Time;

use super::Shard;
use crate::actor::{ActorId, Handler, Next, Reason, Runs};

/// Actors, and when each is to have its next turn.
#[derive(Default)]
pub(crate) struct Residents {
    all: HashMap<ActorId, Lodging>,
    /// Those who have something left for the next turn.
    soon: Vec<ActorId>,
    due: BTreeSet<(Time, ActorId)>,
}

struct Lodging {
    actor: Box<dyn Runs>,
    at: Time,
}

impl Residents {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether somebody has something left to do.
    pub(super) fn is_busy(&self) -> bool {
        !self.soon.is_empty()
    }

    /// When somebody has something to do, if nothing comes before.
    pub(super) fn next(&self) -> Time {
        self.due.first().map_or(Time::NEVER, |(at, _)| *at)
    }
}

impl<H: Handler> Shard<H> {
    /// Takes an actor in, and lets it begin.
    pub(super) fn settle_in(&mut self, actor: Box<dyn Runs>) {
        let id = actor.id();
        self.served = true;
        self.actors.all.insert(id, Lodging { actor, at: Time::NEVER });
        self.act(id);
    }

    /// Gives an actor a turn.
    pub(super) fn act(&mut self, id: ActorId) {
        let Self { actors, desk, .. } = self;
        let Some(lodging) = actors.all.get_mut(&id) else { return };
        let next = lodging.actor.turn(desk);
        let at = match next {
            Next::At(at) => at,
            Next::Soon | Next::Never => Time::NEVER,
        };
        if lodging.at != at {
            actors.due.remove(&(lodging.at, id));
            lodging.at = at;
            if at != Time::NEVER {
                actors.due.insert((at, id));
            }
        }
        match next {
            Next::Soon => actors.soon.push(id),
            Next::Never => drop(actors.all.remove(&id)),
            Next::At(_) => {}
        }
    }

    /// Goes on with those who had more to do than is an actor's share of a turn.
    pub(super) fn go_on_acting(&mut self) {
        for id in std::mem::take(&mut self.actors.soon) {
            self.act(id);
        }
    }

    /// Gives a turn to those whose moment has come: one, since the next may have come, too.
    pub(super) fn wake_actors(&mut self) {
        let due = self.actors.due.iter().take_while(|(at, _)| *at <= self.desk.now);
        let due: Vec<ActorId> = due.map(|(_, id)| *id).collect();
        for id in due {
            self.act(id);
        }
    }

    /// Ends all actors, the youngest first: those who were started by others end before them, and
    /// the children of a supervisor in the order that it would end them in.
    pub(super) fn end_actors(&mut self) {
        let mut all: Vec<_> = self.actors.all.drain().map(|(_, lodging)| lodging.actor).collect();
        all.sort_by_cached_key(|actor| std::cmp::Reverse(actor.rank()));
        for mut actor in all {
            actor.end(&mut self.desk, &Reason::Shutdown);
        }
    }
}
