//! What other actors tell a connection.

use ws_core::connection::Time;
use ws_core::frame::CloseCode;

use super::Shard;
use super::slot::{Panicked, Slot, Stage};
use crate::actor::{AskError, By, Ended, Event, Handler, MAILBOX, Reason, Taken};
use crate::desk::Desk;
use crate::server::engine::Engine;
use crate::wire::How;

impl<H: Handler> Shard<H> {
    /// Tells a connection what is in its mailbox, and then what it is time for, but not more of
    /// either than is its share of a turn. If there is more in the mailbox, its client waits until
    /// that is told, too.
    pub(super) fn hear(&mut self, key: usize) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        // What it sets from now on has its time in another turn, however soon that is.
        let Some(last) = slot.extra.as_ref().map(|extra| extra.waits.last()) else {
            return self.settle(key);
        };
        let is_behind = slot.hear_mailbox(key, &self.engine, &mut self.desk);
        slot.keep_time(key, &self.engine, &mut self.desk, last);
        let was_behind = slot.wire.flags.behind;
        slot.wire.pause(self.desk.now, |flags| flags.behind = is_behind);
        if is_behind || was_behind {
            self.enqueue(key);
        }
        self.settle(key);
    }
}

impl<H: Handler> Slot<H> {
    /// Tells what is in the mailbox, but not more of it than is a share, and whether there may be
    /// more.
    fn hear_mailbox(&mut self, key: usize, engine: &Engine<H>, desk: &mut Desk) -> bool {
        let Some(cell) = self.extra.as_ref().and_then(|extra| extra.cell.clone()) else {
            return false;
        };
        for _ in 0..MAILBOX {
            if !self.may_be_told(desk) {
                return false;
            }
            match cell.take() {
                Taken::Nothing => return false,
                Taken::Doomed(reason) => {
                    self.obey(desk, reason);
                    return false;
                }
                Taken::Event(event) => self.tell(key, engine, desk, event),
            }
        }
        true
    }

    /// Tells what it is time for, of all up to this number, but not more than is a share.
    fn keep_time(&mut self, key: usize, engine: &Engine<H>, desk: &mut Desk, last: u64) {
        for _ in 0..MAILBOX {
            if !self.may_be_told(desk) {
                return;
            }
            let Some(extra) = self.extra.as_mut() else { return };
            let cell = extra.cell.as_ref();
            let gives_up = |question| cell.is_none_or(|cell| cell.gives_up(question));
            let Some(then) = extra.waits.due(desk.now, last, gives_up) else { return };
            let told = self.call(key, engine, desk, |handler, state, ctx| {
                then(handler, state, ctx, Err(AskError::TimedOut));
            });
            if let Err(panicked) = told {
                self.panicked(desk, panicked);
            }
        }
    }

    /// Whether it may be told something now. One that must end does.
    fn may_be_told(&mut self, desk: &mut Desk) -> bool {
        if !matches!(self.stage, Stage::Open(_)) || self.wire.ends_now() {
            return false;
        }
        let cell = self.extra.as_ref().and_then(|extra| extra.cell.as_ref());
        if let Some(reason) = cell.and_then(|cell| cell.doomed()) {
            self.obey(desk, reason);
            return false;
        }
        // A handler that waits for a result, that others cannot keep up with, or that has closed, is
        // told nothing.
        !self.wire.flags.suspended && !self.wire.flags.ahead && !self.is_deaf()
    }

    fn tell(&mut self, key: usize, engine: &Engine<H>, desk: &mut Desk, event: Event) {
        let then = match &event {
            Event::Answer(question, _) => {
                self.extra.as_mut().and_then(|extra| extra.waits.remove(*question))
            }
            _ => None,
        };
        let told = self.call(key, engine, desk, |handler, state, ctx| match (event, then) {
            (Event::Info(info), _) => {
                if let Ok(info) = info.downcast::<H::Info>() {
                    handler.on_info(state, ctx, *info);
                }
            }
            (Event::Exit(exit), _) => handler.on_exit(state, ctx, exit),
            (Event::Down(down), _) => handler.on_down(state, ctx, down),
            (Event::Answer(_, answer), Some(then)) => then(handler, state, ctx, answer),
            (Event::Answer(..), None) => {}
        });
        if let Err(panicked) = told {
            self.panicked(desk, panicked);
        }
    }

    /// Ends, because another actor has, or wants it.
    fn obey(&mut self, desk: &mut Desk, reason: Reason) {
        let code = match reason {
            Reason::Normal => CloseCode::NORMAL,
            Reason::Shutdown | Reason::Draining => CloseCode::GOING_AWAY,
            _ => CloseCode::INTERNAL_ERROR,
        };
        self.wire.fail(desk, code, Ended { by: By::Us, code, text: String::new(), reason });
    }

    /// From now on nothing reaches the mailbox, and the handler is told what it was not told.
    pub(super) fn undelivered(
        &mut self,
        key: usize,
        engine: &Engine<H>,
        desk: &mut Desk,
    ) -> Result<(), Panicked> {
        let cell = self.extra.as_ref().and_then(|extra| extra.cell.as_ref());
        let Some(left) = cell.map(|cell| cell.close()) else { return Ok(()) };
        let mut told = Ok(());
        for event in left {
            let this = self.call(key, engine, desk, |handler, state, _| {
                if let Event::Info(info) = event
                    && let Ok(info) = info.downcast::<H::Info>()
                {
                    handler.on_undelivered(state, *info);
                }
            });
            told = told.and(this.map(|_| ()));
        }
        told
    }

    /// When it is to be told that it is time for something.
    pub(super) fn next_wait(&self) -> Time {
        let is_told = !self.wire.flags.suspended
            && !self.wire.flags.ahead
            && self.wire.ending().is_none_or(|ending| ending.how == How::Hearing);
        let waits = self.extra.as_ref().filter(|_| is_told);
        waits.map_or(Time::NEVER, |extra| extra.waits.next())
    }
}
