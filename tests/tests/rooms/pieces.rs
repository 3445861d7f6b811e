//! ROOM-03, ADV-03: broadcasts that leave together are the same as one by one, also when the socket
//! of a member takes only some of that.

use std::io::Read;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{Limits, Overflow, Threads};
use ws_tests::peer::{next, pattern, until};

use crate::script::{MODELS, Member, World, number, ping};

/// What a server makes of a message, in frames of so many bytes.
fn frames(opcode: u8, payload: &[u8], fragment: usize) -> Vec<u8> {
    let mut pieces: Vec<_> = payload.chunks(fragment).collect();
    if pieces.is_empty() {
        pieces.push(&[]);
    }
    let last = pieces.len() - 1;
    let frame = |(place, piece): (usize, &&[u8])| {
        let frame = WireFrame::new(if place == 0 { opcode } else { 0 }, piece);
        if place == last { frame.encode() } else { frame.more().encode() }
    };
    pieces.iter().enumerate().flat_map(frame).collect()
}

/// ROOM-03, FRAG-04
#[test]
fn broadcasts_in_one_turn_are_those_sent_singly_byte_for_byte() {
    const FRAGMENT: usize = 1000;
    for threads in MODELS {
        let limits = Limits { fragment: FRAGMENT, ..Limits::default() };
        let world = World::with(threads, limits);
        let mut members = world.members(3);
        let mut sender = world.open();
        let lens =
            [0, 1, 7, 125, 126, 999, 1000, 1001, 2000, 2001, 0, 5, 30_000, 1, 60_000, 2, 70_000, 3];
        let mut lines: Vec<_> = lens.iter().map(|len| format!("bytes all {len}")).collect();
        lines.push("say all text".to_owned());
        let mut expected: Vec<u8> =
            lens.iter().flat_map(|len| frames(2, &pattern(*len), FRAGMENT)).collect();
        expected.extend(frames(1, b"text", FRAGMENT));
        for at_once in [1, 2, 3, lines.len()] {
            for lines in lines.chunks(at_once) {
                sender.does(&lines.join("\n"));
                sender.sync();
            }
            for member in &mut members {
                assert!(bytes(member, expected.len()) == expected, "{at_once} at once");
            }
        }
    }
}

fn bytes(member: &mut Member, len: usize) -> Vec<u8> {
    let mut bytes = std::mem::take(&mut member.peer.unread);
    let begun = bytes.len();
    bytes.resize(len, 0);
    member.peer.stream.read_exact(&mut bytes[begun..]).unwrap();
    bytes
}

/// Of this size are the messages that nobody reads.
const LEN: usize = 1000;

/// So many of them go in one turn.
const TURN: u32 = 60;

/// A room with a member who does not read, for whom so many messages were sent that its socket
/// takes no more and something has happened. How many that were.
fn flood(world: &World, sender: &mut Member, happened: impl Fn(&World) -> bool) -> u32 {
    let mut sent = 0;
    while !happened(world) {
        assert!(sent < 100_000, "nothing has happened");
        sender.does(&format!("numbers all {sent} {} {LEN}", sent + TURN));
        sender.sync();
        sent += TURN;
    }
    sent
}

fn patient(overflow: Overflow, outbox_limit: usize, fragment: usize) -> Limits {
    // Read from, it is all the same.
    Limits { overflow, outbox_limit, fragment, outbox_high: usize::MAX, ..Limits::default() }
}

