//! ADV-03, ROOM-03: who says more than can be passed on is read more slowly, or told so.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};
use std::thread;

use ws_core::testing::WireFrame;
use ws_std::{Limits, Overflow, Pace, Server, Threads};
use ws_tests::peer::{KEY, Peer, until};

use crate::jam::{Jam, MANY, jam};

/// ADV-03, ROOM-03
#[test]
fn broadcasts_that_are_not_passed_on_yet_are_bounded() {
    const SENT: usize = 1 << 18;
    let started: Arc<OnceLock<Server>> = Arc::default();
    let (said, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let (seen, counted) = (most.clone(), started.clone());
    let handler = ws_std::on_message(move |ctx, message| {
        if message.bytes() == b"JOIN" {
            ctx.join("all").unwrap();
            ctx.send("OK");
            return;
        }
        ctx.broadcast("all", message);
        let said = said.fetch_add(1, Ordering::Relaxed) + 1;
        if said.is_multiple_of(1024) {
            let counts = counted.get().unwrap().metrics().snapshot();
            let done = counts.messages_sent as usize;
            seen.fetch_max(said.saturating_sub(done), Ordering::Relaxed);
        }
    });
    let limits =
        Limits { overflow: Overflow::DropNewest, outbox_limit: usize::MAX, ..Limits::default() };
    let builder = Server::builder(handler).threads(Threads::Fixed(1)).limits(limits);
    let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
    let server = started.get_or_init(|| server);
    let (mut flooder, mut member) = (Peer::open(server), Peer::open(server));
    member.text("JOIN");
    member.expect_text("OK");
    thread::scope(|scope| {
        let bytes = WireFrame::text("x").masked(KEY).encode().repeat(SENT);
        scope.spawn(move || flooder.stream.write_all(&bytes).unwrap());
        for _ in 0..SENT {
            member.expect_text("x");
        }
    });
    let most = most.load(Ordering::Relaxed);
    assert!(most < 120_000, "{most} broadcasts were kept");
    server.stopper().stop();
}

/// What waits for a shard before nothing is taken any more.
const TOO_MANY: usize = 8 << 20;

/// What one message costs at most, of those that are sent here.
const ONE: usize = 256;

/// A message of seven bytes.
fn seven(number: usize) -> String {
    format!("{number:07}")
}

/// ADV-03, ROOM-03, ROOM-06
#[test]
fn who_floods_another_shard_is_not_read_from_until_that_has_caught_up() {
    const SENT: usize = 1 << 17;
    for threads in [Threads::Fixed(2), Threads::PerConnection] {
        let Jam { server, mut member, mut elsewhere, release } = jam(threads, 8);
        let (mut flooder, mut other) = (elsewhere.remove(0), elsewhere.remove(0));
        thread::scope(|scope| {
            let flood = move || {
                for numbers in (0..SENT).collect::<Vec<_>>().chunks(1024) {
                    let frames = numbers.iter().map(|number| WireFrame::text(seven(*number)));
                    let bytes: Vec<u8> =
                        frames.flat_map(|frame| frame.masked(KEY).encode()).collect();
                    flooder.stream.write_all(&bytes).unwrap();
                }
                flooder
            };
            let flooding = scope.spawn(flood);
            until(|| server.retained_bytes() > MANY);
            // It is about to be: what it had to say is kept, too.
            let mut late = 0;
            until(|| {
                late += 1;
                server.rooms().broadcast("all", "late").pace == Pace::Behind
            });
            // The flooder's shard has many turns more, and reads others.
            for _ in 0..100 {
                other.text("where");
                other.message();
            }
            let kept = server.retained_bytes();
            assert!(kept < MANY + (512 << 10), "{kept}");
            release.send(()).unwrap();
            // Nothing is lost, and nothing comes out of order.
            let mut number = 0;
            for _ in 0..SENT + late {
                let text = member.message().payload;
                if text != b"late" {
                    assert_eq!(text, seven(number).into_bytes());
                    number += 1;
                }
            }
            assert_eq!(number, SENT);
            let _open = flooding.join().unwrap();
        });
        until(|| server.retained_bytes() == 0);
    }
}

/// ADV-03, ROOM-06, ROOM-07
#[test]
fn threads_that_flood_a_shard_are_told_and_then_refused() {
    let Jam { server, mut member, elsewhere: _open, release } = jam(Threads::Fixed(2), 8);
    let rooms = server.rooms();
    let (mut taken, mut behind) = (0, 0);
    loop {
        let posted = rooms.broadcast("all", &*seven(taken));
        assert_eq!(posted.members, 1);
        match posted.pace {
            Pace::Steady => assert_eq!((posted.shards, behind), (1, 0)),
            Pace::Behind => behind += 1,
            Pace::Refused => {
                assert_eq!(posted.shards, 0);
                break;
            }
            pace => panic!("{pace:?}"),
        }
        taken += 1;
    }
    assert!(behind > taken / 3, "{behind} of {taken}");
    let kept = server.retained_bytes();
    assert!((TOO_MANY..TOO_MANY + ONE).contains(&kept), "{kept}");
    assert!(server.metrics().render().contains(&format!("ws_retained_bytes {kept}\n")));
    // Who asks is told, and others do no better.
    let (tell, told) = channel();
    rooms.broadcast_counted("all", "lost", move |delivery| tell.send(delivery).unwrap());
    let delivery = told.try_recv().unwrap();
    assert_eq!((delivery.queued, delivery.dropped), (0, 1));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                (0..1000).for_each(|_| _ = rooms.broadcast("all", "lost"));
                assert_eq!(
                    rooms.broadcast_where("all", |(): &()| true, "lost").pace,
                    Pace::Refused
                );
            });
        }
    });
    assert_eq!(server.retained_bytes(), kept);
    release.send(()).unwrap();
    (0..taken).for_each(|number| member.expect_text(&seven(number)));
    until(|| server.retained_bytes() == 0);
    let posted = rooms.broadcast("all", "end");
    assert_eq!((posted.shards, posted.pace), (1, Pace::Steady));
    member.expect_text("end");
}
