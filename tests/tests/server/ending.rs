//! LIFE-04: a connection ends once, and its handler hears by whom, with what code, and why.

use std::sync::mpsc::Receiver;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{By, Closures, Drain, Ended, Handle, Reason, Server};

use crate::harness::{KEY, Peer, ends, next, nothing_more, serve, tells};

/// Does what it is told to do.
fn servant() -> Closures {
    ws_std::on_message(|ctx, message| {
        let text = message.text().unwrap_or_default();
        match text.split_once(' ').unwrap_or((text, "")) {
            ("close", reason) => ctx.close(CloseCode(4001), reason),
            ("close-without-status", _) => ctx.close(CloseCode::NO_STATUS, "none"),
            ("panic", _) => panic!("as told"),
            _ => drop(ctx.send(message)),
        }
    })
}

/// What `on_close` was told, and that it was told once.
fn once(server: Server, told: &Receiver<Ended>) -> (By, CloseCode, String, Reason) {
    let Ended { by, code, text, reason } = next(told);
    nothing_more(server, told);
    (by, code, text, reason)
}

/// LIFE-04, PROTO-07
#[test]
fn a_peer_that_closes_is_answered_with_its_own_code() {
    for code in [1000, 1001, 1002, 1003, 1007, 1014, 3000, 4999] {
        let (handler, told) = ends(servant());
        let server = serve(handler);
        let mut peer = Peer::open(&server);
        peer.close(CloseCode(code), "so long");
        assert_eq!(peer.expect_close(CloseCode(code)), "");
        peer.expect_end();
        let (by, ended, text, reason) = once(server, &told);
        assert_eq!((by, ended, &*text), (By::Peer, CloseCode(code), "so long"));
        assert!(matches!(reason, Reason::PeerClosed(CloseCode(told)) if told == code), "{reason}");
    }
}

/// LIFE-04, PROTO-07
#[test]
fn an_empty_close_is_answered_with_an_empty_one() {
    let (handler, told) = ends(servant());
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    peer.send(WireFrame::raw_close(""));
    assert_eq!(peer.frame(), Some(WireFrame::raw_close("")));
    peer.expect_end();
    let (by, code, text, _) = once(server, &told);
    assert_eq!((by, code, &*text), (By::Peer, CloseCode::NO_STATUS, ""));
}

/// LIFE-04
#[test]
fn a_peer_that_vanishes_ends_its_connection_with_1006() {
    for half in [false, true] {
        let (handler, told) = ends(servant());
        let server = serve(handler);
        let mut peer = Peer::open(&server);
        peer.text("hello");
        peer.expect_text("hello");
        // In the middle of a frame.
        peer.write(&WireFrame::text("half of it").masked(KEY).encode()[..9]);
        if half {
            peer.shut();
            peer.expect_end();
        }
        drop(peer);
        let (by, code, text, reason) = once(server, &told);
        assert_eq!((by, code, &*text), (By::Transport, CloseCode::ABNORMAL, ""));
        assert!(matches!(reason, Reason::PeerClosed(CloseCode::ABNORMAL)), "{reason}");
    }
}

/// LIFE-04, PROTO-07
#[test]
fn a_handler_that_closes_hears_of_it_when_the_peer_has_answered() {
    let (handler, told) = ends(servant());
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    peer.text("close it is late");
    peer.text("never told");
    assert_eq!(peer.expect_close(CloseCode(4001)), "it is late");
    assert!(told.try_recv().is_err(), "the peer has not answered");
    peer.close(CloseCode(4001), "");
    peer.expect_end();
    let (by, code, text, reason) = once(server, &told);
    assert_eq!((by, code, &*text), (By::Us, CloseCode(4001), "it is late"));
    assert!(matches!(reason, Reason::Normal), "{reason}");
}

/// LIFE-04, PROTO-07: "1005 is a reserved value and MUST NOT be set as a status code in a Close
/// control frame by an endpoint" (RFC 6455 section 7.4.1).
#[test]
fn on_close_is_told_the_code_that_was_sent() {
    let (handler, told) = ends(servant());
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    peer.text("close-without-status");
    peer.expect_close(CloseCode::NORMAL);
    peer.close(CloseCode::NORMAL, "");
    peer.expect_end();
    assert_eq!(once(server, &told).1, CloseCode::NORMAL);
}

/// LIFE-04, PROTO-07
#[test]
fn closes_that_cross_end_the_connection_with_the_first_reason() {
    let (handler, told) = ends(servant());
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    let mut both = WireFrame::text("close first").masked(KEY).encode();
    both.extend(WireFrame::close(CloseCode(4999), "second").masked(KEY).encode());
    peer.write(&both);
    peer.expect_close(CloseCode(4001));
    peer.expect_end();
    let (by, code, text, _) = once(server, &told);
    assert_eq!((by, code, &*text), (By::Us, CloseCode(4001), "first"));
}

