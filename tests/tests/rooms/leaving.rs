//! ROOM-05: a connection that ends leaves its rooms, in whatever way it ends.

use ws_core::frame::CloseCode;
use ws_std::Threads;
use ws_tests::peer::{Peer, next};

use crate::script::{MODELS, Member, World};

/// How a client may end.
const WAYS: [fn(Member); 6] = [
    |mut member| member.peer.close(CloseCode::NORMAL, ""),
    // It vanishes.
    drop,
    |mut member| member.does("panic"),
    |mut member| {
        member.does("close");
        member.peer.expect_close(CloseCode(4000));
        member.peer.close(CloseCode(4000), "");
    },
    // It breaks a rule.
    |mut member| member.peer.write(ws_tests::WireFrame::text("unmasked").encode()),
    |member| member.peer.shut(),
];

/// ROOM-05, ACTOR-06
#[test]
fn who_hears_of_an_end_finds_the_connection_in_no_room() {
    for threads in MODELS {
        for way in WAYS {
            let world = World::new(threads);
            let mut stays = world.members(1).remove(0);
            stays.asks("join mourners", "mourners: 1");
            let mut goes = world.open();
            goes.asks("join all\njoin own", "all: 2|own: 1");
            let id = goes.id;
            way(goes);
            let closed = next(&world.closed);
            assert_eq!((closed.id, closed.members, closed.rooms.len()), (id, 1, 0));
            assert_eq!(closed.join, "the connection is closing");
            let rooms = world.server.rooms();
            assert_eq!((rooms.members("own"), rooms.count()), (0, 2));
            // Others can be told of it.
            stays.expect(&format!("gone {id}"));
            stays.asks("say all still here", "still here");

            // The last one takes the room along.
            way(stays);
            let closed = next(&world.closed);
            assert_eq!((closed.members, closed.rooms.len()), (0, 0));
            assert_eq!((rooms.count(), rooms.members("all")), (0, 0));
        }
    }
}

/// ROOM-05, ADV-05
#[test]
fn who_is_turned_away_is_in_no_room() {
    for threads in MODELS {
        let world = World::new(threads);
        for path in ["/reject", "/panic"] {
            let mut peer = Peer::open_at(&world.server, path, "");
            assert_eq!(peer.frame().unwrap().opcode, 8);
            assert_eq!(world.server.rooms().count(), 0);
        }
    }
}

/// ROOM-05: our Close waits for the peer's, and the room for neither.
#[test]
fn who_is_closing_hears_nothing_more() {
    for threads in MODELS {
        let world = World::new(threads);
        let mut members = world.members(3);
        let mut one = members.remove(0);
        one.does("close");
        one.peer.expect_close(CloseCode(4000));
        members[0].asks("say all a\nsay all b", "a|b");
        members[1].expect("a|b");
        // ROOM-07: it need not have ended.
        assert_eq!(world.in_all(), 2);
        one.peer.close(CloseCode(4000), "");
        one.peer.expect_end();
        assert_eq!(next(&world.closed).members, 2);
    }
}

/// ROOM-05
#[test]
fn when_the_server_stops_the_rooms_are_empty() {
    let world = World::new(Threads::Fixed(3));
    let members = world.members(10);
    let rooms = world.server.rooms().clone();
    world.server.stop();
    assert_eq!(rooms.count(), 0);
    let last = world.closed.try_iter().map(|closed| closed.rooms.len()).collect::<Vec<_>>();
    assert_eq!(last, [0; 10]);
    drop(members);
}
