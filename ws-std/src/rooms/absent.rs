//! Those who have gone without a word, and whose return is awaited.

use std::collections::BTreeMap;
use std::sync::Arc;

use ws_core::connection::Time;

use super::presence::{Say, Step};
use super::{Directory, Room};

/// What a connection leaves behind that was in a room under a name. It is still counted there.
pub(crate) struct Departure {
    pub(crate) room: Arc<Room>,
    pub(crate) key: Arc<str>,
    pub(crate) manner: Manner,
}

/// How somebody goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// On purpose.
    Left,
    /// It may come back.
    Lost,
}

/// Somebody whose return is awaited; until then the room stays. Whatever becomes of this value,
/// they are not awaited after it.
pub(crate) struct Absent {
    pub(crate) directory: Arc<Directory>,
    pub(crate) room: Arc<Room>,
    pub(crate) key: Arc<str>,
    pub(crate) ticket: u64,
    /// How long.
    pub(crate) until: Time,
}

impl Absent {
    /// They have not come back, unless they have.
    pub(crate) fn end(self, say: &mut Say<'_>) {
        self.room.change(&Step::Forget { key: &self.key, ticket: self.ticket }, 0, say);
    }
}

impl Drop for Absent {
    fn drop(&mut self) {
        let step = Step::Forget { key: &self.key, ticket: self.ticket };
        self.room.change(&step, 0, &mut |_| None);
        self.directory.release(&self.room);
    }
}

/// A shard's part of those who go.
#[derive(Default)]
pub(crate) struct Farewells {
    /// Those of whom nobody was told yet.
    pub(crate) departures: Vec<Departure>,
    absent: BTreeMap<(Time, u64), Absent>,
    count: u64,
}

impl Farewells {
    /// Awaits somebody's return.
    pub(crate) fn wait_for(&mut self, absent: Absent) {
        self.count += 1;
        self.absent.insert((absent.until, self.count), absent);
    }

    /// When to look next.
    pub(crate) fn next(&self) -> Time {
        self.absent.first_key_value().map_or(Time::NEVER, |((until, _), _)| *until)
    }

    /// Somebody who was awaited long enough.
    pub(crate) fn due(&mut self, now: Time) -> Option<Absent> {
        let first = self.absent.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// Somebody who is awaited.
    pub(crate) fn any(&mut self) -> Option<Absent> {
        self.absent.pop_first().map(|(_, absent)| absent)
    }
}
