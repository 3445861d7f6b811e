//! ROOM-01 to ROOM-04, ROOM-06: who is a member, and what members hear.

use std::thread;

use ws_core::testing::WireFrame;
use ws_std::{ConnectionId, Limits, Posted, Threads};
use ws_tests::peer::{Peer, next, pattern};

use crate::script::{MODELS, World};

/// ROOM-01, ROOM-02
#[test]
fn to_join_twice_is_to_join_once_and_so_it_is_with_leaving() {
    for threads in MODELS {
        let world = World::new(threads);
        let rooms = world.server.rooms();
        let (mut one, mut two) = (world.open(), world.open());
        one.asks("join all", "all: 1");
        one.asks("join all", "all: 1");
        two.asks("join all", "all: 2");
        one.asks("join all\nmembers all\nrooms", "all: 2|2|all");
        assert_eq!((rooms.members("all"), rooms.count()), (2, 1), "{threads:?}");
        one.asks("join other\nrooms", "other: 1|all other");
        let list = rooms.list("", 9);
        let list: Vec<_> = list.iter().map(|room| (&*room.name, room.members)).collect();
        assert_eq!(list, [("all", 2), ("other", 1)]);
        one.asks("list 0 9\nlist all 9\nlist 0 1", "all 2,other 1|other 1|all 2");
        one.asks("leave all", "left true");
        one.asks("leave all\nrooms", "left false|other");
        two.asks("say all hello", "hello");
        assert_eq!(world.in_all(), 1);
        // It heard nothing of that.
        one.sync();
        one.asks("leave other", "left true");
        two.asks("leave all", "left true");
        assert_eq!((rooms.members("all"), rooms.count()), (0, 0), "{threads:?}");
        assert!(rooms.list("", 9).is_empty());
    }
}

/// ROOM-01, ROOM-02, ROOM-05: some at a time, from handlers as from threads.
#[test]
fn the_connections_that_are_members_are_listed_in_the_order_of_their_numbers() {
    for threads in MODELS {
        let world = World::new(threads);
        let rooms = world.server.rooms();
        let all = |after: Option<u64>, most| {
            let ids = rooms.connections("all", after.map(ConnectionId), most);
            ids.into_iter().map(|id| id.0).collect::<Vec<_>>()
        };
        let mut stranger = world.open();
        stranger.asks("join other", "other: 1");
        let mut members = world.members(4);
        members.sort_by_key(|member| member.id);
        let ids: Vec<u64> = members.iter().map(|member| member.id).collect();
        assert_eq!(
            (all(None, 9), all(None, 0), all(None, 3)),
            (ids.clone(), vec![], ids[..3].to_vec())
        );
        assert_eq!((all(Some(ids[1]), 9), all(Some(ids[3]), 9)), (ids[2..].to_vec(), vec![]));
        let pages = format!("{},{}|{},{}", ids[0], ids[1], ids[2], ids[3]);
        stranger.asks(
            &format!("which all -\nwhich all {}\nwhich none -", ids[1]),
            &format!("{pages}|"),
        );
        // To join again changes nothing; who leaves, and who vanishes, is no member.
        members[1].asks("join all", "all: 4");
        members[0].asks("leave all", "left true");
        drop(members.pop());
        assert_eq!(next(&world.closed).id, ids[3]);
        assert_eq!(all(None, 9), ids[1..3], "{threads:?}");
        drop(members);
        (0..3).for_each(|_| drop(next(&world.closed)));
        assert!(all(None, 9).is_empty());
    }
}

