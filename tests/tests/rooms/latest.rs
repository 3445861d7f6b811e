//! ADV-03, ROOM-07: a member who does not read misses what has become worthless, and nothing else.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;

use ws_core::frame::CloseCode;
use ws_std::{Limits, Message, Overflow, Threads};
use ws_tests::peer::{next, until};

use crate::script::{MODELS, Member, World, number, numbered};

const LEN: usize = 1000;
const LIMIT: usize = 100_000;
const KEYS: u32 = 20;

fn world(threads: Threads) -> World {
    let (overflow, outbox_limit, outbox_high) = (Overflow::KeepLatest, LIMIT, usize::MAX);
    World::with(threads, Limits { overflow, outbox_limit, outbox_high, ..Limits::default() })
}

fn dropped(world: &World) -> u64 {
    let counts = world.server.metrics().snapshot();
    assert_eq!((counts.overflow_newest, counts.overflow_oldest), (0, 0));
    counts.overflow_latest
}

/// Sends, so many at a time, until something has happened; how many that were.
fn flood(sender: &mut Member, to: &str, keys: u32, mut happened: impl FnMut(u32) -> bool) -> u32 {
    let mut sent = 0;
    while !happened(sent) {
        assert!(sent < 100_000, "nothing has happened");
        sender.does(&format!("states {to} {sent} {} {LEN} {keys}", sent + 50));
        sender.sync();
        sent += 50;
    }
    sent
}

/// Says a last word to all, which everything has reached that was sent before.
fn end(world: &World) {
    let (tell, told) = channel();
    let tell = move |delivery| tell.send(delivery).unwrap();
    world.server.rooms().broadcast_counted("all", "the end", tell);
    next(&told);
}

/// What is there to be read, so many messages: in order, and of each key the newest.
fn judge(stopped: &mut Member, sent: u32, dropped: u64) {
    let arrive = u64::from(sent) - dropped;
    let arrived: Vec<_> = (0..arrive).map(|_| number(&stopped.peer.message(), LEN)).collect();
    assert!(arrived.is_sorted_by(|one, next| one < next), "in order, each once");
    let newest: BTreeMap<_, _> = arrived.iter().map(|number| (number % KEYS, *number)).collect();
    for last in sent - KEYS..sent {
        assert_eq!(newest.get(&(last % KEYS)), Some(&last), "the newest of its key");
    }
}

/// ADV-03, ROOM-07
#[test]
fn who_does_not_read_gets_the_newest_of_each_key_and_others_get_all() {
    for threads in MODELS {
        let world = world(threads);
        let (mut sender, mut members) = (world.open(), world.members(2));
        let mut stopped = members.remove(0);
        let mut heard = 0;
        let sent = flood(&mut sender, "all", KEYS, |sent| {
            // It keeps up, so it misses nothing.
            for expected in heard..sent {
                assert_eq!(number(&members[0].peer.message(), LEN), expected);
            }
            heard = sent;
            dropped(&world) > 500
        });
        end(&world);
        assert!(world.server.retained_bytes() < LIMIT + 2 * LEN, "bounded");
        judge(&mut stopped, sent, dropped(&world));
        stopped.expect("the end");
        stopped.asks("send well", "well");
        until(|| world.server.retained_bytes() == 0);
    }
}

/// ADV-03, ACTOR-04
#[test]
fn through_a_handle_and_from_another_thread_it_is_the_same() {
    for by_handle in [true, false] {
        let world = world(Threads::Fixed(1));
        let (mut sender, mut stopped) = (world.open(), world.members(1).remove(0));
        let sent = if by_handle {
            flood(&mut sender, &stopped.id.to_string(), KEYS, |_| dropped(&world) > 500)
        } else {
            let rooms = world.server.rooms();
            let mut sent = 0;
            while dropped(&world) <= 500 {
                for number in sent..sent + 50 {
                    let payload = numbered(number, LEN).payload;
                    let key = (number % KEYS).to_string();
                    rooms.broadcast("all", Message::from(&payload).keyed(&key));
                }
                sent += 50;
                sender.sync();
            }
            sent
        };
        end(&world);
        judge(&mut stopped, sent, dropped(&world));
        stopped.expect("the end");
    }
}

/// ADV-03: the promise cannot be kept then, and that is said.
#[test]
fn who_cannot_be_kept_the_newest_of_each_key_is_closed() {
    let world = world(Threads::Fixed(1));
    let (mut sender, mut stopped) = (world.open(), world.members(1).remove(0));
    let sent = flood(&mut sender, "all", u32::MAX, |_| world.in_all() == 0);
    assert_eq!(next(&world.closed).id, stopped.id);
    assert_eq!((dropped(&world), world.server.metrics().snapshot().overflow_close), (0, 1));
    assert!(stopped.numbers_up_to_close(LEN, CloseCode::POLICY) < sent);
}

/// ADV-03: they promise nothing.
#[test]
fn messages_without_a_key_make_room_for_those_with_one() {
    let world = world(Threads::Fixed(1));
    let (mut sender, mut stopped) = (world.open(), world.members(1).remove(0));
    // Of each key one, and then so many without one that they have to go.
    let mut plain = 0;
    sender.does(&format!("states all 0 {KEYS} {LEN} {KEYS}"));
    while dropped(&world) < 300 {
        sender.does(&format!("numbers all {} {} {LEN}", 1000 + plain, 1050 + plain));
        sender.sync();
        plain += 50;
    }
    sender.does(&format!("states all {KEYS} {} {LEN} {KEYS}", 2 * KEYS));
    sender.sync();
    let arrive = u64::from(2 * KEYS + plain) - dropped(&world);
    let arrived: Vec<_> = (0..arrive).map(|_| number(&stopped.peer.message(), LEN)).collect();
    for last in KEYS..2 * KEYS {
        assert!(arrived.contains(&last), "{last}");
    }
    assert_eq!(world.in_all(), 1);
    stopped.asks("send well", "well");
}
