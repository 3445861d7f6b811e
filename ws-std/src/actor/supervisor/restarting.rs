//! Starting children, again and again if need be.

use std::time::Duration;

use super::builder::Strategy;
use super::child::loggable;
use super::ending::{forget, is_failure};
use super::roster::{Number, State};
use super::work::{Newness, Purpose, Work};
use super::{ChildError, Failure, Restart, Supervisor};
use crate::actor::{ActorContext, Reason};

impl Supervisor {
    /// Starts a child, and goes on when it has begun.
    pub(super) fn start(&mut self, ctx: &mut ActorContext<'_, Self>, number: Number) {
        // A temporary one may be gone.
        let Some(slot) = self.roster.slot(number) else { return };
        let begun = ctx.awaits(move |this: &mut Self, ctx| this.has_begun(ctx, number));
        let started = match begun {
            Ok((wait, awaited)) => slot.child.start(ctx, number, awaited).inspect_err(|_| {
                ctx.cancel(wait);
            }),
            Err(error) => Err(Reason::error(error)),
        };
        match started {
            Ok(live) => {
                if let Some(work) = &mut self.work {
                    work.is_starting(number, &live.actor);
                }
                self.roster.starts(number, live);
            }
            Err(_) if ctx.desk.system.is_closed() => self.end(Reason::Shutdown),
            Err(reason) => self.is_not_started(ctx, number, reason),
        }
    }

    /// A child could not be started, or has ended before it had begun.
    pub(super) fn is_not_started(
        &mut self,
        ctx: &mut ActorContext<'_, Self>,
        number: Number,
        reason: Reason,
    ) {
        let Some(work) = self.work.take() else { return };
        match work.purpose {
            Purpose::Begin => {
                let Some(slot) = self.roster.slot(number) else { return };
                let id = slot.child.id.clone();
                let (supervisor, child) = (ctx.me().id().0, loggable(&id));
                tracing::error!(supervisor, child, %reason, "a child does not start");
                self.end(Reason::error(Failure::NotStarted { child: id, reason }));
            }
            // Those that were to be started after it are when it is tried again; before that others
            // have their turn.
            Purpose::Restart => {
                if let Some((attempt, delay)) = self.fails(ctx, number, reason) {
                    self.put_off(ctx, number, attempt, delay);
                }
            }
            Purpose::Start(wanted) => {
                match wanted.newness {
                    Newness::New => forget(self.roster.remove(number)),
                    Newness::Known => self.rests(number),
                }
                wanted.reply.send(Err(ChildError::NotStarted(reason)));
            }
            // One that had not begun yet when it was decided to end.
            Purpose::Stop(_) | Purpose::End(_) => self.work = Some(work),
        }
    }

    /// What becomes of a child that has ended by itself.
    pub(super) fn decide(&mut self, ctx: &mut ActorContext<'_, Self>, number: Number) {
        let Some(slot) = self.roster.slot(number) else { return };
        // Or it has been started again with others.
        let State::Ended(reason) = &slot.state else { return };
        let reason = reason.clone();
        match slot.child.restart {
            Restart::Temporary => self.rests(number),
            Restart::Transient if !is_failure(&reason) => self.rests(number),
            Restart::Transient | Restart::Permanent => match self.fails(ctx, number, reason) {
                // Before it is heard that others have ended, too: if they belong to it, they are
                // started again with it.
                Some((attempt, Duration::ZERO)) => self.retry(number, attempt),
                Some((attempt, delay)) => self.put_off(ctx, number, attempt, delay),
                None => {}
            },
        }
    }

    /// Begins to start a child again, and those others that belong to it.
    pub(super) fn retry(&mut self, number: Number, attempt: u64) {
        let is_due = |state: &State| matches!(state, State::Waiting(of) if *of == attempt);
        if !self.roster.state(number).is_some_and(is_due) {
            return;
        }
        let all = match self.strategy {
            Strategy::OneForOne => vec![number],
            Strategy::OneForAll => self.roster.numbers(None),
            Strategy::RestForOne => self.roster.numbers(Some(number)),
        };
        self.work = Some(Work { stops: all.clone(), ..Work::starting(Purpose::Restart, all) });
    }

    /// A child is to be started again, if that is not too often: which attempt it is, and after
    /// how long it comes.
    fn fails(
        &mut self,
        ctx: &ActorContext<'_, Self>,
        number: Number,
        reason: Reason,
    ) -> Option<(u64, Duration)> {
        // All others end now, too.
        if ctx.desk.system.is_closed() {
            self.end(Reason::Shutdown);
            return None;
        }
        let slot = self.roster.slot(number)?;
        let (supervisor, child) = (ctx.me().id().0, loggable(&slot.child.id));
        let Some(delay) = self.intensity.add(ctx.desk.now) else {
            tracing::error!(supervisor, child, %reason, "children end too often: giving up");
            ctx.desk.metrics.gave_up.add(1);
            let failure = Failure::GaveUp { child: slot.child.id.clone(), reason };
            self.end(Reason::error(failure));
            return None;
        };
        tracing::warn!(supervisor, child, %reason, "a child is started again");
        ctx.desk.metrics.restarts.add(1);
        self.attempts += 1;
        slot.state = State::Waiting(self.attempts);
        Some((self.attempts, delay))
    }

    fn has_begun(&mut self, ctx: &mut ActorContext<'_, Self>, number: Number) {
        if let Some(slot) = self.roster.slot(number)
            && let State::Starting(live) = &slot.state
        {
            slot.state = State::Running(live.clone());
            self.goes_on(number);
            self.go_on(ctx);
        }
    }
}
