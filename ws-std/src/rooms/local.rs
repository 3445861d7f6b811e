//! The members that a shard has.

use std::collections::HashMap;
use std::sync::Arc;

use super::Room;
use crate::actor::ConnectionId;
use crate::server::{Port, Target};

/// The rooms that have members on this shard.
#[derive(Default)]
pub(crate) struct Local {
    rooms: HashMap<Arc<str>, Members>,
}

/// The members of a room, in a dense list: a broadcast walks it.
struct Members {
    /// Which room: one that is gone may have had the same name.
    room: Arc<Room>,
    list: Vec<Target>,
    /// Where each of them is in the list.
    places: HashMap<ConnectionId, usize>,
}

impl Local {
    /// Adds a member, that the room has counted.
    pub(crate) fn add(&mut self, room: &Arc<Room>, member: Target, port: &Arc<Port>) {
        let members = self.rooms.entry(room.name.clone()).or_insert_with(|| {
            room.add_shard(port);
            Members { room: room.clone(), list: vec![], places: HashMap::new() }
        });
        members.places.insert(member.id, members.list.len());
        members.list.push(member);
        room.has(member.id);
    }

    /// Takes a member away.
    pub(crate) fn remove(&mut self, room: &Arc<Room>, id: ConnectionId, port: &Arc<Port>) {
        let Some(members) = self.rooms.get_mut(&room.name) else { return };
        let Some(place) = members.places.remove(&id) else { return };
        members.list.swap_remove(place);
        room.has_not(id);
        // The last one has come to its place.
        if let Some(moved) = members.list.get(place) {
            members.places.insert(moved.id, place);
        }
        if members.list.is_empty() {
            room.remove_shard(port);
            self.rooms.remove(&room.name);
        }
    }

    /// Who is a member now. What was for those of a room that is gone is not for those of another of
    /// its name: they would hear who has left before they came.
    pub(crate) fn members(&self, room: &Arc<Room>) -> &[Target] {
        let members = self.rooms.get(&room.name);
        let members = members.filter(|members| Arc::ptr_eq(&members.room, room));
        members.map_or(&[], |members| &members.list)
    }
}

#[cfg(test)]
mod tests;
