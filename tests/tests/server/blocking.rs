//! ACTOR-08: work that blocks, on a thread of its own, while its connection waits.

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{
    Busy, Clock, Context, Ended, Handle, Handler, Limits, Message, Reject, Request, Server,
};

use crate::harness::{Peer, next, serve, start, tells, until};

/// Answers "work" when it is told to, and everything else at once.
struct Worker {
    begun: Sender<(Sender<String>, Handle)>,
    ended: Sender<Ended>,
}

type Begun = Receiver<(Sender<String>, Handle)>;

fn worker() -> (Worker, Begun, Receiver<Ended>) {
    let (begun, works) = tells();
    let (ended, told) = tells();
    (Worker { begun, ended }, works, told)
}

impl Handler for Worker {
    type State = usize;
    type Info = ();

    fn on_connect(&self, _: &mut Context<'_, Self>, _: &Request<'_>) -> Result<usize, Reject> {
        Ok(0)
    }

    fn on_message(&self, count: &mut usize, ctx: &mut Context<'_, Self>, message: Message<'_>) {
        *count += 1;
        if message.text() != Some("work") {
            ctx.send(message);
            return;
        }
        let (go, wait) = tells();
        self.begun.send((go, ctx.handle())).unwrap();
        let work = move || wait.recv().unwrap_or_else(|_| "nothing".to_owned());
        let then = |_: &Self, count: &mut usize, ctx: &mut Context<'_, Self>, said: String| {
            ctx.send(&format!("{said} after {count}"));
        };
        ctx.blocking(work, then).unwrap();
        assert_eq!(ctx.blocking(|| (), |_, _, _, ()| {}), Err(Busy::Connection));
        ctx.send("begun");
    }

    fn on_close(&self, _: &mut usize, _: &mut Context<'_, Self>, ended: &Ended) {
        self.ended.send(ended.clone()).unwrap();
    }
}

/// ACTOR-08, ACTOR-07
#[test]
fn messages_wait_for_the_work_and_keep_their_order_while_others_are_served() {
    let (handler, works, told) = worker();
    let server = serve(handler);
    let mut other = Peer::open(&server);
    let mut peer = Peer::open(&server);
    peer.text("first");
    peer.text("work");
    for number in 0..1000 {
        peer.text(format!("{number}"));
    }
    peer.expect_text("first");
    peer.expect_text("begun");
    let (go, handle) = next(&works);
    other.text("meanwhile");
    other.expect_text("meanwhile");
    // What others send does not wait.
    handle.send("from outside");
    peer.expect_text("from outside");
    go.send("done".to_owned()).unwrap();
    peer.expect_text("done after 2");
    for number in 0..1000 {
        peer.expect_text(&format!("{number}"));
    }
    peer.leave();
    assert_eq!(next(&told).code, CloseCode::NORMAL);
}

/// ACTOR-08: what comes in one segment with the message that starts the work.
#[test]
fn work_can_follow_work() {
    let (handler, works, _told) = worker();
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    let frames = ["work", "between", "work", "work", "behind"];
    let frames: Vec<_> =
        frames.iter().map(|text| WireFrame::text(text).masked(crate::harness::KEY)).collect();
    peer.write(WireFrame::encode_all(&frames));
    for (number, said) in [(1, "one"), (3, "two"), (4, "three")] {
        peer.expect_text("begun");
        next(&works).0.send(said.to_owned()).unwrap();
        peer.expect_text(&format!("{said} after {number}"));
        if number == 1 {
            peer.expect_text("between");
        }
    }
    peer.expect_text("behind");
    peer.leave();
}

/// BEAT-05, ACTOR-08: while we do not read on purpose, no Ping is sent, and nobody dies for it.
#[test]
fn no_ping_is_sent_while_work_goes_on() {
    let (handler, works, told) = worker();
    let (clock, hand) = Clock::manual();
    let server = start(Server::builder(handler).clock(clock));
    let mut peer = Peer::open(&server);
    peer.text("work");
    peer.expect_text("begun");
    let (go, handle) = next(&works);
    for _ in 0..100 {
        hand.advance(Duration::from_secs(20));
        handle.send("tick");
        peer.expect_text("tick");
    }
    go.send("done".to_owned()).unwrap();
    peer.expect_text("done after 1");
    // Now the heartbeat goes on: its time may have come already.
    let ping = loop {
        peer.text("and now");
        let frame = peer.frame().unwrap();
        if frame.opcode != 1 {
            break frame;
        }
        hand.advance(Duration::from_secs(5));
    };
    assert_eq!(ping.opcode, 9, "{ping:?}");
    peer.send(WireFrame::pong(&ping.payload));
    peer.leave();
    assert_eq!(next(&told).code, CloseCode::NORMAL);
}

