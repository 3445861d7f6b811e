//! Nobody takes for ever: every stage of a connection has an end.

use std::sync::mpsc::TryRecvError;

use ws_core::connection::{Expired, Millis, Timing};
use ws_core::frame::CloseCode;

use ws_std::{By, Limits, Reason};
use ws_tests::WireFrame;

use crate::harness::{Peer, REQUEST, Told, WITHOUT_PINGS, World, masked, until};

fn world() -> World {
    World::with_timing(WITHOUT_PINGS)
}

/// SEC-01: at every stage of the opening handshake.
#[test]
fn a_handshake_that_does_not_end_is_cut_after_ten_seconds() {
    let world = world();
    let begun = ["", "G", "GET / HT", &REQUEST[..60], &REQUEST[..REQUEST.len() - 1]];
    let mut peers = begun.map(|begun| {
        let mut peer = Peer::connect(world.address);
        peer.write(begun);
        peer
    });
    let mut late = Peer::connect(world.address);
    world.turn();
    world.pass(Millis(9_999));
    late.write(REQUEST);
    assert!(late.head().starts_with("HTTP/1.1 101 "), "in the last moment");
    world.pass(Millis(1));
    for peer in &mut peers {
        assert_eq!(peer.rest(), b"", "a client that is late is told nothing");
    }
    late.echo("well");
}

/// SEC-01
#[test]
fn a_byte_every_second_does_not_prolong_a_handshake() {
    let world = world();
    let mut peer = Peer::connect(world.address);
    world.turn();
    for byte in &REQUEST.as_bytes()[..10] {
        peer.write([*byte]);
        world.pass(Millis(1_000));
    }
    assert_eq!(peer.rest(), b"");
}

/// SEC-01, SEC-04
#[test]
fn a_tls_handshake_that_does_not_end_is_cut_after_ten_seconds() {
    let (world, address) = World::with_tls();
    // A record that announces a hello of 512 bytes, and how much of it comes.
    let mut hello = vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3];
    hello.resize(400, 7);
    let mut peers = [0, 3, 7, 400].map(|len| {
        let mut peer = Peer::connect(address);
        peer.write(&hello[..len]);
        peer
    });
    world.turn();
    world.pass(Millis(9_999));
    assert_eq!(world.server.connections().min(4), 4);
    world.pass(Millis(1));
    for peer in &mut peers {
        assert_eq!(peer.rest(), b"");
    }
    until(|| world.server.connections() == 0);
}

/// FRAG-04, SEC-01: wherever the message stops, and however slowly it goes on.
#[test]
fn a_message_must_end_within_a_minute() {
    let world = world();
    let frame = masked(WireFrame::binary("unfinished"));
    let more = masked(WireFrame::binary("unfinished").more());
    let begun = [&frame[..1], &frame[..5], &frame[..9], &more];
    let mut peers = begun.map(|begun| {
        let mut peer = world.open();
        peer.write(begun);
        peer
    });
    let mut in_time = world.open();
    in_time.write(&frame[..9]);
    world.turn();
    world.pass(Millis(30_000));
    peers[3].send(WireFrame::continuation("").more());
    peers[3].send(WireFrame::ping("and control frames do not help"));
    assert_eq!(peers[3].read().opcode, 0xA);
    world.pass(Millis(29_999));
    in_time.write(&frame[9..]);
    assert_eq!(in_time.read(), WireFrame::binary("unfinished"));
    world.pass(Millis(1));
    for peer in &mut peers {
        peer.expect_closed(CloseCode::POLICY);
        let ended = world.ended();
        assert!(matches!(ended.reason, Reason::Expired(Expired::Message)), "{ended:?}");
    }
    in_time.echo("well");
}

/// FRAG-04: the minute is a message's own.
#[test]
fn a_message_that_begins_where_another_ends_has_its_own_minute() {
    let world = world();
    let mut peer = world.open();
    peer.send(WireFrame::binary("a").more());
    for _ in 0..5 {
        world.turn();
        world.pass(Millis(50_000));
        peer.write(
            [masked(WireFrame::continuation("b")), masked(WireFrame::binary("a").more())].concat(),
        );
        assert_eq!(peer.read(), WireFrame::binary("ab"));
    }
}

/// BEAT-05
#[test]
fn an_idle_peer_is_told_1001_where_idleness_has_a_limit() {
    let idle_within = Some(Millis(20_000));
    let world = World::with_timing(Timing { idle_within, ..WITHOUT_PINGS });
    let mut peer = world.open();
    world.turn();
    world.pass(Millis(19_999));
    peer.echo("not idle");
    world.turn();
    world.pass(Millis(19_999));
    peer.send(WireFrame::pong("nor now"));
    world.turn();
    world.pass(Millis(20_000));
    peer.expect_closed(CloseCode::GOING_AWAY);
    let ended = world.ended();
    assert!(matches!(ended.reason, Reason::Expired(Expired::Idle)), "{ended:?}");
    assert_eq!(ended.by, By::Us);
}

