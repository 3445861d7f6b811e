//! Large messages: what comes of them is read to where they are put together.

use ws_core::Event;

use super::Shard;
use super::receive::{Read, read_from};
use super::slot::Stage;
use crate::actor::Handler;

impl<H: Handler> Shard<H> {
    /// Reads more of a large frame without a detour, and tells what came of it; none if that is
    /// not what comes next on this connection.
    pub(super) fn read_large(&mut self, key: usize) -> Option<Read> {
        let slot = self.slots.get_mut(key)?;
        let is_ready = slot.wire.awaits_more() && slot.wire.tls.is_none() && !slot.is_deaf();
        if !is_ready || !matches!(slot.stage, Stage::Open(_)) {
            return None;
        }
        let mut message = slot.wire.take_message()?;
        let Some(room) = message.room(&mut self.desk.spare) else {
            slot.wire.put_message(message);
            return None;
        };
        let (count, read) = read_from(&mut slot.wire, room);
        if count == 0 {
            slot.wire.put_message(message);
            return Some(read);
        }
        slot.heard(&mut self.desk, count);
        // That was too much: then it is no message any more.
        if slot.wire.ends_now() {
            return Some(read);
        }
        let fresh = message.fresh(count);
        // Nothing but payload is in it: it is a part of one frame.
        let told = match slot.wire.ws.receive(fresh).map(|decoded| decoded.event) {
            Ok(Some(Event::Chunk(chunk))) if chunk.ends => {
                slot.wire.deadlines.message_ended();
                slot.whole(key, &self.engine, &mut self.desk, message)
            }
            Ok(_) => {
                slot.wire.put_message(message);
                Ok(())
            }
            Err(violation) => {
                slot.violated(&mut self.desk, violation);
                Ok(())
            }
        };
        if let Err(panicked) = told {
            slot.panicked(&mut self.desk, panicked);
        }
        let progress = slot.wire.ws.incoming.progress(0);
        slot.wire.deadlines.read(&self.desk.config.timing, self.desk.now, progress);
        self.watch(key);
        Some(read)
    }
}
