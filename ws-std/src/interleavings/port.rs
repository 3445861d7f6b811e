//! Pushes, and the shard that they wake.

use ws_core::frame::CloseCode;

use super::{Shard, directory, in_any_order};
use crate::actor::ConnectionId;
use crate::rooms::Except;
use crate::server::{Command, Order, Target};
use crate::sync::thread;

/// A command that says who pushes it, and which of its own it is.
fn command(who: usize, number: u64) -> Command {
    let target = Target { key: who, id: ConnectionId(number) };
    Command::To(target, Order::Close { code: CloseCode::NORMAL, text: String::new() })
}

/// SERVE-05
#[test]
fn whatever_is_pushed_wakes_the_shard_and_comes_once_and_in_order() {
    in_any_order(|| {
        let mut shard = Shard::new();
        let pushers: Vec<_> = (0..2)
            .map(|who| {
                let port = shard.port.clone();
                thread::spawn(move || {
                    (0..3).for_each(|number| assert!(port.push(command(who, number)).is_ok()));
                })
            })
            .collect();
        shard.turns_until(|told| told.len() == 6);
        pushers.into_iter().for_each(|pusher| pusher.join().unwrap());
        for who in 0..2 {
            let of_one = shard.told.iter().filter_map(|command| match command {
                Command::To(target, _) if target.key == who => Some(target.id.0),
                _ => None,
            });
            assert_eq!(of_one.collect::<Vec<_>>(), [0, 1, 2]);
        }
        assert_eq!(shard.incoming.count(), 0);
    });
}

/// ROOM-03: what is counted of broadcasts on their way is what is on its way.
#[test]
fn the_backlog_is_what_has_not_been_taken_up() {
    in_any_order(|| {
        let mut shard = Shard::new();
        let senders = broadcast(&shard);
        let port = shard.port.clone();
        let mut count = 0;
        shard.turns_until(|told| {
            for command in told.drain(..) {
                let Command::Broadcast(post) = command else { panic!("a broadcast") };
                let before = port.backlog();
                assert!((post.weight()..=4 * post.weight()).contains(&before), "{before}");
                port.took_up(post.weight());
                count += 1;
            }
            count == 4
        });
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        assert_eq!(port.backlog(), 0);
    });
}

/// Two send two messages each to a room with members on this shard.
fn broadcast(shard: &Shard) -> Vec<thread::JoinHandle<()>> {
    let directory = directory();
    directory.enter("room").add_shard(&shard.port);
    let send = |_| {
        let directory = directory.clone();
        thread::spawn(move || {
            for _ in 0..2 {
                directory.broadcast("room", Except::Nobody, (&[0; 100]).into());
            }
        })
    };
    (0..2).map(send).collect()
}
