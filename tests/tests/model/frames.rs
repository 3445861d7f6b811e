//! What rooms should do, and what clients should therefore read.

use std::collections::BTreeMap;

use ws_std::{Delivery, JoinError};

use crate::log::{Came, Who};
use crate::model::{Model, Verdict, expect};
use crate::program::{Act, MOST_ROOMS, ROOMS};
use crate::rooms::rules;

/// What was sent to whom, and when.
#[derive(Default)]
pub(crate) struct Frames {
    posts: Vec<Post>,
    /// What goes to one client at once.
    sends: Vec<(Who, u32, usize)>,
    stays: Vec<Stay>,
    /// When somebody was told who is in a room: what tells of a change before that is old then.
    told: Vec<(Who, usize, usize)>,
    /// When somebody's client said its last word: it reads no more than was sent up to then.
    last_words: BTreeMap<Who, usize>,
    /// When those who have ended did, and whether in good order.
    ends: BTreeMap<Who, bool>,
    /// When the conductor began the round that it is on.
    left: usize,
    /// Broadcasts that were taken up before it was logged that they were sent.
    early: BTreeMap<u32, Delivery>,
}

/// A broadcast, which its shard takes up between two moments.
struct Post {
    number: u32,
    room: usize,
    /// Which of the rooms of that name: one that all have left is gone.
    life: usize,
    spared: Vec<Who>,
    from: usize,
    to: Option<usize>,
    /// What was sent at once has one number, and no order.
    lot: usize,
    /// It tells of who is there.
    is_change: bool,
}

/// That somebody was a member, from one moment to another.
struct Stay {
    who: Who,
    room: usize,
    life: usize,
    from: usize,
    to: Option<usize>,
}

/// Something that a client may read.
struct Candidate {
    number: u32,
    from: usize,
    to: usize,
    is_certain: bool,
    is_post: bool,
}

impl Frames {
    pub(crate) fn leaves(&mut self, now: usize) {
        self.left = now;
    }

    /// What was sent to a shard before the round began has been taken up.
    pub(crate) fn is_back(&mut self, now: usize) {
        for post in self.posts.iter_mut().filter(|post| post.from < self.left) {
            post.to.get_or_insert(now);
        }
    }

    pub(crate) fn ends(&mut self, who: Who, now: usize, is_polite: bool) {
        self.ends.insert(who, is_polite);
        self.leaves_rooms(who, now, |_| true);
    }

    fn leaves_rooms(&mut self, who: Who, now: usize, which: impl Fn(usize) -> bool) {
        let stays = self.stays.iter_mut().filter(|stay| stay.who == who && which(stay.room));
        stays.for_each(|stay| _ = stay.to.get_or_insert(now));
    }

    /// Which of the rooms of that name there is now, if there is one.
    fn life(&self, room: usize) -> Option<usize> {
        let mut stays = self.stays.iter().filter(|stay| stay.room == room && stay.to.is_none());
        stays.next().map(|stay| stay.life)
    }

    fn posts(&mut self, number: u32, room: usize, life: usize, spared: Vec<Who>, from: usize) {
        let (lot, to, is_change) = (from, None, false);
        self.posts.push(Post { number, room, life, spared, from, to, lot, is_change });
    }

    /// Members are told of who is there.
    pub(crate) fn changes(&mut self, number: u32, room: usize, spared: Vec<Who>, now: usize) {
        let Some(life) = self.life(room) else { return };
        self.posts(number, room, life, spared, now);
        self.posts.last_mut().unwrap().is_change = true;
    }

    /// A client says its last word.
    pub(crate) fn says_last(&mut self, who: Who, now: usize) {
        self.last_words.insert(who, now);
    }

    /// Somebody is told who is there.
    pub(crate) fn is_told(&mut self, who: Who, number: u32, room: usize, now: usize) {
        self.sends.push((who, number, now));
        self.told.push((who, room, now));
    }

