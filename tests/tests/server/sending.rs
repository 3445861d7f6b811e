//! ACTOR-03, ACTOR-04: sending from the handler, and from anywhere.

use std::thread;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{Closures, Handle, Limits, Overflow, Sent, Server};

use crate::harness::{KEY, Peer, echo, ends, next, pattern, serve, start, tells};
use std::sync::mpsc::Receiver;

/// Hands out the handle of every connection.
fn reachable() -> (Closures, Receiver<Handle>) {
    let (tell, handles) = tells();
    let handler = echo().on_connect(move |ctx, _| {
        tell.send(ctx.handle()).unwrap();
        Ok(())
    });
    (handler, handles)
}

/// ACTOR-03, ACTOR-04
#[test]
fn many_threads_send_through_one_handle_and_each_ones_order_is_kept() {
    let (handler, handles) = reachable();
    let limits = Limits { outbox_limit: usize::MAX, ..Limits::default() };
    let server = start(Server::builder(handler).limits(limits));
    let mut peer = Peer::open(&server);
    let handle = next(&handles);
    assert_eq!(handle, handle.clone());
    const THREADS: usize = 4;
    const EACH: usize = 500;
    let senders: Vec<_> = (0..THREADS)
        .map(|thread| {
            let handle = handle.clone();
            thread::spawn(move || {
                for number in 0..EACH {
                    assert_eq!(
                        handle.send(&[thread as u8, (number / 256) as u8, number as u8]),
                        Sent::Queued
                    );
                }
            })
        })
        .collect();
    // In between, it sends by itself.
    for number in 0..EACH {
        peer.text(format!("{number}"));
    }
    let mut seen = [0; THREADS];
    let mut echoed = 0;
    for _ in 0..(THREADS + 1) * EACH {
        let message = peer.message();
        if message.opcode == 1 {
            assert_eq!(message.payload, format!("{echoed}").as_bytes());
            echoed += 1;
            continue;
        }
        let [thread, high, low] = message.payload[..] else { panic!("{message:?}") };
        let number = usize::from(high) * 256 + usize::from(low);
        assert_eq!(number, seen[usize::from(thread)], "of thread {thread}");
        seen[usize::from(thread)] += 1;
    }
    for sender in senders {
        sender.join().unwrap();
    }
    peer.leave();
}

/// ACTOR-04
#[test]
fn every_kind_of_thing_can_be_sent_through_a_handle() {
    let (handler, handles) = reachable();
    let limits = Limits { fragment: 1000, ..Limits::default() };
    let server = start(Server::builder(handler).limits(limits));
    let mut peer = Peer::open(&server);
    let handle = next(&handles);
    assert_eq!(handle.send("text"), Sent::Queued);
    assert_eq!(handle.send(&pattern(3000)), Sent::Queued);
    assert_eq!(handle.ping(&pattern(126)), Sent::Refused);
    peer.expect_text("text");
    assert_eq!(peer.message().payload, pattern(3000));
    assert_eq!(handle.ping(b"hey"), Sent::Queued);
    assert_eq!(peer.frame(), Some(WireFrame::ping("hey")));
    peer.leave();
}

/// ACTOR-04
#[test]
fn after_the_end_a_handle_is_gone() {
    let (handler, handles) = reachable();
    let (handler, told) = ends(handler);
    let server = serve(handler);
    let peer = Peer::open(&server);
    let handle = next(&handles);
    peer.leave();
    next(&told);
    assert!(handle.is_gone());
    assert_eq!(handle.send("late"), Sent::Gone);
    assert_eq!(handle.ping(b""), Sent::Gone);
    assert_eq!(handle.close(CloseCode::NORMAL, ""), Sent::Gone);

    // Another connection may be in its place by now: the handle does not mean that.
    let mut other = Peer::open(&server);
    let others = next(&handles);
    assert_ne!(handle.id(), others.id());
    assert_eq!(handle.send("for the first"), Sent::Gone);
    others.send("for the second");
    other.expect_text("for the second");
    server.stop();
    assert_eq!(others.send("late"), Sent::Gone);
}

/// ACTOR-04, ADV-03, ACTOR-07
#[test]
fn a_handle_is_full_when_the_peer_does_not_read_and_nobody_else_suffers() {
    let (handler, handles) = reachable();
    let limits = Limits { overflow: Overflow::DropNewest, ..Limits::default() };
    let server = start(Server::builder(handler).limits(limits.clone()));
    let mut peer = Peer::open(&server);
    let handle = next(&handles);
    let bytes = pattern(64 << 10);
    let mut queued = 0;
    while handle.send(&bytes) == Sent::Queued {
        queued += 1;
        // What is on its way to a shard counts, too.
        assert!(queued < 10_000, "it is never full");
    }
    assert_eq!(handle.send(&bytes), Sent::Full);
    let mut other = Peer::open(&server);
    other.text("meanwhile");
    other.expect_text("meanwhile");
    for _ in 0..queued {
        assert!(peer.message().payload == bytes);
    }
    peer.leave();
}

/// ACTOR-03, ADV-03
#[test]
fn a_peer_that_does_not_read_what_its_handler_sends_is_closed_with_1008() {
    let (handler, told) = ends(ws_std::on_message(|ctx, _| {
        let bytes = pattern(1 << 20);
        while ctx.send(&bytes) == Sent::Queued {}
        assert_eq!(ctx.send("too late"), Sent::Gone);
    }));
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    peer.text("go");
    let ended = next(&told);
    assert_eq!(ended.code, CloseCode::POLICY);
    assert!(matches!(ended.reason, ws_std::Reason::SlowConsumer), "{}", ended.reason);
    // What had begun to leave is followed by the Close.
    loop {
        let frame = peer.frame().expect("a Close");
        if frame.opcode == 8 {
            break assert_eq!(frame.close_code(), Some(CloseCode::POLICY));
        }
    }
    peer.expect_end();
}

/// ACTOR-07, ADV-03: whoever asks for much at once, and reads it in its own time, gets all of it.
#[test]
fn many_small_requests_at_once_may_have_large_answers() {
    let (handler, told) = ends(ws_std::on_message(|ctx, message| {
        let number = message.bytes()[0];
        assert_eq!(ctx.send(&vec![number; 1 << 20]), Sent::Queued);
    }));
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    let frames: Vec<_> = (0..30).map(|number| WireFrame::binary([number]).masked(KEY)).collect();
    let mut bytes = WireFrame::encode_all(&frames);
    bytes.extend(WireFrame::close(CloseCode::NORMAL, "").masked(KEY).encode());
    peer.write(&bytes);
    let mut other = Peer::open(&server);
    other.send(WireFrame::binary([0xFF]));
    assert_eq!(other.message().payload.len(), 1 << 20);
    for number in 0..30 {
        let message = peer.message();
        assert_eq!(message.payload.len(), 1 << 20, "{message:?}");
        assert!(message.payload.iter().all(|byte| *byte == number));
    }
    peer.expect_close(CloseCode::NORMAL);
    peer.expect_end();
    assert_eq!(next(&told).code, CloseCode::NORMAL);
}
