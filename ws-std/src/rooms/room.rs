//! One room, as all threads see it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::{Post, Posted, RoomRules};
use crate::server::Port;

/// A room.
pub(crate) struct Room {
    pub(crate) name: Arc<str>,
    pub(crate) rules: RoomRules,
    members: AtomicUsize,
    /// The shards that have members. It is copied when it changes, so that whoever broadcasts holds
    /// no lock while pushing.
    shards: RwLock<Arc<[Arc<Port>]>>,
}

impl Room {
    pub(super) fn new(name: Arc<str>, rules: RoomRules) -> Self {
        Self { name, rules, members: AtomicUsize::new(0), shards: RwLock::new(Arc::default()) }
    }

    /// Whether it may have no member more.
    pub(super) fn is_full(&self) -> bool {
        self.rules.members.is_some_and(|most| self.members() >= most)
    }

    /// It has one member more.
    pub(super) fn enters(&self) {
        self.members.fetch_add(1, Ordering::SeqCst);
    }

    /// It has one member less; tells whether that was the last.
    pub(super) fn leaves(&self) -> bool {
        self.members.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// How many members it has.
    pub(crate) fn members(&self) -> usize {
        self.members.load(Ordering::SeqCst)
    }

    /// A shard has its first member.
    pub(crate) fn add_shard(&self, port: &Arc<Port>) {
        let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
        *shards = shards.iter().chain([port]).cloned().collect();
    }

    /// A shard has no member any more.
    pub(crate) fn remove_shard(&self, port: &Arc<Port>) {
        let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
        *shards = shards.iter().filter(|other| !Arc::ptr_eq(other, port)).cloned().collect();
    }

    /// Pushes it to all shards that have members.
    pub(super) fn post(&self, post: &Post) -> Posted {
        let members = self.members();
        let shards = self.shards.read().unwrap_or_else(PoisonError::into_inner).clone();
        for port in shards.iter() {
            port.post(post.clone());
        }
        Posted { members, shards: shards.len() }
    }
}

#[cfg(test)]
impl Room {
    /// How many shards have members.
    pub(crate) fn ports(&self) -> usize {
        self.shards.read().unwrap().len()
    }
}
