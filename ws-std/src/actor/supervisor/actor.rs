//! A supervisor as an actor: what happens to it, and what it does next.

use super::work::{Job, Purpose, Work};
use super::{Command, Failure, Supervisor};
use crate::actor::{Actor, ActorContext, Down, Exit, Reason};

impl Actor for Supervisor {
    type Info = Command;

    fn on_start(&mut self, ctx: &mut ActorContext<'_, Self>) {
        ctx.me().trap_exits();
        // It has begun when its children have.
        self.awaited = ctx.birth.awaited.take();
        if let Err(reason) = self.introduce(ctx) {
            return ctx.me().exit(reason);
        }
        self.work = Some(Work::starting(Purpose::Begin, self.roster.numbers(None)));
        self.go_on(ctx);
    }

    fn on_info(&mut self, ctx: &mut ActorContext<'_, Self>, command: Command) {
        self.hear(command);
        self.go_on(ctx);
    }

    /// The exits of children say nothing that their monitors do not say, and those of others whom
    /// somebody has linked to it are none of its business.
    fn on_exit(&mut self, ctx: &mut ActorContext<'_, Self>, exit: Exit) {
        let is_asked = exit.from.is_none() && !matches!(exit.reason, Reason::Normal);
        if is_asked || (exit.from.is_some() && exit.from == ctx.birth.parent) {
            self.end(exit.reason);
            self.go_on(ctx);
        }
    }

    fn on_down(&mut self, ctx: &mut ActorContext<'_, Self>, down: Down) {
        if let Some(number) = self.roster.ended(down.monitor) {
            self.has_ended(ctx, number, down.reason);
            self.go_on(ctx);
        }
    }

    /// Children are left only if it was killed, or if the server stops: then whatever runs them ends
    /// them, too. To be killed is more than their links would tell them: one that traps exits, or
    /// that has undone its link, would be left without a supervisor.
    fn on_stop(&mut self, _: &mut ActorContext<'_, Self>, reason: &Reason) {
        if !matches!(reason, Reason::Shutdown) {
            self.roster.live().for_each(|live| live.actor.kill());
        }
    }
}

impl Supervisor {
    /// Does what there is to do, up to where somebody else has to do something.
    pub(super) fn go_on(&mut self, ctx: &mut ActorContext<'_, Self>) {
        loop {
            let Some(work) = &mut self.work else {
                let Some(job) = self.jobs.pop_front() else { return };
                self.take_up(ctx, job);
                continue;
            };
            if work.at.is_some() {
                return;
            }
            if let Some(number) = work.stops.pop() {
                self.stop(ctx, number);
            } else if let Some(number) = work.starts.pop_front() {
                self.start(ctx, number);
            } else if let Some(work) = self.work.take() {
                self.finish(ctx, work.purpose);
            }
        }
    }

    fn introduce(&self, ctx: &ActorContext<'_, Self>) -> Result<(), Reason> {
        if let Some(name) = &self.twice {
            return Err(Reason::error(Failure::Twice { child: name.clone() }));
        }
        let Some(name) = &self.name else { return Ok(()) };
        ctx.me().register(name).map_err(Reason::error)
    }

    fn take_up(&mut self, ctx: &mut ActorContext<'_, Self>, job: Job) {
        match job {
            Job::Ended(number) => self.decide(ctx, number),
            Job::Retry(number, attempt) => self.retry(number, attempt),
            Job::Asked(asked) => self.obey(asked),
        }
    }

    /// Everybody has been stopped and started.
    fn finish(&mut self, ctx: &ActorContext<'_, Self>, purpose: Purpose) {
        match purpose {
            Purpose::Begin => {
                if let Some(awaited) = self.awaited.take() {
                    awaited.send(());
                }
            }
            Purpose::Restart => {}
            Purpose::Start(wanted) => wanted.finish(),
            Purpose::Stop(reply) => reply.send(Ok(())),
            Purpose::End(reason) => {
                self.jobs.clear();
                ctx.me().exit(reason);
            }
        }
    }
}
