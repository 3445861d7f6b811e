//! What a connection has to do with other actors.

use std::time::Duration;

use super::ask::{What, typed};
use super::cell::Home;
use super::{Address, AskError, Cell, Context, Extra, Handler, Me, Reply, TimerId};
use crate::server::Target;

impl<H: Handler> Context<'_, H> {
    /// What this connection can do as an actor: be told things, be linked, watch others.
    pub fn me(&mut self) -> Me<'_, H::Info> {
        let (id, target) = (self.wire.id, Target { key: self.key, id: self.wire.id });
        let desk = &*self.desk;
        let extra = self.extra.get_or_insert_default();
        let cell = extra.cell.get_or_insert_with(|| {
            Cell::new::<H::Info>(id.into(), Home::of_connection(desk.port.clone(), target))
        });
        Me::new(cell, &desk.system, &desk.port)
    }

    /// Asks an actor something. It does not wait: `then` is called with the answer, or with why
    /// there is none; not at all if the connection ends before.
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
        then: impl FnOnce(&H, &mut H::State, &mut Context<'_, H>, Result<R, AskError>) + 'static,
    ) -> Result<(), AskError> {
        let until = self.desk.after(within);
        let asker = self.me().address();
        let question = self.extra().waits.add(
            What::Answer,
            until,
            Box::new(|handler, state, ctx, answer| then(handler, state, ctx, typed(answer))),
        )?;
        let cell = asker.actor().0.clone();
        let message = message(Reply::to_an_actor(cell.clone(), question));
        other.tell(message).map_err(|error| {
            cell.gives_up(question);
            drop(self.extra().waits.remove(question));
            error.into()
        })
    }

    /// Does something later, if the connection lives then: in a turn of its own, behind what is in
    /// the mailbox by then. Of either it is told so much in a turn, so neither holds up the other,
    /// whatever it sets or is told.
    ///
    /// # Errors
    ///
    /// It waits for too many things already.
    pub fn after(
        &mut self,
        delay: Duration,
        then: impl FnOnce(&H, &mut H::State, &mut Context<'_, H>) + 'static,
    ) -> Result<TimerId, AskError> {
        let until = self.desk.after(delay);
        let then = Box::new(|handler: &H, state: &mut H::State, ctx: &mut Context<'_, H>, _| {
            then(handler, state, ctx);
        });
        self.extra().waits.add(What::Moment, until, then).map(TimerId::new)
    }

    /// Does not do it after all, and tells whether it was still to be done.
    pub fn cancel(&mut self, timer: TimerId) -> bool {
        self.extra().waits.remove(timer.number()).is_some()
    }

    pub(super) fn extra(&mut self) -> &mut Extra<H> {
        self.extra.get_or_insert_default()
    }
}
