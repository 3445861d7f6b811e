//! Restarts that are put off, and the one alarm that they have.

use std::collections::BTreeSet;
use std::time::Duration;

use ws_core::connection::Time;

use super::Supervisor;
use super::roster::Number;
use super::work::Job;
use crate::actor::{ActorContext, AskError, TimerId};

/// Who is to be started again when. However many there are, it is one thing that the supervisor
/// waits for.
#[derive(Default)]
pub(super) struct Delays {
    waiting: BTreeSet<(Time, Number, u64)>,
    alarm: Option<(Time, TimerId)>,
}

impl Supervisor {
    /// Starts a child again after this time, for the attempt of this number.
    pub(super) fn put_off(
        &mut self,
        ctx: &mut ActorContext<'_, Self>,
        number: Number,
        attempt: u64,
        delay: Duration,
    ) {
        self.delays.waiting.insert((ctx.desk.after(delay), number, attempt));
        self.set_alarm(ctx);
    }

    fn set_alarm(&mut self, ctx: &mut ActorContext<'_, Self>) {
        let Some((first, ..)) = self.delays.waiting.first().copied() else { return };
        match self.delays.alarm {
            Some((at, _)) if at <= first => return,
            Some((_, timer)) => drop(ctx.cancel(timer)),
            None => {}
        }
        match alarm(ctx, first) {
            Ok(timer) => self.delays.alarm = Some((first, timer)),
            // Those that cannot be put off come now.
            Err(_) => self.ring(Time::NEVER),
        }
    }

    /// It is time for those that were put off up to this moment.
    fn ring(&mut self, now: Time) {
        self.delays.alarm = None;
        while let Some((at, number, attempt)) = self.delays.waiting.first().copied()
            && at <= now
        {
            self.delays.waiting.pop_first();
            self.jobs.push_back(Job::Retry(number, attempt));
        }
    }
}

fn alarm(ctx: &mut ActorContext<'_, Supervisor>, at: Time) -> Result<TimerId, AskError> {
    let ring = |this: &mut Supervisor, ctx: &mut ActorContext<'_, Supervisor>| {
        this.ring(ctx.desk.now);
        this.set_alarm(ctx);
        this.go_on(ctx);
    };
    let delay = Duration::from_millis(at.0.saturating_sub(ctx.desk.now.0));
    if !delay.is_zero() {
        return ctx.after(delay, ring);
    }
    // Also one that is not put off comes behind what has been told before: whoever tries again and
    // again hears others meanwhile.
    let (timer, reply) = ctx.awaits(ring)?;
    reply.send(());
    Ok(timer)
}
