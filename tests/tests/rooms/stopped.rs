//! ROOM-03, ADV-03: one who does not read harms nobody else.

use ws_std::{Limits, Overflow, Threads};
use ws_tests::peer::{pattern, until};

use crate::script::{Member, World, numbered};

const LEN: usize = 1000;
const SENT: u32 = 80;
const LIMIT: usize = 100_000;

/// As many as descriptors allow: each takes two, and others run beside this test.
fn most_members() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits.lines().find(|line| line.starts_with("Max open files"));
    let files = files.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    files.unwrap_or(1024_usize).saturating_sub(600).div_euclid(2).clamp(100, 1000)
}

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
    for overflow in [Overflow::DropNewest, Overflow::DropOldest, Overflow::Close] {
        let limits = Limits { overflow, outbox_limit: LIMIT, ..Limits::default() };
        let world = World::with(Threads::Fixed(3), limits);
        let mut sender = world.open();
        let expected: Vec<_> = (0..SENT).map(|number| numbered(number, LEN)).collect();
        let mut members = world.members(most_members());
        let stopped = members.remove(members.len() / 2);
        stop(&world, &stopped, &mut sender);
        // Alone, and together.
        for number in 0..SENT / 2 {
            sender.does(&format!("numbers all {number} {} {LEN}", number + 1));
        }
        sender.does(&format!("numbers all {} {SENT} {LEN}", SENT / 2));
        for member in &mut members {
            for expected in &expected {
                assert!(member.peer.message() == *expected);
            }
        }
        let dropped = || {
            let counts = world.server.metrics().snapshot();
            counts.overflow_newest + counts.overflow_oldest + counts.overflow_close
        };
        // Nothing is kept but for the one, and for it no more than the limit and a message.
        let most = LIMIT + 40_000;
        until(|| dropped() > 0);
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
