//! PROTO-07, PROTO-08: our last words arrive, whatever the peer is doing.

use std::io::{ErrorKind, Write};
use std::time::Duration;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{Clock, Server};

use crate::harness::{KEY, Peer, dial, echo, ends, next, request, serve, start, status, until};

/// Keeps sending, so many bytes, and never reads before they are all sent.
fn keeps_sending(peer: &mut Peer, mebibytes: usize) {
    for _ in 0..mebibytes {
        peer.stream.write_all(&vec![0x55; 1 << 20]).unwrap();
    }
}

/// PROTO-07: "after sending a Close frame indicating the WebSocket connection should be closed [...]
/// an endpoint SHOULD use a method that cleanly closes the TCP connection" (RFC 6455 section 7.1.1).
#[test]
fn a_peer_that_keeps_sending_megabytes_still_reads_why_it_was_closed() {
    let server = serve(echo());
    for (bytes, code) in [
        (WireFrame::text("not masked").encode(), CloseCode::PROTOCOL_ERROR),
        (WireFrame::text(b"\xff").masked(KEY).encode(), CloseCode::INVALID_DATA),
        (WireFrame::binary("").claiming((16 << 20) + 1).masked(KEY).encode(), CloseCode::TOO_BIG),
        (WireFrame::close(CloseCode(4000), "").masked(KEY).encode(), CloseCode(4000)),
    ] {
        let mut peer = Peer::open(&server);
        peer.write(&bytes);
        keeps_sending(&mut peer, 17);
        peer.expect_close(code);
        peer.shut();
        peer.expect_end();
    }
}

/// PROTO-08
#[test]
fn a_client_that_keeps_sending_still_reads_why_it_was_refused() {
    let server = serve(echo());
    let refused = echo().on_request(|_| ws_std::Answer::unavailable(1));
    let unavailable = serve(refused);
    let long = format!("X-Long: {}\r\n", "a".repeat(17 << 10));
    for (server, bytes, expected) in [
        (&server, request("/", &long), 431),
        (&server, request("/", "").replace("Version: 13", "Version: 8"), 426),
        (&server, request("/", "Sec-WebSocket-Version: 13\r\n"), 400),
        (&server, request("/", "").replace("GET", "POST"), 405),
        (&unavailable, request("/", ""), 503),
    ] {
        let mut peer = Peer::new(dial(server));
        peer.write(bytes.as_bytes());
        keeps_sending(&mut peer, 4);
        let head = peer.head();
        assert_eq!(status(&head), expected, "{head}");
        peer.shut();
        peer.rest();
    }
}

/// PROTO-07: bytes that are thrown away cost nothing, but there is an end to it.
#[test]
fn a_peer_that_never_stops_sending_is_cut_off() {
    let server = serve(echo());
    let mut peer = Peer::open(&server);
    peer.close(CloseCode::NORMAL, "");
    let bytes = vec![0; 1 << 20];
    let error = (0..1000).find_map(|_| peer.stream.write_all(&bytes).err());
    let kind = error.expect("it took all").kind();
    assert!(matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{kind}");
    until(|| server.connections() == 0);
}

/// PROTO-07: "the server MUST close the connection first" (RFC 6455 section 7.1.1, in our words):
/// the client reads the end before it has said anything more.
#[test]
fn the_server_closes_tcp_first() {
    let server = serve(echo());
    let mut peer = Peer::open(&server);
    peer.close(CloseCode::NORMAL, "");
    peer.expect_close(CloseCode::NORMAL);
    peer.expect_end();
    // The client has not closed yet; when it does, the connection is gone.
    assert_eq!(server.connections(), 1);
    drop(peer);
    until(|| server.connections() == 0);
}

/// PROTO-07
#[test]
fn a_peer_that_does_not_answer_our_close_has_five_seconds() {
    let (handler, told) = ends(ws_std::on_message(|ctx, _| ctx.close(CloseCode(4000), "")));
    let (clock, hand) = Clock::manual();
    let server = start(Server::builder(handler).clock(clock));
    let mut peer = Peer::open(&server);
    peer.text("close");
    peer.expect_close(CloseCode(4000));
    hand.advance(Duration::from_millis(4999));
    let mut other = Peer::open(&server);
    assert!(told.try_recv().is_err());
    hand.advance(Duration::from_millis(1));
    assert_eq!(next(&told).code, CloseCode(4000));
    peer.expect_end();
    other.text("close");
    other.expect_close(CloseCode(4000));
    other.close(CloseCode(4000), "");
    other.expect_end();
}

/// PROTO-07
#[test]
fn a_peer_that_has_closed_and_lingers_is_dropped_in_time() {
    let (clock, hand) = Clock::manual();
    let server = start(Server::builder(echo()).clock(clock));
    let mut closed = Peer::open(&server);
    closed.close(CloseCode::NORMAL, "");
    closed.expect_close(CloseCode::NORMAL);
    let mut refused = Peer::new(dial(&server));
    refused.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(status(&refused.head()), 426);
    refused.rest();
    assert_eq!(server.connections(), 2);
    hand.advance(Duration::from_secs(5));
    until(|| server.connections() == 0);
}

/// PROTO-07: half-close. What a peer asked for before it stopped talking is answered.
#[test]
fn a_peer_that_only_stops_sending_still_reads_the_answers() {
    let (handler, told) = ends(echo());
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    for number in 0..100 {
        peer.text(format!("{number}"));
    }
    peer.close(CloseCode(3333), "");
    peer.shut();
    for number in 0..100 {
        peer.expect_text(&format!("{number}"));
    }
    peer.expect_close(CloseCode(3333));
    peer.expect_end();
    assert_eq!(next(&told).code, CloseCode(3333));
}

/// PROTO-07: data after Close is discarded.
#[test]
fn nothing_is_told_of_what_comes_behind_a_close() {
    let (handler, told) = ends(ws_std::on_message(|_, message| panic!("told {message:?}")));
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    let frames = [
        WireFrame::close(CloseCode::NORMAL, "").masked(KEY),
        WireFrame::text("late").masked(KEY),
        WireFrame::text("not even masked"),
        WireFrame::close(CloseCode(4000), "again").masked(KEY),
    ];
    peer.write(WireFrame::encode_all(&frames));
    peer.expect_close(CloseCode::NORMAL);
    peer.expect_end();
    assert_eq!(next(&told).code, CloseCode::NORMAL);
    server.stop();
    assert!(told.try_recv().is_err());
}

/// ACTOR-07, PROTO-07: a Close waits behind a large answer.
#[test]
fn a_large_answer_arrives_whole_before_our_close() {
    let handler = ws_std::on_message(|ctx, message| {
        ctx.send(message);
        ctx.close(CloseCode(4000), "that was all");
    });
    let server = serve(handler);
    let mut peer = Peer::open(&server);
    let bytes = crate::harness::pattern(8 << 20);
    peer.send(WireFrame::binary(&bytes));
    let mut other = Peer::open(&server);
    other.text("meanwhile");
    other.expect_text("meanwhile");
    assert!(peer.message().payload == bytes);
    assert_eq!(peer.expect_close(CloseCode(4000)), "that was all");
    peer.close(CloseCode(4000), "");
    peer.expect_end();
}
