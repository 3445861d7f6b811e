//! Who is in a room, as a handler tells and hears of it.

use std::sync::Arc;

use super::{Context, Encoded, Framing, Handler};
use crate::desk::Desk;
use crate::pool::guard;
use crate::rooms::{Absent, Departure, Entry, JoinError, Manner, Presence, Present, Say, Step};
use crate::server::Command;

impl<H: Handler> Context<'_, H> {
    /// Becomes a member of a room under a name: `key` says who it is, and is the same for all
    /// connections of one user; `meta` is whatever is to be known of them, JSON for example. The
    /// members hear of it in the words of [`Handler::on_presence`], and this one is told who is
    /// there: first all of them, from then on what changes, with nothing missing in between and
    /// nothing twice.
    ///
    /// To do it again tells other `meta`; under another `key` it becomes somebody else. Who ends
    /// other than by [`leave`](Self::leave), [`close`](Self::close) or the client's Close with 1000
    /// is awaited for [`Limits::presence_grace`](crate::Limits::presence_grace) before it has left.
    ///
    /// # Errors
    ///
    /// As with [`join`](Self::join), and if `key` or `meta` is too long, or `key` is empty.
    pub fn join_as(&mut self, room: &str, key: &str, meta: &str) -> Result<usize, JoinError> {
        let limits = &self.desk.config.limits;
        if key.is_empty() || key.len() > limits.presence_key {
            return Err(JoinError::BadKey);
        }
        if meta.len() > limits.presence_meta {
            return Err(JoinError::LongMeta);
        }
        let most = limits.presence_list;
        let count = self.join(room)?;
        let membership = self.wire.rooms().iter().find(|joined| *joined.room.name == *room);
        let Some(membership) = membership else { return Ok(count) };
        let (room, was) = (membership.room.clone(), membership.key().cloned());
        let is_new = was.as_deref() != Some(key);
        let (handler, desk) = (self.handler, &*self.desk);
        let say: &mut Say<'_> = &mut |presence| words(handler, desk, &room.name, presence);
        if let Some(was) = was.filter(|_| is_new) {
            room.change(&Step::Leave { key: &was }, 0, say);
        }
        let entry = Entry { key: key.into(), meta: meta.into() };
        let outcome = room.change(&Step::Enter { entry: &entry, is_new }, most, say);
        if is_new {
            let here = Presence::Here { entries: &outcome.entries, count: outcome.count };
            let here = say(&here);
            self.wire.is_present(&room, Present { key: entry.key, since: outcome.since });
            if let Some(here) = here {
                let overflow = room.overflow(self.desk.config.limits.overflow);
                self.wire.send_encoded(self.desk, &here, overflow);
            }
        }
        self.waits_for(&room);
        Ok(count)
    }

    /// Who is in a room under a name, those included whose return is awaited: those whose key comes
    /// after this one, in the order of their keys, but no more than so many. The first are those after
    /// the empty one.
    pub fn presence(&self, room: &str, after: &str, most: usize) -> Vec<Entry> {
        self.desk.directory.find(room).map_or_else(Vec::new, |room| room.entries(after, most))
    }

    /// How many are in a room under a name.
    pub fn present(&self, room: &str) -> usize {
        self.desk.directory.find(room).map_or(0, |room| room.present())
    }
}

/// What the handler says. A panic is nobody's but its own: then nothing is said.
fn words<H: Handler>(
    handler: &H,
    desk: &Desk,
    room: &str,
    presence: &Presence<'_>,
) -> Option<Encoded> {
    match guard(|| handler.on_presence(room, presence)) {
        Ok(message) => Some(Encoded::new(&message?, Framing::of(&desk.config))),
        Err(panic) => {
            desk.metrics.panics.add(1);
            tracing::error!(%panic, "on_presence panicked");
            None
        }
    }
}

/// Those who have gone are in their rooms no more, or are awaited there.
pub(crate) fn say_farewells<H: Handler>(handler: &H, desk: &mut Desk) {
    for departure in std::mem::take(&mut desk.farewells.departures) {
        let Departure { room, key, manner } = departure;
        let grace = desk.config.limits.presence_grace;
        if manner == Manner::Lost && !grace.is_zero() && desk.directory.may_await() {
            let outcome = room.change(&Step::Lose { key: &key }, 0, &mut |_| None);
            let Some(ticket) = outcome.ticket else {
                desk.directory.leave(&room);
                continue;
            };
            let millis = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
            let until = ws_core::connection::Time(desk.now.0.saturating_add(millis));
            let directory = desk.directory.clone();
            directory.awaits(&room);
            desk.farewells.wait_for(Absent { directory, room, key, ticket, until });
        } else {
            let say: &mut Say<'_> = &mut |presence| words(handler, desk, &room.name, presence);
            room.change(&Step::Leave { key: &key }, 0, say);
            desk.directory.leave(&room);
        }
    }
}

/// Those who have not come back in time have left.
pub(crate) fn end_absences<H: Handler>(handler: &H, desk: &mut Desk) {
    while let Some(absent) = desk.farewells.due(desk.now) {
        end(handler, desk, absent);
    }
}

/// The shard ends: another one that has members of the room awaits them; without one, nobody does.
pub(crate) fn hand_over<H: Handler>(handler: &H, desk: &mut Desk) {
    while let Some(absent) = desk.farewells.any() {
        let mut command = Command::Await(absent);
        let room = match &command {
            Command::Await(absent) => absent.room.clone(),
            _ => continue,
        };
        for port in room.shards().iter().filter(|port| !Arc::ptr_eq(port, &desk.port)) {
            match port.push(command) {
                Ok(()) => {
                    command = Command::Stop;
                    break;
                }
                Err(back) => command = back,
            }
        }
        if let Command::Await(absent) = command {
            end(handler, desk, absent);
        }
    }
}

fn end<H: Handler>(handler: &H, desk: &Desk, absent: Absent) {
    let room = absent.room.clone();
    absent.end(&mut |presence| words(handler, desk, &room.name, presence));
}