    /// It was taken up now: all that were sent before it have been, and none that were after it.
    fn taken_up(&mut self, at: usize, now: usize) {
        for post in self.posts.iter_mut().take(at + 1) {
            post.to.get_or_insert(now);
        }
        for post in self.posts.iter_mut().skip(at) {
            post.from = post.from.max(now);
        }
    }

    /// A client has read these, and no others.
    pub(crate) fn judge(&self, who: Who, read: &[u32]) -> Verdict {
        let candidates = self.candidates(who);
        let (mut now, mut last_post) = (0, 0);
        let mut unread: Vec<&Candidate> = candidates.iter().collect();
        for number in read {
            let at = unread.iter().position(|candidate| candidate.number == *number);
            let Some(at) = at else {
                return Err(format!("the client of {who} should not read {number}: {read:?}"));
            };
            let candidate = unread.remove(at);
            now = now.max(candidate.from);
            let post = self.posts.iter().find(|post| post.number == *number);
            let lot = post.map_or(0, |post| post.lot);
            if candidate.to < now || (candidate.is_post && lot < last_post) {
                return Err(format!("the client of {who} should read {number} before: {read:?}"));
            }
            last_post = if candidate.is_post { lot } else { last_post };
        }
        let all = self.ends.get(&who).copied().unwrap_or(true);
        match unread.iter().find(|candidate| all && candidate.is_certain) {
            Some(Candidate { number, .. }) => {
                Err(format!("the client of {who} should read {number}: {read:?}"))
            }
            None => Ok(()),
        }
    }

    fn candidates(&self, who: Who) -> Vec<Candidate> {
        let sends = self.sends.iter().filter(|send| send.0 == who);
        let mut all: Vec<_> = sends
            .map(|(_, number, at)| Candidate {
                number: *number,
                from: *at,
                to: *at,
                is_certain: true,
                is_post: false,
            })
            .collect();
        for post in &self.posts {
            let (from, to) = (post.from, post.to.unwrap_or(usize::MAX));
            let is_spared = post.spared.contains(&who);
            let stays = self.stays.iter().filter(|stay| stay.who == who && stay.life == post.life);
            let ends = |stay: &Stay| stay.to.unwrap_or(usize::MAX);
            // Who is not told of its own coming and going may be, once it has come back as nobody.
            let may_hear = |stay: &Stay| !is_spared || (post.is_change && stay.from > from);
            let mut stays = stays
                .filter(|stay| stay.from <= to && ends(stay) >= from && may_hear(stay))
                .peekable();
            if stays.peek().is_some() {
                let knows = self.told.iter().any(|(other, room, at)| {
                    post.is_change && (*other, *room) == (who, post.room) && *at >= from
                });
                let in_time = self.last_words.get(&who).is_none_or(|last| from < *last);
                let is_certain =
                    in_time && !knows && stays.any(|stay| stay.from <= from && ends(stay) >= to);
                all.push(Candidate { number: post.number, from, to, is_certain, is_post: true });
            }
        }
        all
    }
}

