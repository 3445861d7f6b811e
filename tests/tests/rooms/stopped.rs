//! ROOM-03, ADV-03: one who does not read harms nobody else.

use ws_std::{Limits, Overflow, Threads};
use ws_tests::peer::{pattern, until};

use crate::script::{Member, World, numbered};

const LEN: usize = 5000;
const SENT: u32 = 20;
const LIMIT: usize = 100_000;

const MEMBERS: usize = 1000;

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

/// Sends a member who does not read more than its socket takes.
fn stop(world: &World, member: &Member, sender: &mut Member) {
    let text = "x".repeat(30_000);
    while world.server.retained_bytes() < LIMIT * 3 / 5 {
        sender.does(&format!("whisper {} {text}", member.id));
        sender.sync();
    }
}

/// ROOM-03, ADV-03, ACTOR-07
#[test]
fn all_others_hear_everything_and_memory_is_bounded() {
    ask_for_descriptors();
    for overflow in
        [Overflow::DropNewest, Overflow::DropOldest, Overflow::KeepLatest, Overflow::Close]
    {
        let limits = Limits { overflow, outbox_limit: LIMIT, ..Limits::default() };
        let world = World::with(Threads::Fixed(3), limits);
        let mut sender = world.open();
        let expected: Vec<_> = (0..SENT).map(|number| numbered(number, LEN)).collect();
        let mut members = world.members(MEMBERS);
        let stopped = members.remove(members.len() / 2);
        stop(&world, &stopped, &mut sender);
        // Alone, and together; in half of them a key.
        for number in 0..SENT / 2 {
            sender.does(&format!("states all {number} {} {LEN} 10", number + 1));
        }
        sender.does(&format!("numbers all {} {SENT} {LEN}", SENT / 2));
        for member in &mut members {
            for expected in &expected {
                assert!(member.peer.message() == *expected);
            }
        }
        let dropped = || {
            let counts = world.server.metrics().snapshot();
            [
                (Overflow::DropNewest, counts.overflow_newest),
                (Overflow::DropOldest, counts.overflow_oldest),
                (Overflow::KeepLatest, counts.overflow_latest),
                (Overflow::Close, counts.overflow_close),
            ]
        };
        // Under its own policy, and no other.
        let is_counted =
            || dropped().into_iter().all(|(policy, count)| (count > 0) == (policy == overflow));
        // Nothing is kept but for the one, and for it no more than the limit and a message.
        let most = LIMIT + 40_000;
        until(is_counted);
        until(|| world.server.retained_bytes() <= most);
        let stays = usize::from(overflow != Overflow::Close);
        until(|| world.in_all() == members.len() + stays);
        drop(stopped);
        until(|| world.server.retained_bytes() == 0 && world.in_all() == members.len());
        members[0].does("bytes all 7");
        for member in &mut members {
            assert_eq!(member.peer.message().payload, pattern(7));
        }
    }
}