/// ROOM-01, SEC-02
#[test]
fn who_does_not_become_a_member_hears_why() {
    let limits = Limits { rooms: 2, room_name: 5, ..Limits::default() };
    let world = World::with(Threads::Fixed(1), limits);
    let mut one = world.open();
    let bad = "the name of the room is empty or too long";
    one.asks("join ", &format!(": {bad}"));
    one.asks("join sixsix", &format!("sixsix: {bad}"));
    one.asks("join fives\njoin two", "fives: 1|two: 1");
    one.asks("join three", "three: too many rooms");
    one.asks("join two", "two: 1");
    one.asks("leave two\njoin three", "left true|three: 1");
    assert_eq!(world.server.rooms().count(), 2);
    one.does("close\njoin two\njoin fives\nleave fives");
    let mut two = world.open();
    two.asks("members two\nmembers fives\nmembers three", "0|0|0");
    one.peer.close(ws_core::frame::CloseCode(4000), "");
    let closed = next(&world.closed);
    let last = &closed.outcomes[closed.outcomes.len() - 3..];
    assert_eq!(last, ["the connection is closing", "the connection is closing", "false"]);
    assert_eq!(closed.join, "the connection is closing");
    assert_eq!(world.server.rooms().count(), 0);
}

/// ROOM-03
#[test]
fn a_broadcast_reaches_all_members_and_nobody_else() {
    for threads in MODELS {
        let world = World::new(threads);
        let mut members = world.members(7);
        let mut stranger = world.open();
        stranger.asks("join elsewhere", "elsewhere: 1");
        // Whoever has left is none.
        let mut left = members.pop().unwrap();
        left.asks("leave all", "left true");

        members[0].does("say all from a member");
        stranger.does("say all from a stranger");
        stranger.sync();
        for member in &mut members {
            let mut heard = [member.peer.message().payload, member.peer.message().payload];
            heard.sort();
            assert_eq!(heard, [b"from a member".to_vec(), b"from a stranger".to_vec()]);
        }
        left.sync();
        stranger.does("say nowhere nothing");
        stranger.does("say elsewhere here");
        stranger.expect("here");
        for member in &mut members {
            member.sync();
        }
    }
}

/// ROOM-03, FRAG-04, PROTO-02
#[test]
fn messages_of_every_kind_and_length_are_broadcast() {
    for threads in MODELS {
        let limits = Limits { fragment: 70_000, ..Limits::default() };
        let world = World::with(threads, limits);
        let mut members = world.members(4);
        let lens = [0, 1, 125, 126, 65_535, 65_536, 70_000, 70_001, 300_000];
        // Alone, and all in one turn.
        let alone = lens.map(|len| format!("bytes all {len}"));
        for script in alone.iter().chain([&alone.join("\n")]) {
            members[0].does(&format!("say all \n{script}\nsay all text"));
            let lens = script.lines().map(|line| line.split_once("all ").unwrap().1);
            let lens: Vec<usize> = lens.map(|len| len.parse().unwrap()).collect();
            for member in &mut members {
                member.expect("");
                for len in &lens {
                    let first = member.peer.frame().unwrap();
                    assert_eq!((first.opcode, first.fin), (2, *len <= 70_000));
                    let mut payload = first.payload;
                    while payload.len() < *len {
                        let more = member.peer.frame().unwrap();
                        assert_eq!(more.opcode, 0);
                        payload.extend(more.payload);
                        assert_eq!(more.fin, payload.len() == *len);
                    }
                    assert!(payload == pattern(*len), "{len}");
                }
                member.expect("text");
            }
        }
    }
}

