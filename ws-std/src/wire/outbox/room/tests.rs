use std::io::IoSlice;

use super::super::{Item, MOST_SLICES};
use super::*;
use crate::actor::{Encoded, Message};
use crate::rooms::{Directory, Except, Group, Post};
use crate::server::{Limits, Overflow};

/// Numbers that look like chance, the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % limit
    }
}

fn key(number: usize) -> Option<Arc<Key>> {
    Key::of(None, Some(&format!("key {number}")), Overflow::KeepLatest)
}

/// One frame of an obvious outbox.
#[derive(Clone)]
struct Frame {
    bytes: Vec<u8>,
    key: Option<usize>,
    class: Class,
}

/// What an outbox should do, with nothing but a list.
#[derive(Default)]
struct Model {
    frames: Vec<Frame>,
    written: usize,
    /// So many of them, in front, are one piece.
    together: usize,
}

impl Model {
    fn weight(&self) -> usize {
        let cost = |frame: &Frame| size_of::<Item>() + key_weight(frame.key);
        let bytes: usize = self.frames.iter().map(|frame| frame.bytes.len()).sum();
        let costs: usize = self.frames.iter().skip(self.together).map(cost).sum();
        bytes - self.written + costs + usize::from(self.together > 0) * size_of::<Item>()
    }

    fn boundary(&self) -> usize {
        usize::from(self.written > 0)
    }

    /// Which is the first that may be dropped, of those for which this is so.
    fn first(&self, so: impl Fn(usize, &Frame) -> bool) -> Option<usize> {
        let begun = self.boundary();
        let mut all = self.frames.iter().enumerate().skip(begun);
        let found = all.find(|(at, frame)| frame.class == Class::Message && so(*at, frame));
        found.map(|(at, _)| at)
    }

    fn drop_oldest(&mut self) -> bool {
        self.together = 0;
        let oldest = self.first(|_, frame| frame.key.is_none());
        oldest.map(|at| self.frames.remove(at)).is_some()
    }

    fn keep_latest(&mut self, comes: Option<usize>) -> usize {
        self.together = 0;
        let mut dropped = 0;
        while let Some(at) = self.first(|at, frame| {
            let newer = |other: &Frame| other.key == frame.key;
            frame.key.is_some() && (frame.key == comes || self.frames[at + 1..].iter().any(newer))
        }) {
            self.frames.remove(at);
            dropped += 1;
        }
        dropped
    }

    fn pong(&mut self, bytes: &[u8]) {
        let frame = Frame { bytes: bytes.to_vec(), key: None, class: Class::Pong };
        let at = self.boundary();
        match self.frames.get_mut(at).filter(|frame| frame.class == Class::Pong) {
            Some(waiting) => *waiting = frame,
            None => self.frames.insert(at, frame),
        }
    }

    fn advance(&mut self, mut count: usize) -> Vec<u8> {
        let mut left = vec![];
        while let Some(first) = self.frames.first_mut() {
            let rest = first.bytes.len() - self.written;
            let now = count.min(rest);
            left.extend_from_slice(&first.bytes[self.written..self.written + now]);
            count -= now;
            self.written += now;
            // A piece is frames again as soon as it has been touched.
            self.together = 0;
            if now < rest {
                if self.written > 0 {
                    first.key = None;
                }
                break;
            }
            self.written = 0;
            self.frames.remove(0);
        }
        left
    }
}

fn key_weight(number: Option<usize>) -> usize {
    number.and_then(key).map_or(0, |key| key.weight())
}

/// Both, and whether they agree.
#[derive(Default)]
struct Both {
    outbox: Outbox,
    model: Model,
    count: usize,
    /// How many keys there are.
    keys: usize,
}

impl Both {
    /// A message comes, and finds room or not.
    fn sends(&mut self, random: &mut Random, limit: usize) {
        let number = (random.below(5) > 0).then(|| random.below(self.keys));
        let key = number.and_then(key);
        if self.outbox.weight() >= limit {
            let dropped = self.outbox.keep_latest(key.as_ref());
            assert_eq!(dropped, self.model.keep_latest(number));
        }
        self.makes_room(limit);
        if self.outbox.weight() >= limit {
            return;
        }
        self.count += 1;
        let bytes = format!("{}:{};", self.count, "x".repeat(random.below(60))).into_bytes();
        let class = if random.below(12) == 0 { Class::Fragment } else { Class::Message };
        let own = Bytes::Own(bytes.clone());
        match class {
            Class::Message => {
                self.outbox.add(Item::message(own, key.as_ref()));
                self.model.frames.push(Frame { bytes, key: number, class });
            }
            _ => {
                self.outbox.push(own, class);
                self.model.frames.push(Frame { bytes, key: None, class });
            }
        }
    }

    fn makes_room(&mut self, limit: usize) {
        while self.outbox.weight() >= limit {
            let dropped = self.outbox.drop_oldest();
            assert_eq!(dropped, self.model.drop_oldest());
            if !dropped {
                break;
            }
        }
    }

    /// Several messages in one piece, where nothing waits.
    fn sends_together(&mut self, random: &mut Random) {
        if !self.outbox.is_empty() {
            return;
        }
        let room = Directory::new(&Limits::default()).enter("room");
        let mut posts = vec![];
        for _ in 0..2 + random.below(4) {
            let (number, len) = (random.below(10), random.below(20));
            let number = (number < 8).then_some(number);
            let text = "y".repeat(len);
            let encoded = Encoded::new(Message::from(&text), 10).keyed(number.and_then(key));
            let is_whole = encoded.is_one_frame();
            let class = if is_whole { Class::Message } else { Class::Fragment };
            self.model.frames.extend(encoded.frames().map(|frame| Frame {
                bytes: frame.to_vec(),
                key: number.filter(|_| is_whole),
                class,
            }));
            let (change, filter, receipt) = (None, None, None);
            let (room, except) = (room.clone(), Except::Nobody);
            posts.push(Post { room, encoded, except, change, filter, receipt });
        }
        self.model.together = self.model.frames.len();
        self.outbox.push(
            Bytes::Group(Group::new(&posts.iter().map(|post| &post.encoded).collect::<Vec<_>>())),
            Class::Message,
        );
    }

