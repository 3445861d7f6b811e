//! What waits for a peer that does not read as fast as it is written to.

mod room;

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;

use self::room::Latest;
use crate::actor::Key;
use crate::rooms::Group;

/// Frames in the order in which they leave. An item is one frame, or what is left of several whose
/// first byte is on its way: so between two items there is always room for a control frame.
#[derive(Default)]
pub(crate) struct Outbox {
    items: VecDeque<Item>,
    /// Messages that wait for the end of one that is sent in parts.
    held: Vec<Item>,
    /// What those weigh.
    held_weight: usize,
    /// How much of the first item has left.
    written: usize,
    /// What waits, with what it costs to remember it.
    weight: usize,
    /// The number of the first item: they are numbered one behind the other.
    first: i64,
    /// In front of this number there is nothing that could be dropped for being the oldest.
    firm: i64,
    /// How many items are nothing any more.
    gone: usize,
    latest: Option<Box<Latest>>,
}

pub(crate) struct Item {
    bytes: Bytes,
    class: Class,
    /// What it is the value of, if only the newest counts.
    key: Option<Arc<Key>>,
}

/// The bytes of a frame: this connection's own, or those of a frame that many share.
pub(crate) enum Bytes {
    Own(Vec<u8>),
    Shared(Arc<[u8]>),
    /// Several frames, until the piece breaks.
    Group(Arc<Group>),
}

/// What an item is, as far as it matters to those who wait behind it or want it dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The rest of what has begun to leave.
    Started,
    /// A message in one frame: it can be dropped while nothing of it has left.
    Message,
    /// A message in one frame that was compressed with what came before it: those behind it could not
    /// be read without it.
    Chained,
    /// A frame of a message of several: dropping it would break the message.
    Fragment,
    /// The heartbeat's Ping: when it has left, a clock begins to run.
    Beat,
    /// The program's Ping.
    Ping,
    Pong,
    Close,
    /// It was dropped, and its place is not free yet.
    Gone,
}

impl Class {
    const fn is_control(self) -> bool {
        matches!(self, Self::Beat | Self::Ping | Self::Pong | Self::Close)
    }
}

impl Bytes {
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(bytes) => bytes,
            Self::Group(group) => group.bytes(),
        }
    }
}

impl Item {
    pub(crate) fn new(bytes: Bytes, class: Class) -> Self {
        Self { bytes, class, key: None }
    }

    /// A whole message, as the value of a key if it has one.
    pub(crate) fn message(bytes: Bytes, key: Option<&Arc<Key>>) -> Self {
        Self { bytes, class: Class::Message, key: key.cloned() }
    }

    /// What it counts for: a shared frame too counts in full for each who waits for it, since it
    /// stays in memory for the slowest.
    fn weight(&self) -> usize {
        if self.class == Class::Gone {
            return 0;
        }
        let key = self.key.as_ref().map_or(0, |key| key.weight());
        self.bytes.as_slice().len() + size_of::<Self>() + key
    }
}