/// PROTO-07
#[test]
fn a_peer_that_does_not_answer_our_close_is_dropped_after_five_seconds() {
    let world = world();
    let mut peer = world.open();
    peer.text("close");
    assert_eq!(peer.read().close_code(), Some(CloseCode::NORMAL));
    // What it says instead does not help it. A Ping must be answered "unless it already received a
    // Close frame" (RFC 6455 section 5.5.2).
    peer.text("no");
    peer.send(WireFrame::ping("no"));
    assert_eq!(peer.read(), WireFrame::pong("no"));
    world.pass(Millis(4_999));
    assert_not_ended(&world);
    peer.text("no");
    world.turn();
    world.pass(Millis(1));
    let ended = world.ended();
    assert!(matches!(ended.reason, Reason::Normal), "{ended:?}");
    assert_eq!((ended.by, ended.code), (By::Us, CloseCode::NORMAL));
    assert_eq!(peer.frame(), None);
    until(|| world.server.connections() == 0);
}

/// ADV-03, ACTOR-07
#[test]
fn a_peer_that_never_reads_is_dropped_after_ten_seconds() {
    let limits = Limits { outbox_limit: 64 << 20, ..Limits::default() };
    let world = World::with_limits(limits);
    let mut peer = world.open();
    peer.text("send 20 1000000");
    world.turn();
    world.pass(Millis(9_999));
    assert_not_ended(&world);
    world.pass(Millis(1));
    let ended = world.ended();
    assert!(matches!(ended.reason, Reason::SlowConsumer), "{ended:?}");
    until(|| world.server.connections() == 0);
    assert_eq!(world.server.retained_bytes(), 0);
    assert!(peer.rest().len() < 20_000_000);
}

/// ADV-03
#[test]
fn a_peer_that_reads_slowly_is_not_dropped() {
    let limits = Limits { outbox_limit: 64 << 20, ..Limits::default() };
    let world = World::with_limits(limits);
    let mut peer = world.open();
    peer.text("send 120 200000");
    world.turn();
    for round in 0..12 {
        world.pass(Millis(9_000));
        for number in round * 10..round * 10 + 10_u32 {
            assert_eq!(peer.read().payload[..4], number.to_be_bytes());
        }
        world.turn();
    }
    peer.echo("well");
}

/// PROTO-07: "lingering" has an end, in time and in bytes.
#[test]
fn one_who_stays_after_our_last_word_is_dropped() {
    let world = world();
    let mut peer = world.open();
    peer.write(WireFrame::text("not masked").encode());
    peer.expect_closed(CloseCode::PROTOCOL_ERROR);
    world.pass(Millis(4_999));
    assert_eq!(world.server.connections().min(1), 1);
    world.pass(Millis(1));
    until(|| world.server.connections() == 0);

    let mut talker = world.open();
    talker.write(WireFrame::text("not masked").encode());
    talker.expect_closed(CloseCode::PROTOCOL_ERROR);
    let mut refused = Ok(());
    for _ in 0..100 {
        use std::io::Write;
        refused = refused.and_then(|()| talker.stream.write_all(&[0; 1 << 20]));
    }
    assert!(refused.is_err(), "it could send 100 MiB after the end");
    until(|| world.server.connections() == 0);
}

/// PROTO-08: nor may one who was refused stay.
#[test]
fn one_who_was_refused_is_dropped_after_five_seconds() {
    let world = world();
    let mut peer = Peer::connect(world.address);
    peer.write("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(peer.head().starts_with("HTTP/1.1 4"));
    world.pass(Millis(5_000));
    until(|| world.server.connections() == 0);
}

fn assert_not_ended(world: &World) {
    loop {
        match world.told.try_recv() {
            Ok(Told::Closed(ended)) => panic!("too early: {ended:?}"),
            Ok(_) => {}
            Err(TryRecvError::Empty) => return,
            Err(error) => panic!("{error}"),
        }
    }
}

/// PROTO-07: once we have said Close there is one deadline, whatever the others were.
#[test]
fn a_limit_of_silence_that_is_shorter_does_not_put_off_the_end_of_a_close() {
    let idle_within = Some(Millis::seconds(2));
    let world = World::with_timing(Timing { idle_within, ..WITHOUT_PINGS });
    let mut peer = world.open();
    peer.text("close");
    assert_eq!(peer.read().close_code(), Some(CloseCode::NORMAL));
    world.pass(Millis::seconds(2));
    world.pass(Millis::seconds(3));
    assert!(matches!(world.ended().reason, Reason::Normal));
    assert_eq!(peer.frame(), None);
    until(|| world.server.connections() == 0);
}
