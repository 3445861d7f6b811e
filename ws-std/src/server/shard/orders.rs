//! What others want of a shard.

use std::sync::Arc;

use super::Shard;
use super::fanout::When;
use super::slot::{Panicked, Stage, guard};
use crate::actor::Handler;
use crate::pool::Outcome;
use crate::server::drain::Draining;
use crate::server::port::{Command, Order, Target};
use crate::wire::Ending;

impl<H: Handler> Shard<H> {
    pub(super) fn command(&mut self, command: Command) {
        if let Command::Broadcast(post) = command {
            return self.broadcast(post);
        }
        // What came before is sent before.
        self.deliver(When::Later);
        match command {
            Command::Broadcast(_) => {}
            Command::Adopt(arrival) => self.adopt(arrival),
            Command::Spawn(resident) => self.settle_in(resident),
            Command::Look(actor) => self.act(actor),
            Command::Await(absent) => self.desk.farewells.wait_for(absent),
            Command::To(target, order) => self.order(target, order),
            Command::Drain { how, began } => self.drain = Some(Draining::new(how, began)),
            Command::Stop => {
                self.stopped = true;
                self.desk.system.closes();
            }
        }
    }

    fn order(&mut self, Target { key, id }: Target, order: Order) {
        order.arrived();
        let slot = self.slots.get_mut(key).filter(|slot| slot.wire.id == id);
        let open = slot.filter(|slot| matches!(slot.stage, Stage::Open(_)));
        let Some(slot) = open else { return };
        match order {
            Order::Send { encoded, .. } => {
                let overflow = self.desk.config.limits.overflow;
                slot.wire.send_own(&mut self.desk, &encoded, overflow);
            }
            Order::Ping { payload, .. } => {
                slot.wire.send_ping(&mut self.desk, &payload);
                slot.wire.flush(&mut self.desk);
            }
            Order::Close { code, text } => {
                let ending = Ending::by_handler(code, &text);
                slot.wire.close(&mut self.desk, code, &text, ending);
                slot.wire.flush(&mut self.desk);
            }
            Order::Look => return self.hear(key),
            Order::Resume(result) => return self.resume(key, result),
        }
        if !std::mem::replace(&mut slot.wire.flags.dirty, true) {
            self.desk.dirty.push(key);
        }
    }

    /// Goes on with a connection whose work is done.
    fn resume(&mut self, key: usize, result: Result<Outcome, Arc<str>>) {
        let Some(slot) = self.slots.get_mut(key) else { return };
        slot.wire.pause(self.desk.now, |flags| flags.suspended = false);
        let then = slot.extra.as_mut().and_then(|extra| extra.suspended.take());
        let told = match (result, then) {
            (Ok(result), Some(then)) => {
                slot.call(key, &self.engine, &mut self.desk, |handler, state, ctx| {
                    then(handler, state, ctx, result);
                })
            }
            (Ok(_), None) => Ok(None),
            (Err(message), then) => {
                let _also = guard(|| drop(then));
                Err(Panicked(message))
            }
        };
        if let Err(panicked) = told {
            slot.panicked(&mut self.desk, panicked);
        }
        self.hear(key);
        self.enqueue(key);
    }
}
