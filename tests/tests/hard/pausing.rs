//! While we do not read on purpose nobody is asked and nobody dies, and no time is won by it.

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use ws_core::connection::{Millis, Timing};
use ws_core::frame::CloseCode;
use ws_std::{Limits, Reason};
use ws_tests::WireFrame;

use crate::harness::{Peer, World};

const PATIENT: Timing = Timing { write_within: Millis::seconds(7_200), ..Timing::DEFAULT };

/// A handler that waits for something on another thread, until the test lets go.
struct Blocked {
    held: TcpStream,
}

impl Blocked {
    fn new(peer: &mut Peer) -> Self {
        let gate = TcpListener::bind("127.0.0.1:0").unwrap();
        peer.text(format!("block {}", gate.local_addr().unwrap()));
        Self { held: gate.accept().unwrap().0 }
    }

    fn release(mut self) {
        self.held.write_all(b"!").unwrap();
    }
}

/// BEAT-05
#[test]
fn while_a_handler_blocks_no_ping_is_sent_and_nobody_dies() {
    let world = World::with_timing(Timing::DEFAULT);
    let mut peer = world.open();
    world.turn();
    let blocked = Blocked::new(&mut peer);
    for _ in 0..4 {
        world.pass(Millis::seconds(900));
    }
    blocked.release();
    assert_eq!(peer.read(), WireFrame::text("unblocked"), "no Ping came before this");
    let nonce = peer.expect_ping();
    peer.send(WireFrame::pong(nonce));
    peer.echo("well");
}

/// BEAT-05
#[test]
fn a_pong_that_was_due_is_put_off_by_the_time_of_the_pause_and_no_more() {
    let world = World::with_timing(Timing::DEFAULT);
    let mut peer = world.open();
    world.turn();
    world.pass(Millis::seconds(60));
    peer.expect_ping();
    world.pass(Millis::seconds(4));
    let blocked = Blocked::new(&mut peer);
    world.pass(Millis::seconds(3_600));
    blocked.release();
    assert_eq!(peer.read(), WireFrame::text("unblocked"));
    world.pass(Millis(5_999));
    peer.echo("still there");
    world.pass(Millis(1));
    peer.expect_closed(CloseCode::GOING_AWAY);
    assert!(matches!(world.ended().reason, Reason::HeartbeatTimeout));
}

/// BEAT-05
#[test]
fn what_arrived_while_the_handler_blocked_is_told_in_order_afterwards() {
    let world = World::with_timing(Timing::DEFAULT);
    let mut peer = world.open();
    let blocked = Blocked::new(&mut peer);
    for number in 0..100 {
        peer.text(number.to_string());
    }
    world.turn();
    blocked.release();
    assert_eq!(peer.read(), WireFrame::text("unblocked"));
    for number in 0..100 {
        assert_eq!(peer.read(), WireFrame::text(number.to_string()));
    }
}

/// BEAT-05, ADV-03
#[test]
fn while_too_much_waits_for_a_peer_no_ping_is_sent_and_it_does_not_die() {
    let limits = Limits { outbox_limit: 64 << 20, ..Limits::default() };
    let world = World::new(|builder| builder.timing(PATIENT).limits(limits));
    let mut peer = world.open();
    peer.text("send 20 1000000");
    world.turn();
    world.pass(Millis::seconds(3_600));
    for number in 0..20_u32 {
        let frame = read_whole(&mut peer);
        assert_eq!(frame[..4], number.to_be_bytes(), "no Ping came before this");
    }
    world.turn();
    let nonce = peer.expect_ping();
    peer.send(WireFrame::pong(nonce));
    peer.echo("well");
}

/// BEAT-05: the Ping goes before the messages that wait, and its clock begins when it has left.
#[test]
fn a_full_outbox_delays_no_ping_and_the_clock_runs_from_its_last_byte() {
    let limits = Limits { outbox_limit: 64 << 20, outbox_high: 64 << 20, ..Limits::default() };
    let world = World::new(|builder| builder.timing(PATIENT).limits(limits));
    let mut peer = world.open();
    peer.text("send 40 250000");
    world.turn();
    world.pass(Millis::seconds(60));
    world.pass(Millis::seconds(3_600));
    let mut before = 0;
    while peer.read().opcode != 0x9 {
        before += 1;
    }
    assert!((1..40).contains(&before), "{before} of 40 messages came before the Ping");
    for _ in before..40 {
        assert_eq!(peer.read().payload.len(), 250_000);
    }
    world.pass(Millis(9_999));
    peer.echo("still there");
    world.pass(Millis(1));
    peer.expect_closed(CloseCode::GOING_AWAY);
}

/// A message that came in several frames; nothing but its frames comes before its end.
fn read_whole(peer: &mut Peer) -> Vec<u8> {
    let mut frame = peer.read();
    assert_eq!(frame.opcode, 0x2, "{:?}", frame.opcode);
    let mut payload = std::mem::take(&mut frame.payload);
    while !frame.fin {
        frame = peer.read();
        assert_eq!(frame.opcode, 0x0);
        payload.extend_from_slice(&frame.payload);
    }
    payload
}
