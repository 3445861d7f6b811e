use std::sync::Barrier;
use std::thread;

use mio::{Poll, Token};

use super::*;
use crate::rooms::{Local, Pace};
use crate::server::{Incoming, Port, Target};
use crate::sync::Waker;

/// A way to a shard that nobody runs, and what was pushed there.
fn port() -> (Arc<Port>, Incoming) {
    let poll = Poll::new().unwrap();
    Port::new(Arc::new(Waker::new(poll.registry(), Token(0)).unwrap()))
}

/// ROOM-05, ROOM-06: "join after disconnect leaks rooms forever" is what others had to mend.
#[test]
fn whoever_enters_and_leaves_meanwhile_no_room_is_left_and_none_is_lost() {
    const THREADS: usize = 4;
    const ROUNDS: usize = 3000;
    let rooms = Rooms(Arc::new(Directory::new(&Limits::default())));
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for seed in 0..THREADS {
            let (rooms, barrier) = (&rooms, &barrier);
            scope.spawn(move || {
                let mut local = Local::default();
                let (port, _pushed) = port();
                let id = ConnectionId(seed as u64);
                barrier.wait();
                for round in 0..ROUNDS {
                    // Two rooms for four: they are born and gone all the time.
                    let name = ["a", "b"][round / (seed + 1) % 2];
                    let room = rooms.0.enter(name);
                    local.add(&room, Target { key: seed, id }, &port);
                    // As long as one is in it, it is the room of that name.
                    assert!(Arc::ptr_eq(&room, &rooms.0.find(name).unwrap()));
                    assert!((1..=THREADS).contains(&rooms.members(name)));
                    assert!((1..=THREADS).contains(&room.ports()));
                    local.remove(&room, id, &port);
                    rooms.0.leave(&room);
                }
            });
        }
    });
    assert_eq!((rooms.count(), rooms.list("", 9).len()), (0, 0));
    assert_eq!((rooms.members("a"), rooms.members("b")), (0, 0));
}

/// ROOM-06
#[test]
fn counts_are_right_after_any_number_of_threads_have_come_and_some_have_gone() {
    let rooms = Rooms(Arc::new(Directory::new(&Limits::default())));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..500 {
                    let name = number.to_string();
                    let room = rooms.0.enter(&name);
                    rooms.0.enter(&name);
                    rooms.0.leave(&room);
                }
            });
        }
    });
    assert_eq!(rooms.count(), 500);
    assert!((0..500).all(|number| rooms.members(&number.to_string()) == 4));
    for number in 0..500 {
        let room = rooms.0.find(&number.to_string()).unwrap();
        (0..4).for_each(|_| rooms.0.leave(&room));
    }
    assert_eq!(rooms.count(), 0);
}

/// ROOM-03
#[test]
fn a_broadcast_goes_once_to_each_shard_that_has_members() {
    let directory = Directory::new(&Limits::default());
    assert_eq!(directory.broadcast("room", Except::Nobody, "early".into()), Posted::default());
    let (one, two, three) = (port(), port(), port());
    let room = directory.enter("room");
    let mut locals = [Local::default(), Local::default()];
    let member = |number| Target { key: number, id: ConnectionId(number as u64) };
    locals[0].add(&room, member(0), &one.0);
    for number in 1..3 {
        directory.enter("room");
        locals[1].add(&room, member(number), &two.0);
    }
    let posted = directory.broadcast("room", Except::Nobody, "hello".into());
    assert_eq!(posted, Posted { members: 3, shards: 2, pace: Pace::Steady });
    let pushed = |(_, incoming): &(_, Incoming)| incoming.count();
    assert_eq!([&one, &two, &three].map(pushed), [1, 1, 0]);
    // Who is excepted is counted, and its shard asked.
    let except = Except::One(ConnectionId(0));
    assert_eq!(directory.broadcast("room", except, "hello".into()).shards, 2);

    locals[1].remove(&room, ConnectionId(1), &two.0);
    directory.leave(&room);
    assert_eq!(room.ports(), 2);
    locals[0].remove(&room, ConnectionId(0), &one.0);
    directory.leave(&room);
    let posted = directory.broadcast("room", Except::Nobody, "hello".into());
    assert_eq!(posted, Posted { members: 1, shards: 1, pace: Pace::Steady });
    assert_eq!([&one, &two].map(pushed), [1, 2]);
}

/// ROOM-07
#[test]
fn a_room_is_asked_for_once_and_takes_no_more_than_it_may() {
    let directory = Directory::new(&Limits::default());
    let denied = directory.join("room", || Err(Denied::new("not here")));
    assert_eq!(denied.err(), Some(JoinError::denied("not here")));
    let none = directory.join("room", || Ok(RoomRules::default().members(0)));
    assert_eq!((none.err(), directory.find("room").is_none()), (Some(JoinError::Full), true));

    let two = RoomRules::default().members(2);
    let room = directory.join("room", || Ok(two)).unwrap();
    directory.join("room", || panic!("it is there")).unwrap();
    let third = directory.join("room", || panic!("it is there"));
    assert_eq!((third.err(), room.members()), (Some(JoinError::Full), 2));
    directory.leave(&room);
    directory.join("room", || panic!("it is there")).unwrap();
    (0..2).for_each(|_| directory.leave(&room));
    assert!(directory.find("room").is_none());
}

/// ROOM-07: whoever was faster, one room comes of it, and what that one was told holds.
#[test]
fn while_one_is_asked_another_may_make_the_room() {
    let directory = Directory::new(&Limits::default());
    let first = RoomRules::default().members(2);
    let room = directory.join("room", || {
        directory.join("room", || Ok(first)).unwrap();
        Ok(RoomRules::default().members(7))
    });
    assert_eq!((room.unwrap().rules, directory.find("room").unwrap().members()), (first, 2));
}

/// ROOM-07
#[test]
fn rooms_are_listed_in_order_some_at_a_time_and_none_twice() {
    let rooms = Rooms(Arc::new(Directory::new(&Limits::default())));
    let mut all: Vec<String> = (0..500).map(|number| number.to_string()).collect();
    for name in &all {
        rooms.0.enter(name);
    }
    rooms.0.enter("7");
    all.sort();
    let (mut listed, mut after) = (vec![], String::new());
    loop {
        let some = rooms.list(&after, 7);
        let Some(last) = some.last() else { break };
        assert!(some.len() <= 7 && !format!("{last:?}").contains(&*last.name));
        after = last.name.to_string();
        listed.extend(some.into_iter().map(|room| (room.name.to_string(), room.members)));
    }
    let members = |name: String| (name.clone(), if name == "7" { 2 } else { 1 });
    assert_eq!(listed, all.into_iter().map(members).collect::<Vec<_>>());
    assert!(rooms.list("", 0).is_empty());
}
