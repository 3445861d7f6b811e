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
    list: Vec<Target>,
    /// Where each of them is in the list.
    places: HashMap<ConnectionId, usize>,
}

impl Local {
    /// Adds a member, that the room has counted.
    pub(crate) fn add(&mut self, room: &Arc<Room>, member: Target, port: &Arc<Port>) {
        let members = self.rooms.entry(room.name.clone()).or_insert_with(|| {
            room.add_shard(port);
            Members { list: vec![], places: HashMap::new() }
        });
        members.places.insert(member.id, members.list.len());
        members.list.push(member);
    }

    /// Takes a member away.
    pub(crate) fn remove(&mut self, room: &Arc<Room>, id: ConnectionId, port: &Arc<Port>) {
        let Some(members) = self.rooms.get_mut(&room.name) else { return };
        let Some(place) = members.places.remove(&id) else { return };
        members.list.swap_remove(place);
        // The last one has come to its place.
        if let Some(moved) = members.list.get(place) {
            members.places.insert(moved.id, place);
        }
        if members.list.is_empty() {
            room.remove_shard(port);
            self.rooms.remove(&room.name);
        }
    }

    /// Who is a member now.
    pub(crate) fn members(&self, room: &Room) -> &[Target] {
        self.rooms.get(&room.name).map_or(&[], |members| &members.list)
    }
}

#[cfg(test)]
mod tests;
