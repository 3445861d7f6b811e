use std::collections::{BTreeMap, BTreeSet};

use mio::{Poll, Token};

use super::*;
use crate::rooms::Directory;
use crate::server::Limits;
use crate::sync::Waker;

/// Numbers that look like chance, the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

/// A way to a shard that nobody runs.
fn port() -> Arc<Port> {
    let poll = Poll::new().unwrap();
    Port::new(Arc::new(Waker::new(poll.registry(), Token(0)).unwrap())).0
}

/// ROOM-01, ROOM-02, ROOM-05
#[test]
fn the_dense_list_has_the_members_of_an_obvious_model() {
    const NAMES: [&str; 3] = ["a", "b", "c"];
    let directory = Directory::new(&Limits::default());
    let port = port();
    for seed in 0..20 {
        let (mut local, mut random) = (Local::default(), Random(seed));
        let mut model: BTreeMap<(usize, u64), Arc<Room>> = BTreeMap::new();
        for _ in 0..1000 {
            let (at, number) = (random.below(3) as usize, random.below(12));
            let id = ConnectionId(number);
            if let Some(room) = model.remove(&(at, number)) {
                local.remove(&room, id, &port);
                // To leave twice is to leave once.
                local.remove(&room, id, &port);
                directory.leave(&room);
            } else {
                let room = directory.enter(NAMES[at]);
                local.add(&room, Target { key: number as usize, id }, &port);
                model.insert((at, number), room);
            }
            assert_eq!(
                local.rooms.len(),
                model.keys().map(|key| key.0).collect::<BTreeSet<_>>().len()
            );
            for (place, name) in NAMES.iter().enumerate() {
                let expected = model.keys().filter(|key| key.0 == place).map(|key| key.1);
                let Some(room) = directory.find(name) else {
                    assert_eq!(expected.count(), 0);
                    continue;
                };
                let members = local.members(&room);
                let heard: BTreeSet<u64> = members.iter().map(|member| member.id.0).collect();
                assert_eq!(members.len(), heard.len(), "each once");
                assert_eq!(heard, expected.collect());
                assert!(members.iter().all(|member| member.key as u64 == member.id.0));
                assert_eq!(room.ports(), 1);
            }
        }
        for ((_, number), room) in model {
            local.remove(&room, ConnectionId(number), &port);
            directory.leave(&room);
            assert!(local.members(&room).iter().all(|member| member.id.0 != number));
        }
        assert!(local.rooms.is_empty());
    }
}

/// ROOM-03, ROOM-07
#[test]
fn a_room_that_is_gone_has_no_members_though_another_has_its_name() {
    let directory = Directory::new(&Limits::default());
    let port = port();
    let mut local = Local::default();
    let member = Target { key: 0, id: ConnectionId(1) };
    let gone = directory.enter("room");
    local.add(&gone, member, &port);
    local.remove(&gone, member.id, &port);
    directory.leave(&gone);
    let room = directory.enter("room");
    local.add(&room, member, &port);
    assert_eq!(local.members(&room), [member]);
    assert_eq!(local.members(&gone), []);
}
