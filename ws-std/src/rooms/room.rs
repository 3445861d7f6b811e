//! One room, as all threads see it.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use super::presence::{Outcome, Say, Step, Table};
use super::{Entry, Except, Pace, Post, Posted, RoomInfo, RoomRules};
use crate::actor::ConnectionId;
use crate::server::{Overflow, Port};
use crate::sync::{AtomicUsize, Mutex, MutexGuard, RwLock};

/// A room.
pub(crate) struct Room {
    pub(crate) name: Arc<str>,
    pub(crate) rules: RoomRules,
    members: AtomicUsize,
    /// Those, and those whose return is awaited.
    held: AtomicUsize,
    /// Which connections are members, for whoever asks: broadcasts go to the shards' own lists.
    connections: Mutex<BTreeSet<ConnectionId>>,
    presence: Mutex<Table>,
    /// The shards that have members, in no order. Whoever broadcasts holds no lock while pushing: if
    /// it changes meanwhile, it is copied.
    shards: RwLock<Arc<Vec<Arc<Port>>>>,
}

impl Room {
    pub(super) fn new(name: Arc<str>, rules: RoomRules) -> Self {
        let [members, held] = [AtomicUsize::new(0), AtomicUsize::new(0)];
        let shards = RwLock::new(Arc::default());
        let (connections, presence) = (Mutex::default(), Mutex::default());
        Self { name, rules, members, held, connections, presence, shards }
    }

    /// Whether it may have no member more.
    pub(super) fn is_full(&self) -> bool {
        self.rules.members.is_some_and(|most| self.members() >= most)
    }

    /// It has one member more.
    pub(super) fn enters(&self) {
        self.members.fetch_add(1, Ordering::SeqCst);
        self.held.fetch_add(1, Ordering::SeqCst);
    }

    /// It has one member less, and stays all the same.
    pub(super) fn leaves(&self) {
        self.members.fetch_sub(1, Ordering::SeqCst);
    }

    /// One less needs it; tells whether that was the last.
    pub(super) fn release(&self) -> bool {
        self.held.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// What becomes of its messages for those who do not read, if the server's policy is this.
    pub(crate) fn overflow(&self, usual: Overflow) -> Overflow {
        self.rules.overflow.unwrap_or(usual)
    }

    /// Who is there under a name that comes after this one, but no more than so many.
    pub(crate) fn entries(&self, after: &str, most: usize) -> Vec<Entry> {
        self.table().entries(after, most)
    }

    /// How many are there under a name.
    pub(crate) fn present(&self) -> usize {
        self.table().len()
    }

    /// Takes a step, says to the members what `say` says of it, and tells who is there then, if they
    /// are at most so many.
    pub(crate) fn change(
        self: &Arc<Self>,
        step: &Step<'_>,
        most: usize,
        say: &mut Say<'_>,
    ) -> Outcome {
        let mut said = None;
        loop {
            let mut table = self.table();
            let change = table.would(step);
            let encoded = match (change, said) {
                (None, _) => None,
                (Some(change), Some((same, encoded))) if change == same => encoded,
                (Some(change), _) => {
                    drop(table);
                    let encoded = say(&change.presence());
                    said = Some((change, encoded));
                    continue;
                }
            };
            let ticket = table.take(step);
            if let Some(encoded) = encoded {
                let change = table.number();
                let post = Post {
                    room: self.clone(),
                    encoded,
                    except: Except::Nobody,
                    change,
                    filter: None,
                    receipt: None,
                };
                self.post(&post);
            }
            let (since, count) = (table.changes(), table.len());
            let entries = if count > most { vec![] } else { table.entries("", most) };
            return Outcome { since, ticket, entries, count };
        }
    }

    /// What it is in a list.
    pub(super) fn info(&self) -> RoomInfo {
        RoomInfo { name: self.name.clone(), members: self.members(), present: self.present() }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.presence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many members it has.
    pub(crate) fn members(&self) -> usize {
        self.members.load(Ordering::SeqCst)
    }

    /// A shard has this member.
    pub(super) fn has(&self, id: ConnectionId) {
        self.list().insert(id);
    }

    /// A shard has it no more.
    pub(super) fn has_not(&self, id: ConnectionId) {
        self.list().remove(&id);
    }

    /// The members that come after this one, but no more than so many.
    pub(crate) fn connections(
        &self,
        after: Option<ConnectionId>,
        most: usize,
    ) -> Vec<ConnectionId> {
        let first = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.list().range((first, Bound::Unbounded)).take(most).copied().collect()
    }

    fn list(&self) -> MutexGuard<'_, BTreeSet<ConnectionId>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A shard has its first member.
    pub(crate) fn add_shard(&self, port: &Arc<Port>) {
        let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut shards).push(port.clone());
    }

    /// A shard has no member any more.
    pub(crate) fn remove_shard(&self, port: &Arc<Port>) {
        let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = shards.iter().position(|other| Arc::ptr_eq(other, port)) {
            Arc::make_mut(&mut shards).swap_remove(at);
        }
    }

    /// The shards that have members.
    pub(crate) fn shards(&self) -> Arc<Vec<Arc<Port>>> {
        self.shards.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Pushes it to all shards that have members.
    pub(super) fn post(&self, post: &Post) -> Posted {
        let members = self.members();
        let shards = self.shards();
        let mut pace = Pace::Steady;
        for port in shards.iter() {
            if port.post(post.clone()) {
                pace = Pace::Behind;
            }
        }
        Posted { members, shards: shards.len(), pace }
    }

    /// The same, unless too much waits for one of the shards already: then it goes to none.
    pub(super) fn post_if_there_is_room(&self, post: &Post) -> Posted {
        if self.shards().iter().any(|port| port.is_overrun()) {
            let members = self.members();
            if let Some(receipt) = &post.receipt {
                receipt.refused(members);
            }
            return Posted { members, shards: 0, pace: Pace::Refused };
        }
        self.post(post)
    }
}

/// That a connection is a member.
pub(crate) struct Membership {
    pub(crate) room: Arc<Room>,
    present: Option<Box<Present>>,
}

/// That a member is there under a name.
pub(crate) struct Present {
    pub(crate) key: Arc<str>,
    /// Up to which change it has been told who is there.
    pub(crate) since: u64,
}

impl Membership {
    pub(crate) fn new(room: Arc<Room>) -> Self {
        Self { room, present: None }
    }

    /// Under which name.
    pub(crate) fn key(&self) -> Option<&Arc<str>> {
        self.present.as_ref().map(|present| &present.key)
    }

    pub(crate) fn is_present(&mut self, present: Present) {
        self.present = Some(Box::new(present));
    }

    /// Whether the member knows already what this tells.
    pub(crate) fn knows(&self, post: &Post) -> bool {
        let since = self.present.as_ref().map_or(0, |present| present.since);
        post.change.is_some_and(|change| change.get() <= since)
    }
}

#[cfg(test)]
impl Room {
    /// How many shards have members.
    pub(crate) fn ports(&self) -> usize {
        self.shards.read().unwrap().len()
    }
}
