//! Making room: what is dropped of what waits.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Bytes, Class, Outbox};
use crate::actor::Key;

/// Which messages are the newest of their keys: known while there is no room for all.
pub(super) struct Latest {
    /// The number of the newest message of each key.
    newest: HashMap<Arc<Key>, i64>,
    /// The numbers of those that are not.
    stale: Vec<i64>,
    /// What waited when this was found out.
    weight: usize,
}

impl Latest {
    /// A message has come, behind all others.
    pub(super) fn add(&mut self, key: &Arc<Key>, number: i64) {
        self.stale.extend(self.newest.insert(key.clone(), number));
    }

    /// Forgets what has left, before that is more than what waits.
    pub(super) fn tidy(&mut self, first: i64, len: usize) {
        if self.stale.len() > SOME + 2 * len {
            self.stale.retain(|number| *number >= first);
        }
    }

    /// The message of this number waits no more.
    pub(super) fn forget(&mut self, key: &Key, number: i64) {
        if self.newest.get(key) == Some(&number) {
            self.newest.remove(key);
        }
    }
}

impl Outbox {
    /// Drops the oldest whole message that has not begun and is not of a key of which the newest is
    /// kept, and tells whether there was one.
    pub(crate) fn drop_oldest(&mut self) -> bool {
        // Those in front, which are never dropped, are not looked at again.
        let firm = usize::try_from(self.firm - self.first).unwrap_or(0);
        let from = firm.max(self.boundary());
        let mut candidates = self.items.iter().enumerate().skip(from);
        let oldest = candidates
            .find(|(_, item)| item.class == Class::Message && item.key.is_none())
            .map(|(at, _)| at);
        self.firm = self.number(oldest.unwrap_or(self.items.len()));
        let Some(oldest) = oldest else { return false };
        if self.break_group(oldest) {
            return self.drop_oldest();
        }
        self.erase(oldest);
        self.tidy();
        true
    }

    /// Drops the messages for which a newer one of their key waits; and that of this key, since a
    /// newer one comes. Tells how many that were.
    ///
    /// It costs as much as what has come since the last time: only the first time, when there is no
    /// room any more, all that waits is looked at.
    pub(crate) fn keep_latest(&mut self, key: Option<&Arc<Key>>) -> usize {
        if self.latest.is_none() {
            self.find_latest();
        }
        let Some(latest) = &mut self.latest else { return 0 };
        let mut stale = std::mem::take(&mut latest.stale);
        stale.extend(key.and_then(|key| latest.newest.remove(key)));
        let mut dropped = 0;
        for number in stale {
            let at = usize::try_from(number - self.first).unwrap_or(usize::MAX);
            let item = self.items.get(at).filter(|_| at >= self.boundary());
            if item.is_some_and(|item| item.class == Class::Message && item.key.is_some()) {
                self.erase(at);
                dropped += 1;
            }
        }
        self.tidy();
        dropped
    }

    /// So much has left that there is room again.
    pub(super) fn has_room_again(&mut self) {
        self.latest.take_if(|latest| self.weight <= latest.weight / 2);
    }

    /// Finds out which messages are the newest of their keys.
    fn find_latest(&mut self) {
        let mut at = 0;
        while at < self.items.len() {
            self.break_group(at);
            at += 1;
        }
        let mut latest = Latest { newest: HashMap::new(), stale: vec![], weight: self.weight };
        for (number, item) in (self.first..).zip(&self.items) {
            if let Some(key) = &item.key {
                latest.add(key, number);
            }
        }
        self.latest = Some(Box::new(latest));
    }

    /// Makes nothing of an item. In front its place is free at once; elsewhere it is for
    /// [`tidy`](Self::tidy) to close the gap, since that costs as much as what waits.
    fn erase(&mut self, at: usize) {
        let Some(item) = self.items.get_mut(at) else { return };
        self.weight -= item.weight();
        (item.bytes, item.class, item.key) = (Bytes::Own(vec![]), Class::Gone, None);
        self.gone += 1;
        if at == self.boundary() {
            self.items.remove(at);
            self.gone -= 1;
            self.first += 1;
        }
    }

    /// Nothing is left of what is gone in front, and not much of it elsewhere.
    fn tidy(&mut self) {
        while self.items.front().is_some_and(|first| first.class == Class::Gone) {
            self.items.pop_front();
            self.gone -= 1;
            self.first += 1;
        }
        if self.gone > SOME + self.items.len() / 2 {
            self.items.retain(|item| item.class != Class::Gone);
            self.gone = 0;
            // They have other numbers now.
            self.firm = self.first;
            if self.latest.is_some() {
                self.find_latest();
            }
        }
    }

    /// The number of the item at this place.
    pub(super) fn number(&self, at: usize) -> i64 {
        self.first.saturating_add_unsigned(at as u64)
    }
}

/// So many items may be gone and still in the list, whatever else is in it.
const SOME: usize = 16;

#[cfg(test)]
mod tests;
