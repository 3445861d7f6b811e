//! How an actor begins, and others of its own, and where it stands in the order of ending.

use std::io;
use std::sync::Arc;

use ws_core::connection::Time;

use super::ask::What;
use super::cell;
use super::resident::Then;
use super::{Actor, ActorContext, ActorId, ActorRef, AskError, MonitorId, Reply, TimerId};

/// What is settled before an actor does anything.
#[derive(Default)]
pub(crate) struct Birth {
    /// Who has started it, and is linked to it.
    pub(crate) parent: Option<ActorId>,
    /// What it goes by.
    pub(crate) name: Option<Arc<str>>,
    /// Who waits for it to have begun. To drop this tells them that it has not.
    pub(crate) awaited: Option<Reply<()>>,
    /// Where it stands, if not where its number puts it.
    pub(crate) rank: Option<Rank>,
}

impl Birth {
    /// Where the actor of this number stands.
    pub(crate) fn rank_of(&self, id: ActorId) -> Rank {
        self.rank.clone().unwrap_or_else(|| Rank::of(id))
    }
}

/// Where an actor stands in the order in which a server that stops ends its actors, the highest
/// first: the youngest. A child of a supervisor stands above that, and where its first incarnation
/// stood among the others: one that was started again is young, and still others may need it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank(Vec<u64>);

impl Rank {
    pub(crate) fn of(id: ActorId) -> Self {
        Self(vec![id.0])
    }

    /// That of the child of this number.
    pub(crate) fn of_child(&self, number: u64) -> Self {
        let mut rank = self.0.clone();
        rank.push(number);
        Self(rank)
    }
}

impl<A: Actor> ActorContext<'_, A> {
    /// Starts an actor that this one is linked to and monitors before it does anything: so the end
    /// of this one is the end of the other, and the end of the other is told whatever it has done to
    /// the link.
    pub(super) fn spawn_watched<B: Actor>(
        &mut self,
        actor: B,
        birth: Birth,
    ) -> io::Result<(ActorRef, MonitorId)> {
        let (cell, desk) = (self.cell, &self.desk);
        let mut monitor = None;
        let tie = |child: &_| {
            cell::link(cell, child);
            monitor = Some(desk.system.monitor(cell, child));
        };
        let address = desk.system.spawn(actor, Some(&desk.port), birth, tie)?;
        let monitor = monitor.ok_or_else(|| io::Error::other("nothing was made"))?;
        Ok((address.actor().clone(), monitor))
    }

    /// Does something when somebody says that it is done, behind what has been told before; if it
    /// is dropped instead, nothing.
    pub(super) fn awaits(
        &mut self,
        then: impl FnOnce(&mut A, &mut ActorContext<'_, A>) + Send + 'static,
    ) -> Result<(TimerId, Reply<()>), AskError> {
        let then: Then<A> = Box::new(|actor, ctx, answer| {
            if answer.is_ok() {
                then(actor, ctx);
            }
        });
        let question = self.waits.add(What::Answer, Time::NEVER, then)?;
        Ok((TimerId::new(question), Reply::to_an_actor(self.cell.clone(), question)))
    }

    /// Where this one stands among those that end.
    pub(super) fn rank(&self) -> Rank {
        self.birth.rank_of(self.cell.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ACTOR-08
    #[test]
    fn children_stand_above_their_supervisor_and_below_whoever_came_after_it() {
        let supervisor = Rank::of(ActorId(7));
        let (first, second) = (supervisor.of_child(1), supervisor.of_child(2));
        let order = [
            Rank::of(ActorId(6)),
            supervisor,
            first.clone(),
            first.of_child(9),
            second,
            Rank::of(ActorId(8)),
        ];
        assert!(order.is_sorted());
    }
}
