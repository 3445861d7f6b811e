//! Who is in a room, by a name that the program knows them under.
//!
//! A change is made under the lock of the room's table, and pushed to the shards under it, too: so
//! all of them hear of changes in the order in which they happened. What is said of a change is the
//! program's, and said before, without the lock; if the table has changed meanwhile, so that
//! something else is to be said, it is said anew.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;
use std::fmt;
use std::num::NonZeroU64;
use std::ops::Bound;
use std::sync::Arc;

use crate::actor::Encoded;

/// Somebody who is in a room, with however many connections.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Entry {
    /// Who it is.
    pub key: Arc<str>,
    /// What the program wants to be known of them, as it was last told.
    pub meta: Arc<str>,
}

/// Tells how long it is, and nothing of what it says.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("key_len", &self.key.len())
            .field("meta_len", &self.meta.len())
            .finish()
    }
}

/// What there is to tell of who is in a room: see
/// [`Handler::on_presence`](crate::Handler::on_presence).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Presence<'a> {
    /// Somebody is there who was not.
    Enters(&'a Entry),
    /// Somebody is there no more, with none of their connections.
    Leaves(&'a Entry),
    /// Something else is to be known of somebody who is there.
    Changes(&'a Entry),
    /// Who is there, for one who has just come and is among them.
    Here {
        /// All of them, in the order of their keys; nobody if they are more than
        /// [`Limits::presence_list`](crate::Limits::presence_list).
        entries: &'a [Entry],
        /// How many they are.
        count: usize,
    },
}

/// Who is in a room.
#[derive(Default)]
pub(super) struct Table {
    all: BTreeMap<Arc<str>, Standing>,
    /// How many changes there were that somebody was to hear of.
    changes: u64,
    tickets: u64,
}

struct Standing {
    entry: Entry,
    /// With how many connections: none while their return is awaited.
    devices: usize,
    /// Which absence this is, if it is one.
    ticket: u64,
}

/// What happens to a table.
pub(crate) enum Step<'a> {
    /// A connection more, if it `is_new`; and what is to be known.
    Enter { entry: &'a Entry, is_new: bool },
    /// A connection less.
    Leave { key: &'a str },
    /// A connection less, which may come back.
    Lose { key: &'a str },
    /// It has not come back.
    Forget { key: &'a str, ticket: u64 },
}

/// What others are to hear of.
#[derive(PartialEq, Eq)]
pub(super) enum Change {
    Enters(Entry),
    Leaves(Entry),
    Changes(Entry),
}

/// What came of a step.
pub(crate) struct Outcome {
    /// The last change before which, and with which, this is the state.
    pub(crate) since: u64,
    /// Which absence begins, if one does.
    pub(crate) ticket: Option<u64>,
    /// Who is there now.
    pub(crate) entries: Vec<Entry>,
    pub(crate) count: usize,
}

/// What the program says.
pub(crate) type Say<'a> = dyn FnMut(&Presence<'_>) -> Option<Encoded> + 'a;

impl Change {
    pub(super) fn presence(&self) -> Presence<'_> {
        match self {
            Self::Enters(entry) => Presence::Enters(entry),
            Self::Leaves(entry) => Presence::Leaves(entry),
            Self::Changes(entry) => Presence::Changes(entry),
        }
    }
}

impl Table {
    /// What others would hear of this step.
    pub(super) fn would(&self, step: &Step<'_>) -> Option<Change> {
        match *step {
            Step::Enter { entry, .. } => match self.all.get(&entry.key) {
                None => Some(Change::Enters(entry.clone())),
                Some(standing) if standing.entry.meta != entry.meta => {
                    Some(Change::Changes(entry.clone()))
                }
                Some(_) => None,
            },
            Step::Leave { key } => self.leaves(key, |standing| standing.devices == 1),
            Step::Lose { .. } => None,
            Step::Forget { key, ticket } => {
                self.leaves(key, |standing| standing.devices == 0 && standing.ticket == ticket)
            }
        }
    }

    fn leaves(&self, key: &str, is_last: impl FnOnce(&Standing) -> bool) -> Option<Change> {
        let standing = self.all.get(key).filter(|standing| is_last(standing))?;
        Some(Change::Leaves(standing.entry.clone()))
    }

    /// Takes the step, and tells which absence begins with it.
    pub(super) fn take(&mut self, step: &Step<'_>) -> Option<u64> {
        match *step {
            Step::Enter { entry, is_new } => {
                let new = || Standing { entry: entry.clone(), devices: 0, ticket: 0 };
                let standing = self.all.entry(entry.key.clone()).or_insert_with(new);
                standing.devices += usize::from(is_new);
                standing.entry.meta = entry.meta.clone();
            }
            Step::Leave { key } => self.reduce(key),
            Step::Lose { key } => {
                let standing = self.all.get_mut(key)?;
                standing.devices = standing.devices.saturating_sub(1);
                if standing.devices == 0 {
                    self.tickets += 1;
                    standing.ticket = self.tickets;
                    return Some(self.tickets);
                }
            }
            Step::Forget { key, .. } => {
                // Whoever has come back is not forgotten.
                if self.would(step).is_some() {
                    self.all.remove(key);
                }
            }
        }
        None
    }

    fn reduce(&mut self, key: &str) {
        if let Place::Occupied(mut standing) = self.all.entry(key.into()) {
            standing.get_mut().devices = standing.get().devices.saturating_sub(1);
            if standing.get().devices == 0 {
                standing.remove();
            }
        }
    }

    /// The number of the next change.
    pub(super) fn number(&mut self) -> Option<NonZeroU64> {
        self.changes += 1;
        NonZeroU64::new(self.changes)
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Those whose key comes after this one, but no more than so many.
    pub(super) fn entries(&self, after: &str, most: usize) -> Vec<Entry> {
        let behind = self.all.range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        behind.take(most).map(|(_, standing)| standing.entry.clone()).collect()
    }
}
