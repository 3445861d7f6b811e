//! Broadcasts, as they reach the members on a shard.

use std::any::Any;

use super::Shard;
use super::slot::{Slot, Stage};
use crate::actor::{ConnectionId, Handler};
use crate::desk::Desk;
use crate::rooms::{Pieces, Post};
use crate::server::{Overflow, Target};
use crate::wire::Wire;

/// So many bytes go to a room together.
const MOST_TOGETHER: usize = 64 << 10;

/// Broadcasts to one room that came directly one after the other.
#[derive(Default)]
pub(crate) struct Run {
    posts: Vec<Post>,
    bytes: usize,
}

/// When the members of a room write what they get.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// At once, since nothing follows: what need not be kept for a moment costs the least.
    Now,
    /// At the end of the turn, together with what may follow.
    Later,
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
            self.deliver(When::Later);
        }
        self.run.bytes += post.encoded.len();
        self.run.posts.push(post);
    }

    /// Sends what was taken up to whoever is a member now.
    pub(super) fn deliver(&mut self, when: When) {
        let Run { mut posts, .. } = std::mem::take(&mut self.run);
        let Some(first) = posts.first() else { return };
        let mut pieces = Pieces::of(&posts);
        let may_be_deflated = pieces.may_be_deflated();
        let excepted = excepted(&posts);
        let overflow = first.room.overflow(self.desk.config.limits.overflow);
        let mut whole = 0;
        // Nobody joins or leaves while it is sent: that happens when handlers are called.
        let rooms = std::mem::take(&mut self.desk.rooms);
        for member in rooms.members(&first.room) {
            let slot = self.slots.get_mut(member.key);
            let Some(Slot { wire, stage: Stage::Open(state), .. }) = slot else { continue };
            let gets_all = wire.keeps_up() && excepted.binary_search(&member.id).is_err();
            let window = wire.deflates_to();
            let piece = if gets_all { pieces.fitting(window, &mut self.desk) } else { None };
            match piece {
                Some(piece) => {
                    whole += 1;
                    if may_be_deflated {
                        wire.forget_history();
                    }
                    // One that has something to write already writes once.
                    if when == When::Later || wire.flags.dirty {
                        wire.send_piece(&mut self.desk, piece);
                    } else if wire.send_piece_now(&mut self.desk, piece) {
                        continue;
                    }
                }
                None => send_singly(&posts, wire, state, overflow, &mut self.desk),
            }
            if !std::mem::replace(&mut wire.flags.dirty, true) {
                self.desk.dirty.push(member.key);
            }
        }
        self.desk.rooms = rooms;
        posts.iter().for_each(|post| self.desk.metrics.sent(post.encoded.kind, whole));
        posts.clear();
        self.run.posts = posts;
    }
}

impl<H: Handler> Shard<H> {
    /// Goes on with those who have broadcast more than could be passed on, if it has been.
    pub(super) fn let_go_on(&mut self) {
        if self.desk.ahead.is_empty() {
            return;
        }
        let Desk { ahead, port, .. } = &mut self.desk;
        for Target { key, id } in ahead.let_go(port) {
            let slot = self.slots.get_mut(key).filter(|slot| slot.wire.id == id);
            let Some(slot) = slot else { continue };
            slot.wire.pause(self.desk.now, |flags| flags.ahead = false);
            self.hear(key);
            self.enqueue(key);
        }
    }
}

/// Sends messages one by one to a member who does not get all of them, or does not keep up.
fn send_singly(
    posts: &[Post],
    wire: &mut Wire,
    state: &dyn Any,
    overflow: Overflow,
    desk: &mut Desk,
) {
    for post in posts {
        if post.except.contains(wire.id) || wire.knows(post) || !post.is_for(state) {
            continue;
        }
        let sent = wire.send_encoded(desk, &post.encoded, overflow);
        if let Some(receipt) = &post.receipt {
            receipt.count(sent, wire.ends_now());
        }
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
