//! Broadcasts, as they reach the members on a shard.

use super::Shard;
use super::slot::{Slot, Stage};
use crate::actor::{ConnectionId, Handler};
use crate::rooms::{Group, Post};

/// So many bytes go to a room together.
const MOST_TOGETHER: usize = 64 << 10;

/// Broadcasts to one room that came directly one after the other.
#[derive(Default)]
pub(crate) struct Run {
    posts: Vec<Post>,
    bytes: usize,
}

impl<H: Handler> Shard<H> {
    /// Takes a broadcast up. Those to the same room are taken together, as long as nothing else
    /// comes between them.
    pub(super) fn broadcast(&mut self, post: Post) {
        self.desk.port.took_up(post.weight());
        let is_same = self.run.posts.first().is_none_or(|first| first.goes_with(&post));
        // Nobody waits for more in one piece than for messages one by one.
        let most = MOST_TOGETHER.min(self.desk.config.limits.outbox_limit);
        if !is_same || self.run.bytes + post.encoded.len() > most {
            self.deliver();
        }
        self.run.bytes += post.encoded.len();
        self.run.posts.push(post);
    }

    /// Sends what was taken up to whoever is a member now.
    pub(super) fn deliver(&mut self) {
        let Run { mut posts, .. } = std::mem::take(&mut self.run);
        let Some(first) = posts.first() else { return };
        let group = (posts.len() > 1).then(|| Group::new(&posts));
        let excepted = excepted(&posts);
        let overflow = first.room.overflow(self.desk.config.limits.overflow);
        // Nobody joins or leaves while it is sent: that happens when handlers are called.
        let rooms = std::mem::take(&mut self.desk.rooms);
        for member in rooms.members(&first.room) {
            let slot = self.slots.get_mut(member.key);
            let Some(Slot { wire, stage: Stage::Open(state), .. }) = slot else { continue };
            match &group {
                Some(group) if wire.keeps_up() && excepted.binary_search(&member.id).is_err() => {
                    wire.send_group(&mut self.desk, group);
                }
                _ => {
                    for post in &posts {
                        if post.except.contains(member.id)
                            || wire.knows(post)
                            || !post.is_for(state)
                        {
                            continue;
                        }
                        let sent = wire.send_encoded(&mut self.desk, &post.encoded, overflow);
                        if let Some(receipt) = &post.receipt {
                            receipt.count(sent, wire.ends_now());
                        }
                    }
                }
            }
            if !std::mem::replace(&mut wire.flags.dirty, true) {
                self.desk.dirty.push(member.key);
            }
        }
        self.desk.rooms = rooms;
        posts.clear();
        self.run.posts = posts;
    }
}

/// Everybody who does not get all of these: whoever sends them, for the most part.
fn excepted(posts: &[Post]) -> Vec<ConnectionId> {
    let ids = posts.iter().flat_map(|post| post.except.ids());
    let mut ids: Vec<ConnectionId> = ids.copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
