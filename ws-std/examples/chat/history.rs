//! What was said last in each room, in bounded memory.

use std::collections::{BTreeMap, VecDeque};
use std::time::SystemTime;

use serde::Serialize;

/// Lines that a room keeps.
const LINES: usize = 50;
/// Rooms that are kept. 50 of them with 50 lines of 1000 characters each are 10 MB at worst.
const ROOMS: usize = 50;

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

/// When something is said that is said now.
pub(crate) fn now() -> u64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The rooms that are remembered: those in which something happened last.
#[derive(Default)]
pub(crate) struct History {
    rooms: BTreeMap<String, Room>,
    /// Counts what happens, to know which room has been quiet longest.
    clock: u64,
}

#[derive(Default)]
struct Room {
    lines: VecDeque<Line>,
    used: u64,
}

impl History {
    /// Remembers that there is such a room. If there are too many, the one that has been quiet
    /// longest is forgotten.
    pub(crate) fn open(&mut self, name: &str) -> &mut VecDeque<Line> {
        if !self.rooms.contains_key(name) && self.rooms.len() >= ROOMS {
            let quiet = self.rooms.iter().min_by_key(|(_, room)| room.used);
            if let Some(quiet) = quiet.map(|(name, _)| name.clone()) {
                self.rooms.remove(&quiet);
            }
        }
        self.clock += 1;
        let room = self.rooms.entry(name.to_owned()).or_default();
        room.used = self.clock;
        &mut room.lines
    }

    /// Keeps a line, and tells whether it is new: a page that lost its connection says again what
    /// it does not know to have arrived.
    pub(crate) fn add(&mut self, room: &str, line: &Line) -> bool {
        let lines = self.open(room);
        if lines.iter().any(|known| known.id == line.id && known.from == line.from) {
            return false;
        }
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(line.clone());
        true
    }

    /// What was said in a room, the oldest first.
    pub(crate) fn lines(&self, room: &str) -> Vec<Line> {
        self.rooms.get(room).map_or_else(Vec::new, |room| room.lines.iter().cloned().collect())
    }

    /// The names of the rooms.
    pub(crate) fn rooms(&self) -> Vec<String> {
        self.rooms.keys().cloned().collect()
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
        for id in 0..LINES + 3 {
            assert!(history.add("tea", &line(id)));
        }
        let lines = history.lines("tea");
        assert_eq!(lines.len(), LINES);
        assert_eq!((lines.first(), lines.last()), (Some(&line(3)), Some(&line(LINES + 2))));
        assert_eq!(history.lines("coffee"), []);
    }

    #[test]
    fn what_is_said_again_is_kept_once() {
        let mut history = History::default();
        assert!(history.add("tea", &line(1)));
        assert!(!history.add("tea", &line(1)));
        assert!(history.add("tea", &Line { from: "2".into(), ..line(1) }));
        assert_eq!(history.lines("tea").len(), 2);
    }

    #[test]
    fn of_too_many_rooms_the_one_that_is_quiet_longest_is_forgotten() {
        let mut history = History::default();
        for room in 0..ROOMS {
            history.open(&room.to_string());
        }
        // Something has happened in 0 and 1 since: 2 has to go.
        history.open("0");
        history.add("1", &line(1));
        history.open("tea");
        let rooms = history.rooms();
        assert_eq!(rooms.len(), ROOMS);
        assert!(!rooms.contains(&"2".to_owned()));
        assert!(["0", "1", "tea"].iter().all(|room| rooms.contains(&(*room).to_owned())));
    }
}
