//! Who should be in which room under which name, and what members should be told of it.

use std::collections::{BTreeMap, BTreeSet};

use ws_std::JoinError;

use crate::log::Who;
use crate::model::Model;
use crate::program::KEYS;
use crate::rooms::{CHANGES, ENTERS, HERE, LEAVES};

/// By room and name: the connections, and the number that was told last.
#[derive(Default)]
pub(crate) struct Presence(BTreeMap<(usize, usize), (BTreeSet<Who>, u32)>);

impl Presence {
    pub(crate) fn list(&self, room: usize) -> Vec<(String, u32)> {
        let there = self.0.iter().filter(|((other, _), _)| *other == room);
        there.map(|((_, key), (_, number))| (KEYS[*key].to_owned(), *number)).collect()
    }

    fn key(&self, who: Who, room: usize) -> Option<usize> {
        let mut there = self.0.iter();
        let it = there.find(|((other, _), (those, _))| *other == room && those.contains(&who));
        it.map(|((_, key), _)| *key)
    }
}

impl Model<'_> {
    /// A connection joins under a name.
    pub(crate) fn joins_as(
        &mut self,
        me: Who,
        room: usize,
        key: usize,
        number: u32,
    ) -> Result<usize, JoinError> {
        let count = self.joins(me, room)?;
        let before = self.presence.key(me, room);
        let is_new = before != Some(key);
        if is_new {
            self.leaves(me, |left| left == room);
        }
        // One who is told all of it anew is not told of the change.
        let spared = if is_new { vec![me] } else { vec![] };
        let was_there = self.presence.0.contains_key(&(room, key));
        let told = if was_there { CHANGES } else { ENTERS };
        let (those, last) = self.presence.0.entry((room, key)).or_default();
        those.insert(me);
        *last = number;
        self.frames.changes(told + number, room, spared, self.now);
        if is_new {
            let all = self.presence.list(room);
            let here = HERE + all.iter().map(|(_, number)| number).sum::<u32>();
            self.frames.is_told(me, here, room, self.now);
        }
        Ok(count)
    }

    /// A connection is there no more.
    pub(crate) fn leaves(&mut self, me: Who, which: impl Fn(usize) -> bool) {
        let there = self.presence.0.iter_mut().filter(|((room, _), _)| which(*room));
        let mut gone = vec![];
        for (place, (those, _)) in there {
            if those.remove(&me) && those.is_empty() {
                gone.push(*place);
            }
        }
        for place in gone {
            let (_, number) = self.presence.0.remove(&place).unwrap();
            self.frames.changes(LEAVES + number, place.0, vec![me], self.now);
        }
    }
}
