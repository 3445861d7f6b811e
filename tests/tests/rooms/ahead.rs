//! ADV-03, ROOM-06: who is ahead of one shard waits for that one.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use ws_core::connection::Timing;
use ws_std::{Handler, Limits, Pace, Server, Threads};
use ws_tests::peer::{Peer, until};

/// Of so many bytes is a message, and with so many of them a shard is not read for any more.
const LEN: usize = 64 << 10;
const MANY: usize = 64;

/// Clients ask `where` they are, `join` a room of one letter, `hold` up its members' thread; all else
/// is for the room whose name it begins with.
fn handler(releases: BTreeMap<String, Receiver<()>>) -> impl Handler {
    let releases: BTreeMap<_, _> =
        releases.into_iter().map(|(room, release)| (room, Mutex::new(release))).collect();
    ws_std::on_message(move |ctx, message| {
        let text = message.text().unwrap();
        match text.split_once(' ') {
            Some(("join", room)) => {
                ctx.join(room).unwrap();
                ctx.send("OK");
            }
            Some(("hold", room)) => {
                ctx.send("held");
                // Out of the cork, so that the client knows.
                ctx.send(&vec![0; 300 << 10]);
                releases[room].lock().unwrap().recv().unwrap();
            }
            Some((room, _)) => {
                if ctx.broadcast(room, text).pace == Pace::Behind {
                    ctx.send("behind");
                }
            }
            None => _ = ctx.send(thread::current().name().unwrap()),
        }
    })
}

/// A member of a room, whose thread is held up.
fn hold(mut peer: Peer, room: &str) -> Peer {
    peer.text(format!("join {room}"));
    peer.expect_text("OK");
    peer.text(format!("hold {room}"));
    peer.expect_text("held");
    assert_eq!(peer.message().payload.len(), 300 << 10);
    peer
}

/// Says more to a room than can be passed on, and a word more.
fn flood(peer: &mut Peer, room: &str) {
    let text = format!("{room} {}", "x".repeat(LEN));
    (0..=MANY).for_each(|_| peer.text(&text));
    peer.expect_text("behind");
    peer.text("where");
}

/// ADV-03, ROOM-06
#[test]
fn who_is_ahead_of_one_shard_does_not_wait_for_another() {
    let ((free_a, held_a), (free_b, held_b)) = (channel(), channel());
    let releases = BTreeMap::from([("a".to_owned(), held_a), ("b".to_owned(), held_b)]);
    let timing = Timing { ping_every: None, ..Timing::DEFAULT };
    let limits = Limits { outbox_limit: usize::MAX, ..Limits::default() };
    let builder = Server::builder(handler(releases)).threads(Threads::Fixed(3)).limits(limits);
    let server = builder.timing(timing).listen("127.0.0.1:0").unwrap().start().unwrap();
    // If this fails they are dropped before the server, which would wait for those who are held up.
    let [free_a, free_b] = [free_a, free_b];
    let mut shards: BTreeMap<String, Vec<Peer>> = BTreeMap::new();
    for _ in 0..9 {
        let mut peer = Peer::open(&server);
        peer.text("where");
        let at = String::from_utf8(peer.message().payload).unwrap();
        shards.entry(at).or_default().push(peer);
    }
    let mut shards: Vec<_> = shards.into_iter().collect();
    shards.sort_by_key(|(_, peers)| peers.len());
    let (here, mut flooders) = shards.pop().unwrap();
    let mut members = shards.into_iter().map(|(_, mut peers)| peers.remove(0));
    let held = ["a", "b"].map(|room| hold(members.next().unwrap(), room));
    let (mut ahead_of_a, mut ahead_of_b) = (flooders.remove(0), flooders.remove(0));
    flood(&mut ahead_of_a, "a");
    flood(&mut ahead_of_b, "b");
    free_a.send(()).unwrap();
    ahead_of_a.expect_text(&here);
    free_b.send(()).unwrap();
    ahead_of_b.expect_text(&here);
    drop(held);
    until(|| server.retained_bytes() == 0);
}