impl Model<'_> {
    /// Somebody does something with rooms. What comes of it?
    pub(crate) fn does_in_rooms(
        &mut self,
        me: Who,
        act: &Act,
        number: u32,
        came: &Came,
    ) -> Verdict<Came> {
        let is_client = self.program.is_connection(me);
        Ok(match act {
            Act::Present(room) => Came::Present(self.presence.list(*room)),
            Act::JoinAs(room, key) if is_client => {
                Came::Joined(self.joins_as(me, *room, *key, number))
            }
            Act::Members(room) => Came::Count(self.members(*room).len()),
            Act::Join(room) if is_client => Came::Joined(self.joins(me, *room)),
            Act::Leave(room) if is_client => {
                self.frames.leaves_rooms(me, self.now, |left| left == *room);
                self.leaves(me, |left| left == *room);
                Came::Whether(self.cast[me].rooms.remove(room))
            }
            Act::Broadcast(room) if is_client => self.broadcasts(me, *room, &[], number, came)?,
            Act::BroadcastExcept(room, spared) if is_client => {
                self.broadcasts(me, *room, spared, number, came)?
            }
            Act::BroadcastWhere(room) if is_client => self.posts(*room, vec![], number, came)?,
            Act::Broadcast(room) | Act::BroadcastCounted(room) => {
                self.posts(*room, vec![], number, came)?
            }
            Act::Send if is_client => {
                if !self.cast[me].is_closing {
                    self.frames.sends.push((me, number, self.now));
                }
                Came::Done
            }
            Act::Close if is_client => {
                self.cast[me].is_closing = true;
                self.cast[me].rooms.clear();
                self.frames.leaves_rooms(me, self.now, |_| true);
                self.leaves(me, |_| true);
                Came::Done
            }
            _ => Came::Nothing,
        })
    }

    pub(crate) fn joins(&mut self, me: Who, room: usize) -> Result<usize, JoinError> {
        let count = self.members(room).len();
        let rules = rules(ROOMS[room]);
        let actor = &mut self.cast[me];
        if actor.is_closing {
            return Err(JoinError::Closed);
        }
        if actor.rooms.contains(&room) {
            return Ok(count);
        }
        if actor.rooms.len() == MOST_ROOMS {
            return Err(JoinError::TooManyRooms);
        }
        if rules?.members.is_some_and(|most| count >= most) {
            return Err(JoinError::Full);
        }
        actor.rooms.insert(room);
        // No two rooms have the same: each begins with a stay of its own.
        let life = self.frames.life(room).unwrap_or(self.frames.stays.len());
        self.frames.stays.push(Stay { who: me, room, life, from: self.now, to: None });
        Ok(count + 1)
    }

    /// A connection broadcasts: its own copy is sent at once.
    fn broadcasts(
        &mut self,
        me: Who,
        room: usize,
        spared: &[Who],
        number: u32,
        came: &Came,
    ) -> Verdict<Came> {
        if self.cast[me].rooms.contains(&room) && !spared.contains(&me) {
            self.frames.sends.push((me, number, self.now));
        }
        self.posts(room, spared.iter().copied().chain([me]).collect(), number, came)
    }

    fn posts(&mut self, room: usize, spared: Vec<Who>, number: u32, came: &Came) -> Verdict<Came> {
        let members = self.members(room).len();
        let shards = match came {
            // Where members are is not the model's business.
            Came::Posted { shards, .. } if self.program.settles && *shards <= members => *shards,
            _ => usize::from(members > 0),
        };
        let early = self.frames.early.remove(&number);
        if let Some(life) = self.frames.life(room) {
            self.frames.posts(number, room, life, spared, self.now);
            early.map_or(Ok(()), |delivery| self.taken_up(number, delivery))?;
        } else if let Some(delivery) = early {
            expect("of a room without members", &delivery, &Delivery::default())?;
        }
        Ok(Came::Posted { members, shards })
    }

    /// A broadcast was taken up, and this became of it.
    pub(crate) fn taken_up(&mut self, number: u32, delivery: Delivery) -> Verdict {
        let posts = &self.frames.posts;
        let Some(at) = posts.iter().position(|post| post.number == number) else {
            self.frames.early.insert(number, delivery);
            return Ok(());
        };
        let Post { room, life, ref spared, .. } = posts[at];
        // What was for a room that is gone is for nobody, whatever the names of others.
        let is_there = self.frames.life(room) == Some(life);
        let members = if is_there { self.members(room) } else { vec![] };
        let count = members.iter().filter(|who| !spared.contains(who)).count();
        if !self.program.settles {
            self.frames.taken_up(at, self.now);
        }
        expect("members who are sent it", &(delivery.queued + delivery.closed), &count)?;
        expect("members who do not read", &delivery.dropped, &0)
    }
}
