//! Pings, and those who do not answer them.

use ws_core::connection::{Millis, Timing};
use ws_core::frame::CloseCode;
use ws_std::{By, Reason};
use ws_tests::WireFrame;

use crate::harness::{Peer, World, until};

/// Every 30 s, and the first up to twice that; a Pong within 10 s.
const TIMING: Timing = Timing::DEFAULT;

fn world() -> (World, Peer) {
    let world = World::with_timing(TIMING);
    let peer = world.open();
    world.turn();
    (world, peer)
}

/// Lets time pass until the first Ping must have left, and takes it.
fn first_ping(world: &World, peer: &mut Peer) -> Vec<u8> {
    world.pass(Millis::seconds(60));
    peer.expect_ping()
}

/// BEAT-01
#[test]
fn the_first_ping_comes_within_one_to_two_intervals() {
    let (world, mut peer) = world();
    world.pass(Millis(29_999));
    peer.echo("no Ping came before this");
    world.pass(Millis(30_001));
    assert_eq!(peer.expect_ping().len(), 8);
}

/// BEAT-01
#[test]
fn connections_that_opened_together_do_not_ping_together() {
    let world = World::with_timing(TIMING);
    let mut peers: Vec<_> = (0..32).map(|_| world.open()).collect();
    world.turn();
    world.pass(Millis(45_000));
    // An echo tells who has been asked: the Ping comes before it.
    let asked = peers.iter_mut().filter_map(|peer| {
        peer.text("?");
        (peer.read().opcode == 0x9).then_some(())
    });
    let asked = asked.count();
    assert!((4..=28).contains(&asked), "{asked} of 32 were asked in the first half");
}

/// BEAT-01
#[test]
fn the_next_ping_comes_one_interval_after_the_pong() {
    let (world, mut peer) = world();
    let mut nonce = first_ping(&world, &mut peer);
    for _ in 0..3 {
        peer.send(WireFrame::pong(&nonce));
        peer.echo("the Pong has arrived");
        world.pass(Millis(29_999));
        peer.echo("no Ping came before this");
        world.pass(Millis(1));
        let next = peer.expect_ping();
        assert_ne!(next, nonce, "a nonce is used once");
        nonce = next;
    }
}

/// BEAT-04
#[test]
fn who_does_not_answer_in_time_is_told_1001_and_dropped() {
    let (world, mut peer) = world();
    first_ping(&world, &mut peer);
    world.pass(Millis(9_999));
    peer.echo("still there");
    world.pass(Millis(1));
    peer.expect_closed(CloseCode::GOING_AWAY);
    let ended = world.ended();
    assert!(matches!(ended.reason, Reason::HeartbeatTimeout), "{ended:?}");
    assert_eq!((ended.by, ended.code), (By::Us, CloseCode::GOING_AWAY));
    until(|| world.server.connections() == 0);
}

/// BEAT-03
#[test]
fn a_wrong_nonce_proves_nothing() {
    let (world, mut peer) = world();
    let mut nonce = first_ping(&world, &mut peer);
    nonce[7] ^= 1;
    peer.send(WireFrame::pong(&nonce));
    peer.send(WireFrame::pong(""));
    peer.echo("the Pongs have arrived");
    world.pass(Millis(10_000));
    peer.expect_closed(CloseCode::GOING_AWAY);
}

/// BEAT-03
#[test]
fn an_unsolicited_pong_is_legal_and_proves_nothing() {
    let (world, mut peer) = world();
    peer.send(WireFrame::pong("I am alive"));
    peer.echo("the Pong has arrived");
    let nonce = first_ping(&world, &mut peer);
    // Nor does the one of the last time, said again.
    peer.send(WireFrame::pong(&nonce));
    peer.echo("the Pong has arrived");
    world.pass(Millis(30_000));
    peer.expect_ping();
    peer.send(WireFrame::pong(&nonce));
    peer.echo("the Pong has arrived");
    world.pass(Millis(10_000));
    peer.expect_closed(CloseCode::GOING_AWAY);
}

/// BEAT-04: messages prove that the peer can send, not that it hears us.
#[test]
fn messages_do_not_stand_for_a_pong() {
    let (world, mut peer) = world();
    first_ping(&world, &mut peer);
    for _ in 0..9 {
        world.pass(Millis(1_000));
        peer.echo("still there");
    }
    world.pass(Millis(1_000));
    peer.expect_closed(CloseCode::GOING_AWAY);
}