/// ACTOR-08, LIFE-04
#[test]
fn a_close_from_outside_during_work_leaves_at_once_and_ends_when_the_work_is_done() {
    let (handler, works, told) = worker();
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    peer.text("work");
    peer.expect_text("begun");
    let (go, handle) = next(&works);
    handle.close(CloseCode(4000), "enough");
    peer.expect_close(CloseCode(4000));
    peer.text("never told");
    peer.close(CloseCode(4000), "");
    go.send("done".to_owned()).unwrap();
    peer.expect_end();
    assert_eq!(next(&told).code, CloseCode(4000));
    assert!(told.try_recv().is_err());
}

/// ACTOR-08, LIFE-04: whoever works too long does not keep a connection that is to be closed.
#[test]
fn a_close_during_work_that_never_ends_is_over_when_its_time_is() {
    let (handler, works, told) = worker();
    let (clock, hand) = Clock::manual();
    let server = start(Server::builder(handler).clock(clock));
    let mut peer = Peer::open(&server);
    peer.text("work");
    peer.expect_text("begun");
    let (go, handle) = next(&works);
    handle.close(CloseCode(4000), "enough");
    peer.expect_close(CloseCode(4000));
    hand.advance(Duration::from_secs(5));
    assert_eq!(next(&told).code, CloseCode(4000));
    until(|| server.connections() == 0);
    go.send("in vain".to_owned()).unwrap();
    Peer::open(&server).leave();
}

/// ACTOR-08: more work than threads.
#[test]
fn a_peer_that_vanishes_during_work_is_told_of_once() {
    let (handler, works, told) = worker();
    let server = serve(handler);
    let mut peers: Vec<Peer> = (0..40).map(|_| Peer::open(&server)).collect();
    for peer in &mut peers {
        peer.text("work");
        peer.expect_text("begun");
    }
    drop(peers);
    for _ in 0..40 {
        next(&works).0.send("done".to_owned()).unwrap();
    }
    for _ in 0..40 {
        next(&told);
    }
    until(|| server.connections() == 0);
    assert_eq!(server.retained_bytes(), 0);
    server.stop();
    assert!(told.try_recv().is_err());
}

/// ACTOR-08, SEC-01: those count, too, whose connection has gone.
#[test]
fn closures_that_wait_for_a_thread_are_bounded() {
    let ((begin, begun), (release, held)) = (tells(), tells::<()>());
    let held = Arc::new(Mutex::new(held));
    let handler = ws_std::on_message(move |ctx, name| {
        ctx.me().register(name.text().unwrap()).unwrap();
        let (begin, held) = (begin.clone(), held.clone());
        let work = move || {
            begin.send(()).unwrap();
            held.lock().unwrap().recv().unwrap();
        };
        let came = ctx.blocking(work, |_, (), ctx, ()| _ = ctx.send("done"));
        ctx.send(&came.map_or_else(|busy| busy.to_string(), |()| "taken".to_owned()));
    });
    let limits = Limits { blocking_threads: 1, blocking_waiting: 1, ..Limits::default() };
    let server = start(Server::builder(handler).limits(limits));
    let [mut first, mut second, mut third] = [(); 3].map(|()| Peer::open(&server));
    first.text("first");
    first.expect_text("taken");
    next(&begun);
    second.text("second");
    second.expect_text("taken");
    server.actors().find_any("second").unwrap().kill();
    second.expect_close(CloseCode::INTERNAL_ERROR);
    third.text("third");
    third.expect_text(&Busy::Pool.to_string());
    release.send(()).unwrap();
    first.expect_text("done");
    next(&begun);
    release.send(()).unwrap();
    third.text("third");
    third.expect_text("taken");
    release.send(()).unwrap();
    third.expect_text("done");
}