impl Outbox {
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.held.is_empty()
    }

    /// Whether there is something that may leave now.
    pub(crate) fn is_ready(&self) -> bool {
        !self.items.is_empty()
    }

    /// Whether it is not worth giving its memory back.
    pub(crate) fn is_small(&self) -> bool {
        self.items.capacity() <= 8 && self.held.capacity() == 0
    }

    /// How many bytes wait, with what it costs to remember them.
    pub(crate) const fn weight(&self) -> usize {
        self.weight
    }

    /// Adds a frame at the end.
    pub(crate) fn push(&mut self, bytes: Bytes, class: Class) {
        self.add(Item::new(bytes, class));
    }

    /// Adds an item at the end.
    pub(crate) fn add(&mut self, item: Item) {
        let number = self.number(self.items.len());
        if let (Some(latest), Some(key)) = (&mut self.latest, &item.key) {
            latest.add(key, number);
            latest.tidy(self.first, self.items.len());
        }
        self.weight += item.weight();
        self.items.push_back(item);
    }

    /// Keeps a frame back until [`release`](Self::release).
    pub(crate) fn hold(&mut self, item: Item) {
        self.weight += item.weight();
        self.held_weight += item.weight();
        self.held.push(item);
    }

    /// How much of the weight is kept back.
    pub(crate) const fn held_weight(&self) -> usize {
        self.held_weight
    }

    /// The message that went in parts has ended: what was kept back follows it.
    pub(crate) fn release(&mut self) {
        self.items.extend(self.held.drain(..));
        self.held_weight = 0;
        // Whoever needs to know finds out anew.
        self.latest = None;
    }

    /// Adds our Close at the end. The message that goes in parts will not be ended any more, and what
    /// waits for its end will not leave.
    pub(crate) fn push_close(&mut self, bytes: Vec<u8>) {
        self.held.clear();
        self.weight -= std::mem::take(&mut self.held_weight);
        self.push(Bytes::Own(bytes), Class::Close);
    }

    /// Adds a Ping or a Pong at the next place between two frames. A Pong takes the place of one
    /// that still waits: "If an endpoint receives a Ping frame and has not yet sent Pong frame(s)
    /// in response to previous Ping frame(s), the endpoint MAY elect to send a Pong frame for only
    /// the most recently processed Ping frame" (RFC 6455 section 5.5.3).
    pub(crate) fn push_control(&mut self, bytes: Vec<u8>, class: Class) {
        let item = Item::new(Bytes::Own(bytes), class);
        let mut at = self.boundary();
        while let Some(waiting) = self.items.get_mut(at).filter(|item| item.class.is_control()) {
            if waiting.class == Class::Pong && class == Class::Pong {
                self.weight = self.weight + item.weight() - waiting.weight();
                *waiting = item;
                return;
            }
            // Nothing goes in front of what was owed before, but a Close of our own has an
            // end to wait for.
            if waiting.class == Class::Close {
                break;
            }
            at += 1;
        }
        self.weight += item.weight();
        self.items.insert(at, item);
        // So that those behind it keep their numbers.
        self.first -= 1;
    }

    /// Adds the Close frame that answers the peer: nothing that still waits would be read after
    /// it, or be of use to who broke a rule, so it all goes, but what has begun and what is owed.
    pub(crate) fn push_last(&mut self, bytes: Vec<u8>) {
        let mut keep = self.boundary();
        while self.items.get(keep).is_some_and(|item| item.class.is_control()) {
            keep += 1;
        }
        self.held.clear();
        self.weight -= std::mem::take(&mut self.held_weight);
        for item in self.items.drain(keep..) {
            self.weight -= item.weight();
        }
        (self.gone, self.latest, self.firm) = (0, None, self.first);
        self.push(Bytes::Own(bytes), Class::Close);
    }

    /// What leaves next, if that is all there is.
    pub(crate) fn only(&self) -> Option<&[u8]> {
        let only = self.items.front().filter(|_| self.items.len() == 1)?;
        only.bytes.as_slice().get(self.written..)
    }

    /// Tells what leaves next, in as many pieces as there is room for, up to about `most` bytes, and
    /// how many pieces that is.
    pub(crate) fn next<'a>(&'a self, slices: &mut [IoSlice<'a>], most: usize) -> usize {
        let mut skip = self.written;
        let mut total = 0;
        let mut count = 0;
        let items = self.items.iter().filter(|item| item.class != Class::Gone);
        for (slice, item) in slices.iter_mut().zip(items) {
            let rest = item.bytes.as_slice().get(skip..).unwrap_or_default();
            skip = 0;
            total += rest.len();
            *slice = IoSlice::new(rest);
            count += 1;
            if total >= most {
                break;
            }
        }
        count
    }

    /// So many bytes of what was next have left. Tells whether the heartbeat's Ping was among them,
    /// to its last byte.
    pub(crate) fn advance(&mut self, mut count: usize) -> bool {
        let mut beat = false;
        while let Some(first) = self.items.front() {
            let rest = first.bytes.as_slice().len() - self.written;
            if count < rest {
                self.written += count;
                self.weight -= count;
                self.break_group(0);
                self.begins();
                break;
            }
            count -= rest;
            beat |= first.class == Class::Beat;
            self.weight -= first.weight() - self.written;
            self.written = 0;
            self.leaves();
        }
        if self.latest.is_some() {
            self.has_room_again();
        }
        beat
    }

    /// If these are several frames in one piece: makes frames of them again, without those that have
    /// left, and tells so.
    fn break_group(&mut self, at: usize) -> bool {
        let Some(Item { bytes: Bytes::Group(group), .. }) = self.items.get(at) else {
            return false;
        };
        let group = group.clone();
        let behind = self.items.split_off(at + 1);
        self.items.pop_back();
        let gone = if at == 0 { self.written } else { 0 };
        let (frames, written) = group.split(gone);
        if at == 0 {
            self.written = written;
        }
        self.weight -= size_of::<Item>();
        for frame in frames {
            let class = if frame.is_whole { Class::Message } else { Class::Fragment };
            let bytes = Bytes::Shared(frame.bytes.clone());
            let item = Item { bytes, class, key: frame.key.clone() };
            self.weight += item.weight() - frame.bytes.len();
            self.items.push_back(item);
        }
        self.items.extend(behind);
        self.latest = None;
        true
    }

    /// If the first item has begun to leave, it is out of reach.
    fn begins(&mut self) {
        let Some(first) = self.items.front_mut().filter(|_| self.written > 0) else { return };
        if let Some(key) = first.key.take() {
            self.weight -= key.weight();
            if let Some(latest) = &mut self.latest {
                latest.forget(&key, self.first);
            }
        }
    }

    /// The first item has left.
    fn leaves(&mut self) {
        let Some(first) = self.items.pop_front() else { return };
        if let (Some(latest), Some(key)) = (&mut self.latest, &first.key) {
            latest.forget(key, self.first);
        }
        self.gone -= usize::from(first.class == Class::Gone);
        self.first += 1;
    }

    /// The first place where a frame may be put in: behind the one that has begun.
    fn boundary(&self) -> usize {
        let begun = self.items.front().is_some_and(|first| first.class == Class::Started);
        usize::from(self.written > 0 || begun)
    }
}

/// As many as a system takes in one call, wherever that limit is known.
pub(super) const MOST_SLICES: usize = 64;

#[cfg(test)]
mod tests;