/// LIFE-04, PROTO-10
#[test]
fn a_peer_that_breaks_a_rule_reads_the_code_after_all_that_was_said_before() {
    for (bytes, code) in [
        (WireFrame::text("not masked").encode(), CloseCode::PROTOCOL_ERROR),
        (WireFrame::new(3, "").masked(KEY).encode(), CloseCode::PROTOCOL_ERROR),
        (WireFrame::text(b"\xff").masked(KEY).encode(), CloseCode::INVALID_DATA),
        (WireFrame::close(CloseCode(1005), "").masked(KEY).encode(), CloseCode::PROTOCOL_ERROR),
    ] {
        let (handler, told) = ends(servant());
        let server = serve(handler);
        let mut peer = Peer::open(&server);
        let mut all = WireFrame::text("lawful").masked(KEY).encode();
        all.extend(bytes);
        peer.write(&all);
        peer.expect_text("lawful");
        peer.expect_close(code);
        peer.expect_end();
        let (by, ended, text, reason) = once(server, &told);
        assert_eq!((by, ended), (By::Peer, code));
        assert!(!text.is_empty());
        assert!(matches!(reason, Reason::Protocol(told) if told == code), "{reason}");
    }
}

/// LIFE-04, ACTOR-05
#[test]
fn a_panic_is_told_with_1011() {
    let (handler, told) = ends(servant());
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    peer.text("panic");
    let reason = peer.expect_close(CloseCode::INTERNAL_ERROR);
    assert!(!reason.contains("as told"), "what a panic says is not for the peer: {reason}");
    peer.expect_end();
    let (by, code, _, reason) = once(server, &told);
    assert_eq!((by, code), (By::Us, CloseCode::INTERNAL_ERROR));
    assert!(matches!(&reason, Reason::Panic(message) if &**message == "as told"), "{reason}");
}

/// LIFE-04, ACTOR-04
#[test]
fn another_thread_closes_after_all_that_it_has_sent() {
    let (tell, handles) = tells::<Handle>();
    let (handler, told) = ends(servant().on_connect(move |ctx, _| {
        tell.send(ctx.handle()).unwrap();
        Ok(())
    }));
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    let handle = next(&handles);
    for number in 0..100 {
        assert!(handle.send(&format!("{number}")).is_queued());
    }
    assert!(handle.close(CloseCode(4002), "enough").is_queued());
    for number in 0..100 {
        peer.expect_text(&format!("{number}"));
    }
    assert_eq!(peer.expect_close(CloseCode(4002)), "enough");
    peer.close(CloseCode(4002), "");
    peer.expect_end();
    let (by, code, text, reason) = once(server, &told);
    assert_eq!((by, code, &*text), (By::Us, CloseCode(4002), "enough"));
    assert!(matches!(reason, Reason::Normal), "{reason}");
    assert!(handle.is_gone());
}

/// LIFE-04
#[test]
fn a_server_that_stops_tells_everybody() {
    let (handler, told) = ends(servant());
    let server = serve(handler);
    let mut peers: Vec<Peer> = (0..10).map(|_| Peer::open(&server)).collect();
    server.stop();
    for _ in 0..10 {
        let ended = next(&told);
        assert_eq!((ended.by, ended.code), (By::Us, CloseCode::GOING_AWAY));
        assert!(matches!(ended.reason, Reason::Shutdown), "{}", ended.reason);
    }
    assert!(told.try_recv().is_err());
    for peer in &mut peers {
        peer.expect_close(CloseCode::GOING_AWAY);
        peer.expect_end();
    }
}

/// LIFE-04, SERVE-06
#[test]
fn a_server_that_drains_tells_everybody_and_hears_what_was_on_its_way() {
    let (tell, messages) = tells::<String>();
    let (handler, told) = ends(ws_std::on_message(move |_, message| {
        tell.send(message.text().unwrap().to_owned()).unwrap();
    }));
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    let drained = std::thread::spawn(move || server.drain(Drain::quick()));
    peer.expect_close(CloseCode::RESTART);
    peer.text("sent before it read the Close");
    peer.close(CloseCode::RESTART, "");
    peer.expect_end();
    let ended = next(&told);
    assert_eq!((ended.by, ended.code), (By::Us, CloseCode::RESTART));
    assert!(matches!(ended.reason, Reason::Draining), "{}", ended.reason);
    assert_eq!(next(&messages), "sent before it read the Close");
    let drained = drained.join().unwrap();
    assert_eq!((drained.closed, drained.cut, drained.gone), (1, 0, 0));
    assert!(told.try_recv().is_err());
}

/// ACTOR-04: a handle that is asked for after the end is of no use, and says so.
#[test]
fn a_handle_made_while_closing_is_gone() {
    let (tell, handles) = tells::<Handle>();
    let at_end = tell.clone();
    let handler = ws_std::on_message(move |ctx, _| {
        ctx.close(CloseCode::NORMAL, "");
        assert_eq!(ctx.send("too late"), ws_std::Sent::Gone);
        tell.send(ctx.handle()).unwrap();
    })
    .on_close(move |ctx, _| at_end.send(ctx.handle()).unwrap());
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    peer.text("close");
    peer.expect_close(CloseCode::NORMAL);
    let handle = next(&handles);
    assert!(handle.is_gone());
    assert_eq!(handle.send("too late"), ws_std::Sent::Gone);
    drop(peer);
    assert!(next(&handles).is_gone());

    let mut peer = Peer::open(&server);
    peer.close(CloseCode::NORMAL, "");
    peer.expect_close(CloseCode::NORMAL);
    assert_eq!(next(&handles).send("too late"), ws_std::Sent::Gone);
}
