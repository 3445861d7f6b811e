//! Who is in which room.

use std::collections::BTreeMap;

/// The people in each room, by their ids.
#[derive(Default)]
pub(crate) struct People {
    rooms: BTreeMap<String, BTreeMap<String, Entry>>,
}

struct Entry {
    name: String,
    /// Somebody may be here with several pages.
    pages: usize,
}

/// What an arrival means to the others.
#[derive(Debug, PartialEq)]
pub(crate) enum Arrival {
    Enters,
    Changes,
    IsHereAlready,
}

impl People {
    pub(crate) fn enter(&mut self, room: &str, id: &str, name: &str) -> Arrival {
        let people = self.rooms.entry(room.to_owned()).or_default();
        let Some(entry) = people.get_mut(id) else {
            people.insert(id.to_owned(), Entry { name: name.to_owned(), pages: 1 });
            return Arrival::Enters;
        };
        entry.pages += 1;
        if entry.name == name {
            return Arrival::IsHereAlready;
        }
        name.clone_into(&mut entry.name);
        Arrival::Changes
    }

    /// Tells whether it was the last page of somebody.
    pub(crate) fn leave(&mut self, room: &str, id: &str) -> bool {
        let Some(people) = self.rooms.get_mut(room) else { return false };
        let Some(entry) = people.get_mut(id) else { return false };
        entry.pages -= 1;
        let is_gone = entry.pages == 0;
        if is_gone {
            people.remove(id);
        }
        if people.is_empty() {
            self.rooms.remove(room);
        }
        is_gone
    }

    /// Ids and names.
    pub(crate) fn list(&self, room: &str) -> impl Iterator<Item = (&str, &str)> {
        let people = self.rooms.get(room).into_iter().flatten();
        people.map(|(id, entry)| (&**id, &*entry.name))
    }
}
