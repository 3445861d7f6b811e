//! A place in a shard: a connection and what the program makes of it.

use std::sync::Arc;

use super::super::engine::Engine;
use crate::actor::{Context, Extra, Handler, Reason};
use crate::desk::Desk;
use crate::pool;
use crate::wire::Wire;

pub(crate) struct Slot<H: Handler> {
    pub(crate) wire: Wire,
    pub(crate) stage: Stage<H::State>,
    /// What few connections have.
    pub(crate) extra: Option<Box<Extra<H>>>,
}

/// How far a connection has come.
pub(crate) enum Stage<S> {
    /// It is not open yet.
    Opening(Box<super::opening::Opening>),
    /// Messages go to and fro.
    Open(S),
    /// All has been said: what waits is written, and what comes is thrown away, so many bytes so
    /// far.
    Leaving { discarded: usize },
    /// The place will be free when the turn is over.
    Ended,
}

/// What a handler said when it panicked.
pub(crate) struct Panicked(pub(crate) Arc<str>);

impl<H: Handler> Slot<H> {
    /// Calls the handler of an open connection; nothing happens to any other.
    pub(crate) fn call<R>(
        &mut self,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
        event: impl FnOnce(&H, &mut H::State, &mut Context<'_, H>) -> R,
    ) -> Result<Option<R>, Panicked> {
        let Self { wire, stage: Stage::Open(state), extra } = self else { return Ok(None) };
        let handler = &engine.handler;
        let mut ctx = Context { handler, wire, desk, pool: &engine.pool, key, extra };
        guard(|| event(handler, state, &mut ctx)).map(Some)
    }
}

impl<H: Handler> Slot<H> {
    /// The actor is no more, though the connection may still be. Whatever the handler waited for, it
    /// is told no more; its names are free, and then whoever is linked to it is told.
    pub(crate) fn abandon(&mut self, desk: &mut Desk, reason: &Reason) {
        let now = desk.now;
        let cell = self.extra.as_mut().and_then(|extra| extra.cell.take());
        let left = (self.extra.take(), cell.as_ref().map(|cell| cell.close()));
        if guard(|| drop(left)).is_err() {
            tracing::error!(connection = self.wire.id.0, "dropping what was to be done panicked");
        }
        if let Some(cell) = cell {
            desk.system.release(&cell);
            cell.end(reason);
        }
        if self.wire.flags.ahead {
            desk.ahead.forget(self.wire.id);
        }
        self.wire.pause(now, |flags| {
            (flags.crowded, flags.suspended) = (false, false);
            (flags.behind, flags.ahead) = (false, false);
        });
    }
}

/// Runs the program's code: a panic of it ends nothing but what it was about.
pub(crate) fn guard<R>(code: impl FnOnce() -> R) -> Result<R, Panicked> {
    pool::guard(code).map_err(Panicked)
}