/// ROOM-04
#[test]
fn those_who_are_excepted_hear_nothing() {
    for threads in MODELS {
        let world = World::new(threads);
        let mut members = world.members(6);
        let ids: Vec<_> = members.iter().map(|member| member.id).collect();
        let mut stranger = world.open();
        let but = |places: &[usize]| {
            let ids: Vec<_> = places.iter().map(|place| ids[*place].to_string()).collect();
            ids.join(",")
        };
        // Nobody, one, itself, many with itself, many without, one twice, all.
        let excepted: [&[usize]; 7] =
            [&[], &[3], &[0], &[4, 0, 2], &[5, 1, 3], &[2, 2, 1, 2], &[0, 1, 2, 3, 4, 5]];
        for by_member in [true, false] {
            for places in excepted {
                let sender = if by_member { &mut members[0] } else { &mut stranger };
                let who = but(places);
                sender.does(&format!("but {who} all a\nbut {who} all b\nsay all c"));
                for (place, member) in members.iter_mut().enumerate() {
                    let heard = if places.contains(&place) { "c" } else { "a|b|c" };
                    member.expect(heard);
                }
            }
        }
        stranger.does(&format!("but {} all a", stranger.id));
        stranger.sync();
        members[0].expect("a");
        // Who is excepted need not be a member, or be at all.
        let rooms = world.server.rooms();
        let ids = [ConnectionId(u64::MAX), ConnectionId(ids[1])];
        let posted = rooms.broadcast_except("all", &ids, "z");
        assert_eq!(posted.members, 6);
        rooms.broadcast("all", "end");
        members[1].expect("a|end");
        members[2].expect("a|z|end");
    }
}

/// ROOM-06
#[test]
fn any_thread_broadcasts_and_each_ones_order_is_kept() {
    const EACH: usize = 300;
    for threads in MODELS {
        let world = World::new(threads);
        let mut members = world.members(5);
        thread::scope(|scope| {
            for number in 0..4 {
                let rooms = world.server.rooms().clone();
                scope.spawn(move || {
                    for count in 0..EACH {
                        let posted = rooms.broadcast("all", &*format!("{number} {count}"));
                        assert_eq!(posted.members, 5);
                        assert!((1..=5).contains(&posted.shards));
                    }
                });
            }
            for count in 0..EACH {
                members[0].does(&format!("say all 4 {count}"));
            }
        });
        for member in &mut members {
            let mut seen = [0; 5];
            for _ in 0..5 * EACH {
                let message = String::from_utf8(member.peer.message().payload).unwrap();
                let (from, count) = message.split_once(' ').unwrap();
                let seen = &mut seen[from.parse::<usize>().unwrap()];
                assert_eq!(count, seen.to_string(), "from {from}");
                *seen += 1;
            }
        }
        let rooms = world.server.rooms().clone();
        assert_eq!(rooms.broadcast("nowhere", "hello"), Posted::default());
        assert_eq!(format!("{rooms:?}"), "Rooms { count: 1, .. }");
        world.server.stop();
        // Rooms outlive their server, and are empty.
        assert_eq!((rooms.count(), rooms.broadcast("all", "late")), (0, Posted::default()));
    }
}

/// ROOM-01, ROOM-03: "a broadcast reaches exactly the members whose join finished" before it was
/// taken up.
#[test]
fn who_joins_before_a_broadcast_is_taken_up_gets_it_and_who_joins_later_does_not() {
    for threads in MODELS {
        let world = World::new(threads);
        let mut speaker = world.open();
        let mut early = world.members(3);
        speaker.does("say all 1");
        speaker.sync();
        early.iter_mut().for_each(|member| member.expect("1"));
        let mut late = world.open();
        late.asks("join all", "all: 4");
        let rooms = world.server.rooms();
        rooms.broadcast("all", "2");
        early.iter_mut().for_each(|member| member.expect("2"));
        late.expect("2");
        // A room of the same name is another once nobody was left.
        for member in early.iter_mut().chain([&mut late]) {
            member.asks("leave all", "left true");
        }
        rooms.broadcast("all", "3");
        late.asks("join all\nsay all 4", "all: 1|4");
        late.sync();
    }
}

/// ROOM-03: as the example of rooms does it.
#[test]
fn in_a_turn_a_client_joins_speaks_and_leaves() {
    let world = World::new(Threads::Fixed(1));
    let mut one = world.open();
    one.asks(
        "say all 1\njoin all\nsay all 2\nleave all\nsay all 3\njoin all\nsay all 4",
        "all: 1|2|left true|all: 1|4",
    );
    one.sync();
    let mut raw = Peer::open(&world.server);
    raw.message();
    raw.send(WireFrame::text("say all 5"));
    one.expect("5");
}
