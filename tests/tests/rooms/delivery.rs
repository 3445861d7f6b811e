//! ROOM-07: what became of a broadcast.

use std::sync::mpsc::channel;

use ws_tests::peer::next;

use crate::script::{MODELS, World};

/// ROOM-07, ACTOR-03
#[test]
fn who_asks_is_told_once_how_many_got_a_broadcast() {
    for threads in MODELS {
        let world = World::new(threads);
        let rooms = world.server.rooms().clone();
        let (tell, told) = channel();
        let count = |text: &str| {
            let tell = tell.clone();
            rooms.broadcast_counted("all", text, move |delivery| tell.send(delivery).unwrap());
        };
        count("nobody");
        assert_eq!(next(&told).queued, 0);
        let mut members = world.members(5);
        rooms.broadcast_counted("all", "bomb", |_| panic!("when told"));
        count("hello");
        let delivery = next(&told);
        assert_eq!((delivery.queued, delivery.dropped, delivery.closed), (5, 0, 0));
        members.iter_mut().for_each(|member| member.expect("bomb|hello"));
        // When the server has ended, too.
        world.server.stop();
        count("late");
        assert_eq!(next(&told).queued, 0);
        assert!(told.try_recv().is_err(), "once each");
    }
}
