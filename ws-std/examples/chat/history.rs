//! What was said last in each room, in bounded memory.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

/// Lines that a room keeps.
const LINES: usize = 50;
/// Rooms that are kept. 200 of them with 50 lines of 1000 characters each are 40 MB at worst.
const ROOMS: usize = 200;

/// What somebody has said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Line {
    /// Chosen by the speaker's page: no two lines of one speaker have the same.
    pub(crate) id: String,
    pub(crate) from: String,
    pub(crate) name: String,
    pub(crate) text: String,
    /// Milliseconds since 1970.
    pub(crate) at: u64,
}

/// The rooms that are remembered.
#[derive(Default)]
pub(crate) struct History {
    rooms: BTreeMap<String, Room>,
    /// Counts openings and lines, to know which room has been quiet longest.
    clock: u64,
}

#[derive(Default)]
struct Room {
    lines: VecDeque<Line>,
    used: u64,
}

impl History {
    /// What was said last in a room, which is remembered from now on. If there are too many, the
    /// one that nobody is in and that has been quiet longest is forgotten; with somebody in each
    /// of them there is no place for another, and no answer.
    pub(crate) fn open(
        &mut self,
        name: &str,
        is_empty: impl Fn(&str) -> bool,
    ) -> Option<Vec<Line>> {
        if !self.rooms.contains_key(name) && self.rooms.len() >= ROOMS {
            let unused = self.rooms.iter().filter(|(name, _)| is_empty(name));
            let (quiet, _) = unused.min_by_key(|(_, room)| room.used)?;
            let quiet = quiet.clone();
            self.rooms.remove(&quiet);
        }
        self.clock += 1;
        let room = self.rooms.entry(name.to_owned()).or_default();
        room.used = self.clock;
        Some(room.lines.iter().cloned().collect())
    }

    /// Keeps a line, and tells whether it is new: a page that lost its connection says again what
    /// it does not know to have arrived.
    pub(crate) fn add(&mut self, name: &str, line: &Line) -> bool {
        let Some(room) = self.rooms.get_mut(name) else { return true };
        if room.lines.iter().any(|known| known.id == line.id && known.from == line.from) {
            return false;
        }
        if room.lines.len() == LINES {
            room.lines.pop_front();
        }
        room.lines.push_back(line.clone());
        self.clock += 1;
        room.used = self.clock;
        true
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.rooms.keys().map(|name| &**name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: usize) -> Line {
        let id = id.to_string();
        Line { id, from: "1".into(), name: "Ada".into(), text: "hello".into(), at: 0 }
    }

    #[test]
    fn a_room_keeps_the_last_lines() {
        let mut history = History::default();
        assert_eq!(history.open("tea", |_| true), Some(vec![]));
        for id in 0..LINES + 3 {
            assert!(history.add("tea", &line(id)));
        }
        let lines = history.open("tea", |_| true).unwrap();
        assert_eq!(lines.len(), LINES);
        assert_eq!(lines.first(), Some(&line(3)));
        assert_eq!(history.open("coffee", |_| true), Some(vec![]));
    }

    #[test]
    fn what_is_said_again_is_kept_once() {
        let mut history = History::default();
        history.open("tea", |_| true);
        assert!(history.add("tea", &line(1)));
        assert!(!history.add("tea", &line(1)));
        assert!(history.add("tea", &Line { from: "2".into(), ..line(1) }));
        assert_eq!(history.open("tea", |_| true).unwrap().len(), 2);
    }

    #[test]
    fn of_too_many_rooms_the_empty_one_that_is_quiet_longest_is_forgotten() {
        let mut history = History::default();
        for room in 0..ROOMS {
            assert!(history.open(&room.to_string(), |_| true).is_some());
        }
        // Somebody is in 0, and 1 has been talked in since: 2 has to go.
        history.add("1", &line(1));
        assert!(history.open("tea", |room| room != "0").is_some());
        assert_eq!(history.names().count(), ROOMS);
        assert!(!history.names().any(|name| name == "2"));
        assert!(history.names().any(|name| name == "0"));
        assert_eq!(history.open("coffee", |_| false), None, "somebody is in each of them");
        assert_eq!(history.names().count(), ROOMS);
    }
}
