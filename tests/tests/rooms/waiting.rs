//! ADV-03, ROOM-07: how much of those who come and go waits for a shard that is held up.

use std::io::Write;
use std::thread;

use ws_core::testing::WireFrame;
use ws_std::Threads;
use ws_tests::peer::{Peer, masked, until};

use crate::jam::{Jam, MANY, jam};

/// What is kept beyond that: a read of one who was not told yet that it is ahead, and its message.
const MORE: usize = 512 << 10;

/// Its shard has many turns more, and reads others.
fn turns(other: &mut Peer) {
    for _ in 0..100 {
        other.text("where");
        other.message();
    }
}

/// ADV-03, ROOM-07
#[test]
fn who_comes_and_goes_under_names_waits_for_those_who_are_to_hear_of_it() {
    const VISITS: usize = 1 << 15;
    let Jam { server, mut member, mut elsewhere, release } = jam(Threads::Fixed(2), 8);
    let (mut visitor, mut other) = (elsewhere.remove(0), elsewhere.remove(0));
    thread::scope(|scope| {
        let visits = move || {
            for number in 0..VISITS {
                let come = masked(WireFrame::text(format!("as {number}")));
                let bytes = [come, masked(WireFrame::text("leave"))].concat();
                visitor.stream.write_all(&bytes).unwrap();
            }
            visitor
        };
        let visiting = scope.spawn(visits);
        until(|| server.retained_bytes() > MANY);
        turns(&mut other);
        let kept = server.retained_bytes();
        assert!(kept < MANY + MORE, "{kept}");
        release.send(()).unwrap();
        for number in 0..VISITS {
            member.expect_text(&format!("+{number}"));
            member.expect_text(&format!("-{number}"));
        }
        let _open = visiting.join().unwrap();
    });
    until(|| server.retained_bytes() == 0);
}
