//! Rooms that come into being and go, while others join, leave and broadcast.

use std::sync::Arc;

use super::{Shard, directory, in_any_order};
use crate::actor::{ConnectionId, Message, Sent};
use crate::rooms::{Delivery, Directory, Except, JoinError, RoomRules, Rooms};
use crate::server::{Command, Target};
use crate::sync::{Mutex, thread};

fn hello() -> Message<'static> {
    "hello".into()
}

/// A member joins, looks around, says something and leaves.
fn visit(directory: &Arc<Directory>, shard: &mut Shard, id: u64) {
    let member = Target { key: 0, id: ConnectionId(id) };
    let room = directory.enter("room");
    shard.rooms.add(&room, member, &shard.port);
    // As long as somebody is in it, there is no other room of that name, and it is found.
    assert!(directory.find("room").is_some_and(|found| Arc::ptr_eq(&found, &room)));
    assert!(room.shards().iter().any(|port| Arc::ptr_eq(port, &shard.port)));
    let posted = directory.broadcast("room", Except::Nobody, hello().into());
    assert!((1..=3).contains(&posted.members) && (1..=3).contains(&posted.shards));
    // What it says to the room reaches its own shard.
    shard.turns_until(|told| !told.is_empty());
    shard.rooms.remove(&room, member.id, &shard.port);
    directory.leave(&room);
}

/// ROOM-01, ROOM-05, ROOM-06
#[test]
fn a_room_with_members_is_found_and_is_the_only_one_of_its_name() {
    in_any_order(|| {
        let directory = directory();
        let visitors: Vec<_> = (0..3)
            .map(|id| {
                let directory = directory.clone();
                thread::spawn(move || {
                    let mut shard = Shard::new();
                    (0..2).for_each(|_| visit(&directory, &mut shard, id));
                })
            })
            .collect();
        visitors.into_iter().for_each(|visitor| visitor.join().unwrap());
        assert_eq!(Rooms(directory).count(), 0);
    });
}

/// ROOM-06
#[test]
fn a_room_stays_while_somebody_is_awaited_and_goes_with_the_last() {
    in_any_order(|| {
        let directory = directory();
        let room = directory.enter("room");
        let (others, theirs) = (directory.clone(), room.clone());
        let awaits = thread::spawn(move || {
            others.awaits(&theirs);
            assert!(others.find("room").is_some_and(|found| Arc::ptr_eq(&found, &theirs)));
            others.release(&theirs);
        });
        let again = directory.enter("room");
        assert!(directory.find("room").is_some_and(|found| Arc::ptr_eq(&found, &again)));
        directory.leave(&again);
        awaits.join().unwrap();
        assert_eq!(Rooms(directory).count(), 0);
    });
}

/// ROOM-07
#[test]
fn two_do_not_both_become_the_last_member() {
    in_any_order(|| {
        let directory = directory();
        let join =
            |directory: &Directory| directory.join("room", || Ok(RoomRules::default().members(1)));
        let others = directory.clone();
        let other = thread::spawn(move || join(&others).is_ok());
        let mine = join(&directory);
        let theirs = other.join().unwrap();
        assert!(mine.is_ok() != theirs);
        assert!(mine.is_ok() || matches!(mine, Err(JoinError::Full)));
        assert_eq!(Rooms(directory).members("room"), 1);
    });
}

/// ROOM-04
#[test]
fn whoever_asks_what_became_of_a_broadcast_is_told_once_and_all_of_it() {
    in_any_order(|| {
        let directory = directory();
        let room = directory.enter("room");
        let shards = [Shard::new(), Shard::new()];
        shards.iter().for_each(|shard| room.add_shard(&shard.port));
        let told = Arc::new(Mutex::new(vec![]));
        let tell = told.clone();
        let threads = shards.map(|mut shard| {
            thread::spawn(move || {
                shard.turns_until(|told| !told.is_empty());
                let Some(Command::Broadcast(post)) = shard.told.pop() else { panic!("a post") };
                post.receipt.unwrap().count(Sent::Queued, false);
            })
        });
        let done = move |delivery| tell.lock().unwrap().push(delivery);
        Rooms(directory).broadcast_counted("room", hello(), done);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*told.lock().unwrap(), [Delivery { queued: 2, dropped: 0, closed: 0 }]);
    });
}
