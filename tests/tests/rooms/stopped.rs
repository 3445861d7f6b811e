//! ROOM-03, ADV-03: one who does not read harms nobody else.

use std::io::Read;

use ws_core::testing::WireFrame;
use ws_std::{Limits, Overflow, Threads};
use ws_tests::peer::{pattern, until};

use crate::script::{Member, POLICIES, World, numbered, room_of};

const LEN: usize = 5000;
const SENT: u32 = 20;
const LIMIT: usize = 100_000;

const MEMBERS: usize = 1000;
const SHARDS: usize = 3;

/// Each member takes two descriptors, and others run beside this test: more than most systems give
/// a process that does not ask.
#[cfg(unix)]
fn ask_for_descriptors() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = 2 * MEMBERS as u64 + 1000;
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        setrlimit(Resource::Nofile, limit).expect("as many descriptors as this test needs");
    }
}

/// Such systems do not count them so.
#[cfg(not(unix))]
fn ask_for_descriptors() {}

/// Somebody who does not read, and was sent more than its socket takes.
fn stopped(world: &World, room: &str, sender: &mut Member, others: &mut [Member]) -> Member {
    let mut member = world.open();
    member.asks(&format!("join {room}"), &format!("{room}: {}", MEMBERS + 1));
    let text = "x".repeat(30_000);
    while world.server.retained_bytes() < LIMIT * 3 / 5 {
        sender.does(&format!("whisper {} {text}", member.id));
        sender.sync();
        // What is still on its way to the member's shard is kept, too, and the socket may take it yet.
        for other in others.iter_mut().chain([&mut *sender]) {
            other.sync();
        }
    }
    member
}

/// These bytes come next. (To look at each message would take most of the time of this test.)
fn reads(member: &mut Member, expected: &[u8]) {
    let mut bytes = std::mem::take(&mut member.peer.unread);
    let begun = bytes.len();
    bytes.resize(expected.len(), 0);
    member.peer.stream.read_exact(&mut bytes[begun..]).unwrap();
    assert!(bytes == expected);
}

/// How many messages found no room, by the policy that they were sent under.
fn dropped(world: &World) -> [u64; 4] {
    let counts = world.server.metrics().snapshot();
    POLICIES.map(|policy| match policy {
        Overflow::DropNewest => counts.overflow_newest,
        Overflow::DropOldest => counts.overflow_oldest,
        Overflow::KeepLatest => counts.overflow_latest,
        _ => counts.overflow_close,
    })
}

/// ROOM-03, ADV-03, ACTOR-07
#[test]
fn all_others_hear_everything_and_memory_is_bounded() {
    ask_for_descriptors();
    let limits = Limits { outbox_limit: LIMIT, ..Limits::default() };
    let world = World::with(Threads::Fixed(SHARDS), limits);
    let mut sender = world.open();
    let expected: Vec<_> = (0..SENT).map(|number| numbered(number, LEN)).collect();
    let expected = WireFrame::encode_all(&expected);
    let joins = POLICIES.map(|policy| format!("join {}\n", room_of(policy))).concat();
    let join = |number| {
        let mut member = world.open();
        let answers = POLICIES.map(|policy| format!("{}: {}", room_of(policy), number + 1));
        member.asks(&joins, &answers.join("|"));
        member
    };
    let mut members: Vec<_> = (0..MEMBERS).map(join).collect();
    for (at, policy) in POLICIES.into_iter().enumerate() {
        let room = room_of(policy);
        let before = dropped(&world);
        let stopped = stopped(&world, &room, &mut sender, &mut members[..SHARDS]);
        // Alone, and together; in half of them a key.
        for number in 0..SENT / 2 {
            sender.does(&format!("states {room} {number} {} {LEN} 10", number + 1));
        }
        sender.does(&format!("numbers {room} {} {SENT} {LEN}", SENT / 2));
        members.iter_mut().for_each(|member| reads(member, &expected));
        // Under its own policy, and no other.
        let is_counted = || {
            let mut all = before.iter().zip(dropped(&world)).enumerate();
            all.all(|(other, (before, now))| (now > *before) == (other == at))
        };
        until(is_counted);
        // Nothing is kept but for the one, and for it no more than the limit and a message.
        until(|| world.server.retained_bytes() <= LIMIT + 40_000);
        let stays = usize::from(policy != Overflow::Close);
        let count = || world.server.rooms().members(&room);
        until(|| count() == MEMBERS + stays);
        drop(stopped);
        until(|| world.server.retained_bytes() == 0 && count() == MEMBERS);
        members[0].does(&format!("bytes {room} 7"));
        for member in &mut members {
            assert_eq!(member.peer.message().payload, pattern(7));
        }
    }
}