/// ROOM-03, BEAT-02, FRAG-04
#[test]
fn a_piece_that_breaks_is_frames_again_and_a_pong_gets_in_between() {
    for fragment in [1 << 20, 300] {
        let limits = patient(Overflow::Close, usize::MAX, fragment);
        let world = World::with(Threads::Fixed(1), limits);
        let (mut stopped, mut sender) = (world.members(1).remove(0), world.open());
        let sent = flood(&world, &mut sender, |world| world.server.retained_bytes() > 300_000);
        stopped.peer.send(ping("now"));
        until(|| world.server.metrics().snapshot().pings_received == 1);
        let (mut numbers, mut payload, mut pong) = (0, vec![], None);
        while numbers < sent {
            let frame = stopped.peer.frame().unwrap();
            if frame.opcode == 10 {
                assert_eq!(pong.replace(numbers), None);
                continue;
            }
            assert_eq!(frame.opcode, if payload.is_empty() { 2 } else { 0 });
            payload.extend(frame.payload);
            if frame.fin {
                let message = WireFrame::binary(std::mem::take(&mut payload));
                assert_eq!(number(&message, LEN), numbers);
                numbers += 1;
            }
        }
        // In front of what waited: that was 300 messages at least.
        assert!(pong.unwrap() + 200 < sent, "{pong:?} of {sent}");
        stopped.asks("send end", "end");
        until(|| world.server.retained_bytes() == 0);
    }
}

/// ROOM-03, ADV-03
#[test]
fn of_a_piece_that_breaks_whole_messages_are_dropped() {
    for overflow in [Overflow::DropNewest, Overflow::DropOldest] {
        for fragment in [1 << 20, 300] {
            let world = World::with(Threads::Fixed(1), patient(overflow, 100_000, fragment));
            let (mut stopped, mut sender) = (world.members(1).remove(0), world.open());
            let dropped = |world: &World| {
                let counts = world.server.metrics().snapshot();
                counts.overflow_newest + counts.overflow_oldest
            };
            let sent = flood(&world, &mut sender, |world| dropped(world) > 500);
            // A message in one frame is as large as its frame, its header, and what it costs.
            assert!(world.server.retained_bytes() < 100_000 + 2 * LEN, "bounded");
            let arrive = sent - u32::try_from(dropped(&world)).unwrap();
            let mut arrived: Vec<u32> =
                (0..arrive).map(|_| number(&stopped.peer.message(), LEN)).collect();
            assert!(arrived.is_sorted_by(|one, next| one < next), "in order, each once");
            // In frames of several, none is dropped but the newest.
            if overflow == Overflow::DropOldest && fragment > LEN {
                assert_eq!(arrived.pop(), Some(sent - 1));
            } else {
                let gap = arrived.iter().zip(0..).position(|(number, at)| *number != at);
                assert_eq!(gap, None, "the oldest are all there");
            }
            stopped.asks("send end", "end");
        }
    }
}

/// ROOM-03, ADV-03: who does not read is closed, after whole frames.
#[test]
fn a_member_who_does_not_read_is_closed_and_leaves_the_room() {
    let world = World::with(Threads::Fixed(1), patient(Overflow::Close, 100_000, 1 << 20));
    let (mut stopped, mut sender) = (world.members(1).remove(0), world.open());
    let sent = flood(&world, &mut sender, |world| world.in_all() == 0);
    let closed = next(&world.closed);
    assert_eq!((closed.id, closed.members), (stopped.id, 0));
    assert!(stopped.numbers_up_to_close(LEN, CloseCode::POLICY) < sent);
}

/// ADV-03, ROOM-03: the limit is for those who do not read, not for those who are sent much.
#[test]
fn a_member_that_takes_everything_loses_nothing_however_much_comes_in_one_turn() {
    for overflow in [Overflow::Close, Overflow::DropNewest, Overflow::DropOldest] {
        for limit in [1, 4000, 100_000] {
            // A handle counts what is on its way, too.
            let direct = if limit < 100_000 { 0 } else { 200 };
            let limits = Limits { overflow, outbox_limit: limit, ..Limits::default() };
            let world = World::with(Threads::Fixed(1), limits);
            let mut members = world.members(3);
            let mut sender = world.open();
            sender.does("numbers all 0 200 1000");
            sender.does(&format!("whisper {} direct\n", members[0].id).repeat(direct));
            for member in &mut members {
                for expected in 0..200 {
                    assert_eq!(number(&member.peer.message(), 1000), expected);
                }
            }
            (0..direct).for_each(|_| members[0].expect("direct"));
            let counts = world.server.metrics().snapshot();
            let dropped = [counts.overflow_close, counts.overflow_newest, counts.overflow_oldest];
            assert_eq!(dropped, [0; 3], "{overflow:?} at {limit}");
        }
    }
}
