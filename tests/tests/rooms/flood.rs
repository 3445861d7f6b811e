//! ADV-03, ROOM-03: who says more than can be passed on is read more slowly.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use ws_core::testing::WireFrame;
use ws_std::{Limits, Overflow, Server, Threads};
use ws_tests::peer::{KEY, Peer};

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