/// BEAT-04
#[test]
fn one_pong_may_be_missed_where_two_are_death() {
    let world = World::with_timing(Timing { pongs_missed: 2, ..TIMING });
    let mut peer = world.open();
    world.turn();
    let nonce = first_ping(&world, &mut peer);
    world.pass(Millis(10_000));
    assert_eq!(peer.expect_ping(), nonce, "asked again, in the same words");
    world.pass(Millis(9_999));
    peer.send(WireFrame::pong(&nonce));
    peer.echo("the Pong has arrived");
    // The count begins anew.
    world.pass(Millis(30_000));
    peer.expect_ping();
    world.pass(Millis(10_000));
    peer.expect_ping();
    world.pass(Millis(10_000));
    peer.expect_closed(CloseCode::GOING_AWAY);
    assert!(matches!(world.ended().reason, Reason::HeartbeatTimeout));
}

/// BEAT-05
#[test]
fn a_peer_in_the_middle_of_a_frame_is_asked_and_can_answer_later() {
    let (world, mut peer) = world();
    world.pass(Millis(29_000));
    let frame = crate::harness::masked(WireFrame::binary("in two parts"));
    peer.write(&frame[..9]);
    world.pass(Millis(31_000));
    let nonce = peer.expect_ping();
    peer.write(&frame[9..]);
    assert_eq!(peer.read(), WireFrame::binary("in two parts"));
    peer.send(WireFrame::pong(nonce));
    peer.echo("well");
}

/// BEAT-05
#[test]
fn a_peer_that_goes_silent_within_a_frame_dies_on_time() {
    let (world, mut peer) = world();
    world.pass(Millis(29_000));
    peer.write(&crate::harness::masked(WireFrame::binary("half"))[..7]);
    world.turn();
    world.pass(Millis(31_000));
    peer.expect_ping();
    world.pass(Millis(10_000));
    peer.expect_closed(CloseCode::GOING_AWAY);
    assert!(matches!(world.ended().reason, Reason::HeartbeatTimeout));
}

/// BEAT-05
#[test]
fn a_pong_between_the_frames_of_a_message_counts() {
    let (world, mut peer) = world();
    world.pass(Millis(29_000));
    peer.send(WireFrame::binary("one").more());
    world.pass(Millis(31_000));
    let nonce = peer.expect_ping();
    peer.send(WireFrame::pong(nonce));
    peer.send(WireFrame::continuation(" two").more());
    world.pass(Millis(20_000));
    peer.send(WireFrame::continuation(" three"));
    assert_eq!(peer.read(), WireFrame::binary("one two three"));
}

/// BEAT-05: the Pong lay in the socket while we slept.
#[test]
fn a_shard_that_was_stalled_reads_before_it_judges() {
    let (world, mut peer) = world();
    let nonce = first_ping(&world, &mut peer);
    stall(&world, &mut peer, |peer| peer.send(WireFrame::pong(&nonce)));
    peer.echo("not dead");
}

/// BEAT-05
#[test]
fn a_pong_behind_many_messages_is_found_before_the_peer_is_judged() {
    let (world, mut peer) = world();
    let nonce = first_ping(&world, &mut peer);
    stall(&world, &mut peer, |peer| {
        let frame = crate::harness::masked(WireFrame::binary(vec![0; 1_000]));
        for _ in 0..40 {
            peer.write(&frame);
        }
        peer.send(WireFrame::pong(&nonce));
    });
    for _ in 0..40 {
        assert_eq!(peer.read().payload.len(), 1_000);
    }
    peer.echo("not dead");
}

/// While the shard's only thread is held up by another connection's closing, the client does
/// something, and then an hour has passed.
fn stall(world: &World, peer: &mut Peer, meanwhile: impl FnOnce(&mut Peer)) {
    let gate = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut other = world.open();
    other.text(format!("hold {}", gate.local_addr().unwrap()));
    let (held, _) = gate.accept().unwrap();
    meanwhile(peer);
    world.hand.advance(std::time::Duration::from_secs(3600));
    drop(held);
}

/// BEAT-06
#[test]
fn the_round_trip_is_measured() {
    let (world, mut peer) = world();
    peer.text("round-trip");
    assert_eq!(peer.read(), WireFrame::text("None"));
    let nonce = first_ping(&world, &mut peer);
    world.pass(Millis(80));
    peer.send(WireFrame::pong(nonce));
    peer.text("round-trip");
    assert_eq!(peer.read(), WireFrame::text("Some((80, 80))"));
    world.pass(Millis(30_000));
    let nonce = peer.expect_ping();
    world.pass(Millis(160));
    peer.send(WireFrame::pong(nonce));
    peer.text("round-trip");
    assert_eq!(peer.read(), WireFrame::text("Some((160, 90))"));
}

/// BEAT-02
#[test]
fn a_ping_is_answered_with_its_payload_also_within_a_message() {
    let (_world, mut peer) = world();
    peer.send(WireFrame::binary("a").more());
    peer.send(WireFrame::ping("are you there"));
    assert_eq!(peer.read(), WireFrame::pong("are you there"));
    peer.send(WireFrame::continuation("b"));
    assert_eq!(peer.read(), WireFrame::binary("ab"));
}
