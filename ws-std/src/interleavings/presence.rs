//! Who is there: a state, and the changes that follow it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Shard, directory, in_any_order};
use crate::actor::Encoded;
use crate::rooms::{Entry, Presence, Room, Step};
use crate::server::Command;
use crate::sync::thread;

/// What is known of whom.
type Known = BTreeMap<String, String>;

fn entry(key: &str, meta: &str) -> Entry {
    Entry { key: key.into(), meta: meta.into() }
}

/// A change in words: `+key=meta`, `-key=meta`, `~key=meta`.
fn words(presence: &Presence<'_>) -> Option<Encoded> {
    let (sign, entry) = match presence {
        Presence::Enters(entry) => ('+', entry),
        Presence::Leaves(entry) => ('-', entry),
        Presence::Changes(entry) => ('~', entry),
        Presence::Here { .. } => return None,
    };
    let text = format!("{sign}{}={}", entry.key, entry.meta);
    Some(Encoded::new(text.as_str(), usize::MAX))
}

fn enters(room: &Arc<Room>, key: &str, meta: &str) -> (Known, u64) {
    let entry = entry(key, meta);
    let step = Step::Enter { entry: &entry, is_new: true };
    let outcome = room.change(&step, usize::MAX, &mut |presence| words(presence));
    let entries = outcome.entries.iter();
    let known = entries.map(|entry| (entry.key.to_string(), entry.meta.to_string()));
    (known.collect(), outcome.since)
}

fn leaves(room: &Arc<Room>, key: &str) {
    room.change(&Step::Leave { key }, 0, &mut |presence| words(presence));
}

/// Learns what a member is told that has not been told it with the state.
fn learns(known: &mut Known, since: u64, told: &[Command]) {
    let mut last = 0;
    for command in told {
        let Command::Broadcast(post) = command else { panic!("a broadcast") };
        let number = post.change.unwrap().get();
        assert!(number > last, "in their order, and none twice");
        last = number;
        if number <= since {
            continue;
        }
        // A frame of less than 126 bytes has a header of two.
        let frame = post.encoded.frames().next().unwrap().clone();
        let text = std::str::from_utf8(&frame[2..]).unwrap();
        let (key, meta) = text[1..].split_once('=').unwrap();
        let before = match &text[..1] {
            "-" => known.remove(key),
            _ => known.insert(key.to_owned(), meta.to_owned()),
        };
        assert_eq!(before.is_some(), !text.starts_with('+'), "{text}");
    }
}

/// ROOM-05
#[test]
fn the_state_and_what_follows_it_are_everything_and_nothing_twice() {
    in_any_order(|| {
        let directory = directory();
        let room = directory.enter("room");
        let mut shard = Shard::new();
        room.add_shard(&shard.port);
        let change = |key: &'static str| {
            let room = room.clone();
            thread::spawn(move || {
                enters(&room, key, "here");
                enters(&room, "both", key);
                leaves(&room, key);
            })
        };
        let threads = ["one", "other"].map(change);
        let (mut known, since) = enters(&room, "me", "");
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        while shard.takes(8) {}
        learns(&mut known, since, &shard.told);
        let entries = room.entries("", usize::MAX);
        let entries = entries.iter().map(|entry| (entry.key.to_string(), entry.meta.to_string()));
        assert_eq!(known, entries.collect());
        assert_eq!(known.len(), 2);
    });
}

/// ROOM-05: whoever comes back while it is being forgotten is there, or has come anew.
#[test]
fn who_comes_back_is_not_forgotten() {
    in_any_order(|| {
        let directory = directory();
        let room = directory.enter("room");
        let mut shard = Shard::new();
        room.add_shard(&shard.port);
        enters(&room, "me", "");
        let lose = Step::Lose { key: "me" };
        let ticket = room.change(&lose, 0, &mut |_| None).ticket.unwrap();
        let forgets = room.clone();
        let forget = thread::spawn(move || {
            let step = Step::Forget { key: "me", ticket };
            forgets.change(&step, 0, &mut |presence| words(presence));
        });
        enters(&room, "me", "");
        forget.join().unwrap();
        assert_eq!(room.present(), 1);
        while shard.takes(8) {}
        let mut known = Known::new();
        learns(&mut known, 0, &shard.told);
        assert_eq!(known.len(), 1);
        assert!([1, 3].contains(&shard.told.len()));
    });
}
