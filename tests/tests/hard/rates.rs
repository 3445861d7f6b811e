//! Peers that do too much: told 1008, and gone.

use std::time::Duration;

use ws_core::frame::CloseCode;
use ws_std::{By, Limits, Rate, Reason};
use ws_tests::WireFrame;

use crate::harness::{Peer, REQUEST, World};

fn assert_told_1008(world: &World, peer: &mut Peer) {
    peer.expect_closed(CloseCode::POLICY);
    let ended = world.ended();
    assert!(matches!(ended.reason, Reason::Protocol(CloseCode::POLICY)), "{ended:?}");
    assert_eq!((ended.by, ended.code), (By::Us, CloseCode::POLICY));
}

/// ADV-04
#[test]
fn too_many_messages_close_with_1008() {
    let messages = Some(Rate { per_second: 2, burst: 5 });
    let world = World::with_limits(Limits { messages, ..Limits::default() });
    let mut peer = world.open();
    let mut other = world.open();
    (0..5).for_each(|_| peer.echo("a message"));
    world.hand.advance(Duration::from_secs(1));
    (0..2).for_each(|_| peer.echo("a message"));
    peer.text("one too many");
    assert_told_1008(&world, &mut peer);
    other.echo("well");
}

/// ADV-04, FRAG-03: a message counts once, however many frames it comes in.
#[test]
fn a_message_in_many_frames_counts_once() {
    let messages = Some(Rate { per_second: 0, burst: 2 });
    let world = World::with_limits(Limits { messages, ..Limits::default() });
    let mut peer = world.open();
    peer.send(WireFrame::binary("").more());
    (0..100).for_each(|_| peer.send(WireFrame::continuation(".").more()));
    peer.send(WireFrame::continuation(""));
    assert_eq!(peer.read().payload.len(), 100);
    peer.echo("the second");
    peer.send(WireFrame::binary("the third").more());
    assert_told_1008(&world, &mut peer);
}

/// ADV-04
#[test]
fn too_many_bytes_close_with_1008() {
    let bytes = Some(Rate { per_second: 1_000, burst: 10_000 });
    let world = World::with_limits(Limits { bytes, ..Limits::default() });
    let mut peer = world.open();
    (0..9).for_each(|_| peer.echo([1; 900]));
    world.hand.advance(Duration::from_secs(2));
    (0..2).for_each(|_| peer.echo([1; 900]));
    peer.echo([1; 900]);
    for _ in 0..3 {
        peer.send(WireFrame::binary([1; 900]));
    }
    let mut echoes = 0;
    let last = loop {
        let frame = peer.read();
        match frame.opcode {
            0x2 => echoes += 1,
            _ => break frame,
        }
    };
    assert_eq!(last.close_code(), Some(CloseCode::POLICY), "after {echoes} more");
    assert!(echoes < 3);
}

/// ADV-04: a limit that is reached before the WebSocket is open is no reason for a Close frame.
#[test]
fn bytes_beyond_the_rate_before_a_websocket_is_open_get_no_frame() {
    let bytes = Some(Rate { per_second: 0, burst: 40 });
    let world = World::with_limits(Limits { bytes, ..Limits::default() });
    for request in [REQUEST, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
        let mut peer = Peer::connect(world.address);
        let (begin, end) = request.split_at(request.len() - 10);
        peer.write(begin);
        world.turn();
        peer.write(end);
        world.turn();
        peer.write("and more that is of no interest".repeat(20));
        world.hand.advance(Duration::from_secs(10));
        let answer = peer.rest();
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 "), "{}", answer.escape_ascii());
    }
}

/// ADV-04, SEC-01
#[test]
fn too_many_pings_close_with_1008() {
    let pings = Some(Rate { per_second: 1, burst: 10 });
    let world = World::with_limits(Limits { pings, ..Limits::default() });
    let mut peer = world.open();
    for _ in 0..10 {
        peer.send(WireFrame::ping("?"));
        assert_eq!(peer.read(), WireFrame::pong("?"));
    }
    world.hand.advance(Duration::from_secs(1));
    peer.send(WireFrame::ping("?"));
    assert_eq!(peer.read(), WireFrame::pong("?"));
    peer.echo("messages are not Pings");
    peer.send(WireFrame::ping("?"));
    assert_told_1008(&world, &mut peer);
}

/// SEC-01
#[test]
fn a_peer_that_makes_us_keep_too_much_is_told_1008() {
    let connection_memory = Some(100_000);
    let world = World::with_limits(Limits { connection_memory, ..Limits::default() });
    let mut peer = world.open();
    let mut other = world.open();
    peer.send(WireFrame::binary(vec![0; 40_000]).more());
    peer.send(WireFrame::ping("still there?"));
    assert_eq!(peer.read().opcode, 0xA);
    peer.send(WireFrame::continuation(vec![0; 110_000]).more());
    assert_told_1008(&world, &mut peer);
    drop(peer);
    other.echo("well");
    crate::harness::until(|| world.server.retained_bytes() == 0);
}
