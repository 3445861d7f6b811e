//! FRAG-04, ROOM-03: what is sent between the parts of a message, or right before a join.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ws_core::testing::WireFrame;
use ws_std::{
    Context, Handler, Limits, Message, Overflow, OwnedMessage, Presence, Reject, Request, Server,
    Threads,
};
use ws_tests::peer::{Peer, until};

/// FRAG-04, ADV-03: what waits for the end of a message does not keep it from ending.
#[test]
fn a_message_in_parts_ends_however_much_others_send_meanwhile() {
    let policies = [Overflow::DropNewest, Overflow::DropOldest, Overflow::KeepLatest];
    for overflow in policies {
        let handler = ws_std::on_message(|ctx, message| match message.text() {
            Some("begin") => {
                ctx.join("all").unwrap();
                ctx.send_part("once ");
            }
            _ => _ = ctx.send_last_part("upon a time"),
        });
        let limits = Limits { overflow, outbox_limit: 10_000, ..Limits::default() };
        let builder = Server::builder(handler).threads(Threads::Fixed(1)).limits(limits);
        let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
        let mut peer = Peer::open(&server);
        peer.text("begin");
        until(|| server.rooms().members("all") == 1);
        for number in 0..20 {
            let message = format!("{number:01000}");
            server.rooms().broadcast("all", Message::from(&message).keyed("state"));
        }
        let counts = || server.metrics().snapshot();
        let dropped = || counts().overflow_newest + counts().overflow_latest;
        until(|| dropped() > 5);
        assert_eq!(counts().overflow_oldest, 0, "nothing older may be dropped");
        peer.text("end");
        peer.expect_text("once upon a time");
        peer.expect_text(&format!("{:01000}", 0));
    }
}

/// Sends something large, and then the state of a room.
struct Joiner(Arc<AtomicUsize>);

impl Handler for Joiner {
    type State = u32;
    type Info = ();

    fn on_connect(&self, _: &mut Context<'_, Self>, _: &Request<'_>) -> Result<u32, Reject> {
        Ok(0)
    }

    fn on_message(&self, times: &mut u32, ctx: &mut Context<'_, Self>, _: Message<'_>) {
        *times += 1;
        ctx.send(&vec![7; 50_000]);
        ctx.join_as("room", &times.to_string(), "").unwrap();
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn on_presence(&self, _: &str, presence: &Presence<'_>) -> Option<OwnedMessage> {
        matches!(presence, Presence::Here { .. }).then(|| "here".into())
    }
}

/// ROOM-07: also where the socket takes only a part of what comes first.
#[test]
fn what_is_sent_before_a_join_comes_whole_before_who_is_there() {
    let done = Arc::new(AtomicUsize::new(0));
    let builder = Server::builder(Joiner(done.clone())).threads(Threads::Fixed(1));
    let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
    let mut peer = Peer::open(&server);
    let mut asked = 0;
    while server.retained_bytes() == 0 {
        peer.text("again");
        asked += 1;
        until(|| done.load(Ordering::SeqCst) == asked || server.retained_bytes() > 0);
    }
    for _ in 0..asked {
        assert_eq!(peer.message(), WireFrame::binary(vec![7; 50_000]));
        peer.expect_text("here");
    }
}

/// BEAT-05, ADV-03: a shard that has more to pass on than it takes up in a turn hears those first
/// whom it is about to judge.
#[test]
fn nobody_is_taken_for_dead_by_a_shard_that_is_behind() {
    use std::sync::Mutex;
    use std::sync::mpsc::channel;
    use std::time::Duration;
    use ws_std::{Clock, Pace};

    let (clock, hand) = Clock::manual();
    let (release, held) = channel::<()>();
    let held = Mutex::new(held);
    let handler = ws_std::on_message(move |ctx, message| match message.text() {
        Some("join") => {
            ctx.join("all").unwrap();
            ctx.send("joined");
        }
        Some("hold") => {
            // Larger than what is gathered, so that the client knows.
            ctx.send(&vec![0; 300 << 10]);
            held.lock().unwrap().recv().unwrap();
        }
        _ => _ = ctx.send(message),
    });
    let limits = Limits { outbox_limit: usize::MAX, ..Limits::default() };
    let builder = Server::builder(handler).threads(Threads::Fixed(1)).limits(limits).clock(clock);
    let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
    // Dropped before the server, which waits for its handlers.
    let release = release;
    let [mut member, mut holder, mut bystander] = [(); 3].map(|()| Peer::open(&server));
    member.text("join");
    member.expect_text("joined");
    hand.advance(Duration::from_secs(60));
    let nonces = [&mut member, &mut holder, &mut bystander].map(Peer::expect_ping);
    holder.text("hold");
    assert_eq!(holder.message().payload.len(), 300 << 10);
    let pong = |nonce: &Vec<u8>| WireFrame::pong(nonce);
    member.send(pong(&nonces[0]));
    holder.send(pong(&nonces[1]));
    bystander.send(pong(&nonces[2]));
    until(|| server.rooms().broadcast("all", "x").pace == Pace::Refused);
    hand.advance(Duration::from_secs(11));
    release.send(()).unwrap();
    bystander.echo("still here");
    holder.echo("still here");
    assert_eq!(server.metrics().snapshot().expired_heartbeat, 0);
}
