//! Stopping children, and what is seen of it.
//!
//! The order is that of Erlang/OTP, where another has left children without a supervisor. The link
//! stays until the child is dead: if the supervisor is killed meanwhile, the child still ends. The
//! monitor is there since before the child did anything, so that its end is told whatever it has
//! done to the link. It is asked to end, and killed after a while; both times its end is waited for.
//! With that the link is gone, and there is nothing left to be undone.

use super::child::loggable;
use super::roster::{Number, State};
use super::work::{Job, Purpose, Work};
use super::{Child, ChildError, Shutdown, Supervisor};
use crate::actor::{ActorContext, MonitorId, Reason};
use crate::pool::guard;

impl Supervisor {
    /// Stops all children, and then ends.
    pub(super) fn end(&mut self, reason: Reason) {
        let mut at = None;
        match self.work.take() {
            // The first reason stands.
            Some(work) if matches!(work.purpose, Purpose::End(_)) => {
                self.work = Some(work);
                return;
            }
            Some(work) => {
                let is_ending = |number: &Number| {
                    matches!(self.roster.state(*number), Some(State::Stopping(..)))
                };
                at = work.at.filter(is_ending);
                work.purpose.refuse(ChildError::Ending);
            }
            None => {}
        }
        for job in self.jobs.drain(..) {
            if let Job::Asked(asked) = job {
                asked.refuse(ChildError::Ending);
            }
        }
        self.awaited = None;
        let all = self.roster.numbers(None);
        self.work = Some(Work { at, ..Work::stopping(Purpose::End(reason), all) });
    }

    /// Has a child end.
    pub(super) fn stop(&mut self, ctx: &mut ActorContext<'_, Self>, number: Number) {
        let Some(slot) = self.roster.slot(number) else { return };
        let Some(live) = slot.state.live().cloned() else { return self.rests(number) };
        let timer = match slot.child.shutdown {
            Shutdown::Kill => {
                live.actor.kill();
                None
            }
            Shutdown::Infinity => {
                live.actor.exit(Reason::Shutdown);
                None
            }
            Shutdown::Within(time) => {
                live.actor.exit(Reason::Shutdown);
                let monitor = live.monitor;
                let late = move |this: &mut Self, ctx: &mut ActorContext<'_, Self>| {
                    this.is_late(ctx, number, monitor);
                };
                // One that cannot be waited for is not waited for.
                ctx.after(time, late).map_err(|_| live.actor.kill()).ok()
            }
        };
        slot.state = State::Stopping(live, timer);
        if let Some(work) = &mut self.work {
            work.at = Some(number);
        }
    }

    /// A child has ended.
    pub(super) fn has_ended(
        &mut self,
        ctx: &mut ActorContext<'_, Self>,
        number: Number,
        reason: Reason,
    ) {
        let Some(slot) = self.roster.slot(number) else { return };
        match std::mem::replace(&mut slot.state, State::Ended(reason.clone())) {
            State::Stopping(_, timer) => {
                timer.map(|timer| ctx.cancel(timer));
                self.rests(number);
            }
            State::Starting(_) if is_failure(&reason) => {
                return self.is_not_started(ctx, number, reason);
            }
            _ => self.jobs.push_back(Job::Ended(number)),
        }
        self.goes_on(number);
    }

    /// A child does not run, and is not to.
    pub(super) fn rests(&mut self, number: Number) {
        let forgotten = self.roster.rests(number);
        forget(forgotten);
    }

    /// The child that was waited for has begun, or has ended.
    pub(super) fn goes_on(&mut self, number: Number) {
        if let Some(work) = &mut self.work {
            work.at = work.at.filter(|at| *at != number);
        }
    }

    /// A child has not ended in the time that it had.
    fn is_late(&mut self, ctx: &ActorContext<'_, Self>, number: Number, monitor: MonitorId) {
        let Some(slot) = self.roster.slot(number) else { return };
        if let State::Stopping(live, timer) = &mut slot.state
            && live.monitor == monitor
        {
            let (supervisor, child) = (ctx.me().id().0, loggable(&slot.child.id));
            tracing::warn!(supervisor, child, "a child does not end, and is killed");
            *timer = None;
            live.actor.kill();
        }
    }
}

/// Whether a child that ends so has not done what it had to.
pub(super) fn is_failure(reason: &Reason) -> bool {
    !matches!(reason, Reason::Normal | Reason::Shutdown)
}

/// What makes a child is the program's, and so is what dropping it does.
pub(super) fn forget(child: Option<Child>) {
    if guard(|| drop(child)).is_err() {
        tracing::error!("dropping what makes a child panicked");
    }
}