    /// The socket takes some.
    fn leaves(&mut self, most: usize) {
        let mut slices = [IoSlice::new(&[]); MOST_SLICES];
        let count = self.outbox.next(&mut slices, usize::MAX);
        let next: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
        let count = next.len().min(most);
        self.outbox.advance(count);
        assert_eq!(self.model.advance(count), next[..count]);
    }

    fn agree(&self) {
        assert_eq!(self.outbox.weight(), self.model.weight());
        assert_eq!(self.outbox.is_empty(), self.model.frames.is_empty());
        self.is_bounded();
    }

    /// What is remembered is in proportion to what waits.
    fn is_bounded(&self) {
        let Outbox { items, gone, latest, .. } = &self.outbox;
        assert!(*gone <= SOME + items.len() / 2, "{gone} of {}", items.len());
        let Some(latest) = latest else { return };
        assert!(latest.newest.len() <= items.len());
        assert!(latest.stale.len() <= SOME + 2 * items.len() + 1);
    }
}

/// ROOM-07, ADV-03
#[test]
fn whatever_comes_and_leaves_the_newest_of_each_key_stays_as_in_an_obvious_model() {
    for seed in 0..40 {
        let mut random = Random(seed);
        let keys = [8, 100][random.below(2)];
        let mut both = Both { keys, ..Both::default() };
        let limit = [300, 1000, 4000, 20_000][random.below(4)];
        for _ in 0..limit {
            match random.below(12) {
                0 => both.leaves(random.below(40)),
                1 => both.leaves(random.below(1500)),
                2 if both.model.together == 0 => {
                    let pong = format!("pong {}", random.below(100)).into_bytes();
                    both.model.pong(&pong);
                    both.outbox.push_control(pong, Class::Pong);
                }
                3 => both.sends_together(&mut random),
                // A message of another policy finds no room.
                4 => both.makes_room(limit),
                _ => both.sends(&mut random, limit),
            }
            both.agree();
        }
        while !both.outbox.is_empty() {
            both.leaves(1 + random.below(300));
            both.agree();
        }
    }
}

/// ADV-03: what was once at the limit, and is near it ever since.
#[test]
fn what_was_remembered_of_messages_that_have_left_is_forgotten() {
    let mut both = Both::default();
    let mut random = Random(0);
    let add = |outbox: &mut Outbox, random: &mut Random| {
        outbox.add(Item::message(Bytes::Own(vec![0; 100]), key(random.below(500)).as_ref()));
    };
    (0..1000).for_each(|_| add(&mut both.outbox, &mut random));
    both.outbox.keep_latest(None);
    for _ in 0..10_000 {
        add(&mut both.outbox, &mut random);
        both.outbox.advance(100);
        both.is_bounded();
        assert!(both.outbox.latest.is_some());
    }
}

/// ADV-03
#[test]
fn what_may_be_dropped_is_found_after_the_gaps_are_closed() {
    let mut both = Both::default();
    let add = |outbox: &mut Outbox, number| {
        let dropped = outbox.keep_latest(key(number).as_ref());
        outbox.add(Item::message(Bytes::Own(vec![0; 100]), key(number).as_ref()));
        dropped
    };
    (0..100).for_each(|number| assert_eq!(add(&mut both.outbox, number), 0));
    let mut number = 1;
    let mut len = both.outbox.items.len();
    while both.outbox.items.len() >= len {
        len = both.outbox.items.len();
        assert!(!both.outbox.drop_oldest());
        assert_eq!(add(&mut both.outbox, number), 1);
        number = number % 99 + 1;
    }
    both.outbox.push(Bytes::Own(vec![0; 100]), Class::Message);
    assert!(both.outbox.drop_oldest());
    assert!(!both.outbox.drop_oldest());
}

/// ROOM-07, ADV-03: where a scan for each message would take hours, this takes a moment.
#[test]
fn many_keys_cost_no_more_than_few() {
    const KEYS: usize = 10_000;
    let keys: Vec<_> = (0..KEYS).map(key).collect();
    let mut both = Both::default();
    let add = |outbox: &mut Outbox, number: usize| {
        let bytes = format!("{number:070}").into_bytes();
        outbox.add(Item::message(Bytes::Own(bytes), keys[number % KEYS].as_ref()));
    };
    (0..KEYS).for_each(|number| add(&mut both.outbox, number));
    let full = both.outbox.weight();
    let mut dropped = 0;
    for number in KEYS..20 * KEYS {
        // Others, that have nothing to drop here, come in between.
        assert!(!both.outbox.drop_oldest());
        dropped += both.outbox.keep_latest(keys[number % KEYS].as_ref());
        add(&mut both.outbox, number);
        assert_eq!(both.outbox.weight(), full);
        both.is_bounded();
    }
    assert_eq!(dropped, 19 * KEYS);
    let mut expected = 19 * KEYS;
    while !both.outbox.is_empty() {
        let mut slices = [IoSlice::new(&[]); MOST_SLICES];
        let count = both.outbox.next(&mut slices, usize::MAX);
        for slice in &slices[..count] {
            assert_eq!(**slice, *format!("{expected:070}").as_bytes());
            expected += 1;
        }
        both.outbox.advance(70 * count);
    }
    assert_eq!((expected, both.outbox.weight()), (20 * KEYS, 0));
}
