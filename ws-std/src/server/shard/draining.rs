//! A shard's part in a drain.

use ws_core::frame::CloseCode;

use super::Shard;
use super::slot::{Slot, Stage};
use crate::actor::{Handler, Reason};
use crate::server::gate::State;
use crate::server::port::Target;
use crate::wire::Ending;

impl<H: Handler> Shard<H> {
    /// Closes those whose time has come, and ends when all have gone, or when it is too late.
    pub(super) fn go_on_draining(&mut self) {
        let now = self.desk.now;
        let Some(mut draining) = self.drain.take() else { return };
        if !draining.has_begun() && draining.begins() <= now {
            self.engine.gate.advance(State::Draining);
            let all = self.candidates();
            let stock = &mut self.desk.stock;
            draining.schedule(all, |end| stock.below(end));
        }
        while let Some(target) = draining.due(now) {
            self.ask_to_go(target);
        }
        if draining.deadline() <= now {
            self.desk.system.closes();
            self.close_all(&Reason::Draining);
            self.stopped = true;
        }
        if draining.is_told() && self.slots.len() == self.ended.len() {
            self.has_drained();
        }
        self.drain = Some(draining);
    }

    /// Its connections have gone. Its actors stay as long as others may have something to tell them.
    fn has_drained(&mut self) {
        match self.actors.is_empty() {
            true => self.stopped = true,
            false => self.running.has_drained(),
        }
    }

    fn ask_to_go(&mut self, Target { key, id }: Target) {
        let slot = self.slots.get_mut(key).filter(|slot| slot.wire.id == id);
        let is_open = |slot: &&mut Slot<H>| {
            matches!(slot.stage, Stage::Open(_)) && slot.wire.ending().is_none()
        };
        let Some(slot) = slot.filter(is_open) else {
            self.engine.gate.drained.has_gone();
            return;
        };
        let text = format!("retry in {} s", 1 + self.desk.stock.below(10));
        let ending = Ending::by_drain(CloseCode::RESTART, &text);
        slot.wire.close(&mut self.desk, CloseCode::RESTART, &text, ending);
        self.settle(key);
    }

    /// Who is to be closed: those first who were silent longest.
    pub(super) fn candidates(&self) -> Vec<Target> {
        let mut all: Vec<(u32, Target)> = self
            .slots
            .iter()
            .filter(|(_, slot)| matches!(slot.stage, Stage::Open(_)) && !was_asked(slot))
            .map(|(key, slot)| (slot.wire.heard, Target { key, id: slot.wire.id }))
            .collect();
        all.sort_unstable_by_key(|(heard, _)| *heard);
        all.into_iter().map(|(_, target)| target).collect()
    }
}

/// Whether a drain before this one has asked it already.
fn was_asked<H: Handler>(slot: &Slot<H>) -> bool {
    let ending = slot.wire.ending();
    ending.is_some_and(|ending| matches!(ending.ended.reason, Reason::Draining))
}
