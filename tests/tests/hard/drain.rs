//! The server goes, and says so to everybody.

use std::net::Shutdown;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ws_core::connection::{Millis, Timing};
use ws_core::frame::CloseCode;
use ws_std::{Drain, Drained, Hand, Reason, State, Threads};
use ws_tests::WireFrame;

use crate::harness::{GUARD, Peer, REQUEST, Told, WITHOUT_PINGS, World, connect, until};

const TEN_SECONDS: Drain = Drain {
    lame: Duration::ZERO,
    window: Duration::from_secs(10),
    deadline: Duration::from_secs(20),
};

const AT_ONCE: Drain = Drain { window: Duration::ZERO, ..TEN_SECONDS };

fn world() -> World {
    World::with_timing(WITHOUT_PINGS)
}

/// A drain that goes on while the test does something else.
struct Going {
    hand: Hand,
    report: mpsc::Receiver<Drained>,
}

impl Going {
    /// When this returns the server has begun to drain.
    fn new(world: World, how: Drain) -> (Self, mpsc::Receiver<Told>) {
        let World { server, hand, told, .. } = world;
        let (tell, report) = mpsc::channel();
        let metrics = server.metrics().clone();
        thread::spawn(move || tell.send(server.drain(how)));
        let asks = |text: &str| text.contains("\nws_state 3\n") || text.contains("\nws_state 4\n");
        until(|| asks(&metrics.render()));
        (Self { hand, report }, told)
    }

    fn pass(&self, millis: u64) {
        self.hand.advance(Duration::from_millis(millis));
    }

    fn report(self) -> Drained {
        self.report.recv_timeout(GUARD).expect("the drain ends")
    }
}

/// Reads the drain's Close, and says what it said.
fn asked_to_go(peer: &mut Peer) -> String {
    let frame = peer.read();
    assert_eq!(frame.close_code(), Some(CloseCode::RESTART), "{frame:?}");
    String::from_utf8(frame.payload[2..].to_vec()).unwrap()
}

/// Answers the drain's Close.
fn go(peer: &mut Peer) {
    asked_to_go(peer);
    answer(peer);
}

fn answer(peer: &mut Peer) {
    peer.send(WireFrame::close(CloseCode::RESTART, ""));
    assert_eq!(peer.frame(), None);
    let _gone = peer.stream.shutdown(Shutdown::Both);
}

/// Whether it has been asked to go by now.
fn is_asked(peer: &mut Peer) -> bool {
    peer.send(WireFrame::ping("?"));
    let frame = peer.read();
    match frame.opcode {
        0xA => false,
        _ => {
            assert_eq!(frame.close_code(), Some(CloseCode::RESTART));
            assert_eq!(peer.read().opcode, 0xA);
            true
        }
    }
}

/// SERVE-06
#[test]
fn states_come_in_order_and_a_lame_server_still_accepts() {
    let world = world();
    let mut first = world.open();
    assert_eq!(world.server.state(), State::Running);
    world.server.stopper().drain(Drain { lame: Duration::from_secs(10), ..TEN_SECONDS });
    assert_eq!(world.server.state(), State::Lame);
    world.pass(Millis(9_999));
    let mut second = world.open();
    second.echo("served");
    first.echo("served");
    assert_eq!(world.server.state(), State::Lame);
    world.hand.advance(Duration::from_secs(11));
    for peer in [&mut first, &mut second] {
        asked_to_go(peer);
    }
    assert_eq!(world.server.state(), State::Draining);
    for peer in [&mut first, &mut second] {
        answer(peer);
    }
    let address = world.address;
    world.server.join().unwrap();
    assert!(std::net::TcpStream::connect(address).is_err(), "nobody listens any more");
}

/// SERVE-06
#[test]
fn closes_are_spread_over_the_window_and_those_silent_longest_go_first() {
    let close_within = Millis::seconds(60);
    let world = World::with_timing(Timing { close_within, ..WITHOUT_PINGS });
    let mut peers: Vec<_> = (0..10).map(|_| world.open()).collect();
    // The last to open is the first to fall silent.
    peers.reverse();
    for peer in &mut peers {
        world.pass(Millis(2_000));
        peer.echo("the last words");
    }
    let mut witness = world.open();
    let (going, _told) =
        Going::new(world, Drain { window: Duration::from_secs(11), ..TEN_SECONDS });
    let mut asked = 0;
    for second in 1..=10 {
        going.pass(1_000);
        // So that the turn in which they were asked has ended.
        for _ in 0..3 {
            witness.echo("a turn");
        }
        let gone: Vec<_> = peers[asked..].iter_mut().map(is_asked).collect();
        let count = gone.iter().filter(|gone| **gone).count();
        assert!(gone[..count].iter().all(|gone| *gone), "out of order: {gone:?}");
        asked += count;
        assert_eq!(asked, second, "one a second");
    }
    peers.iter_mut().for_each(answer);
    going.pass(1_000);
    go(&mut witness);
    assert_eq!(going.report().closed, 11);
}

/// SERVE-06
#[test]
fn who_is_asked_to_go_is_told_when_to_come_back() {
    let world = world();
    let mut peers: Vec<_> = (0..8).map(|_| world.open()).collect();
    let (going, told) = Going::new(world, AT_ONCE);
    for peer in &mut peers {
        let text = asked_to_go(peer);
        let seconds = text.strip_prefix("retry in ").and_then(|text| text.strip_suffix(" s"));
        let seconds: u32 = seconds.unwrap().parse().unwrap();
        assert!((1..=10).contains(&seconds), "{text}");
        answer(peer);
    }
    let report = going.report();
    assert_eq!((report.closed, report.cut, report.gone), (8, 0, 0));
    let ended = told.iter().filter(|told| match told {
        Told::Closed(ended) => matches!(ended.reason, Reason::Draining),
        _ => false,
    });
    assert_eq!(ended.count(), 8);
}

/// SERVE-06
#[test]
fn the_report_counts_everybody_once() {
    let world = world();
    let [mut answers, mut also, mut is_mute, mut vanishes] = [(); 4].map(|()| world.open());
    let mut closes_early = world.open();
    let mut vanishes_early = world.open();
    let mut was_closing = world.open();
    was_closing.text("close");
    assert_eq!(was_closing.read().close_code(), Some(CloseCode::NORMAL));
    // Those who go by themselves are asked last.
    world.pass(Millis(2_000));
    for peer in [&mut closes_early, &mut vanishes_early] {
        peer.echo("not idle");
    }
    was_closing.send(WireFrame::pong("nor is this one"));
    world.turn();
    let (going, told) = Going::new(world, TEN_SECONDS);
    going.pass(1);
    closes_early.send(WireFrame::close(CloseCode::NORMAL, ""));
    assert_eq!(closes_early.read().close_code(), Some(CloseCode::NORMAL));
    drop(closes_early);
    drop(vanishes_early);
    let ended = told.iter().filter(|told| matches!(told, Told::Closed(_)));
    assert_eq!(ended.take(2).count(), 2);
    going.pass(9_999);
    for peer in [&mut answers, &mut also] {
        go(peer);
    }
    asked_to_go(&mut vanishes);
    drop(vanishes);
    asked_to_go(&mut is_mute);
    going.pass(5_000);
    assert_eq!(is_mute.frame(), None);
    let report = going.report();
    assert_eq!((report.closed, report.cut, report.gone), (2, 2, 3), "{report:?}");
}

/// SERVE-06
#[test]
fn one_who_is_closing_when_its_turn_comes_goes_by_itself() {
    let world = world();
    let mut peer = world.open();
    peer.text("close");
    assert_eq!(peer.read().close_code(), Some(CloseCode::NORMAL));
    let mut witness = world.open();
    let (going, _told) = Going::new(world, AT_ONCE);
    go(&mut witness);
    answer(&mut peer);
    let report = going.report();
    assert_eq!((report.closed, report.cut, report.gone), (1, 0, 1), "{report:?}");
}

/// SERVE-06
#[test]
fn at_the_deadline_whoever_is_left_is_cut() {
    let world = world();
    let mut peers: Vec<_> = (0..3).map(|_| world.open()).collect();
    let how = Drain { deadline: Duration::from_secs(3), ..AT_ONCE };
    let (going, _told) = Going::new(world, how);
    for peer in &mut peers {
        asked_to_go(peer);
    }
    going.pass(3_000);
    for peer in &mut peers {
        assert_eq!(peer.frame(), None);
    }
    let report = going.report();
    assert_eq!((report.closed, report.cut, report.gone), (0, 3, 0), "{report:?}");
}

/// SERVE-06: who has not been asked by the deadline is told something all the same.
#[test]
fn a_deadline_before_the_windows_end_leaves_nobody_without_a_close() {
    let world = world();
    let mut peers: Vec<_> = (0..10).map(|_| world.open()).collect();
    let how = Drain { window: Duration::from_secs(100), ..TEN_SECONDS };
    let (going, _told) = Going::new(world, how);
    going.pass(20_000);
    for peer in &mut peers {
        let code = peer.read().close_code();
        assert!(matches!(code, Some(CloseCode::RESTART | CloseCode::GOING_AWAY)), "{code:?}");
        assert_eq!(peer.frame(), None);
    }
    assert_eq!(going.report().cut, 10);
}

/// SERVE-06, ADV-02
#[test]
fn a_handshake_that_ends_while_the_server_drains_is_told_503() {
    let world = world();
    let mut stays = world.open();
    let mut late = Peer::connect(world.address);
    late.write(&REQUEST[..REQUEST.len() - 4]);
    world.turn();
    let (going, _told) = Going::new(world, AT_ONCE);
    asked_to_go(&mut stays);
    late.write("\r\n\r\n");
    let response = late.head();
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    assert!(response.contains("Retry-After: "), "{response}");
    drop(late);
    answer(&mut stays);
    assert_eq!(going.report().closed, 1);
}

/// SERVE-06: the peer sent them before it could know.
#[test]
fn messages_in_flight_when_the_close_leaves_are_still_handled() {
    let world = world();
    let mut peer = world.open();
    peer.send(WireFrame::text("first half,").more());
    world.turn();
    let (going, told) = Going::new(world, AT_ONCE);
    asked_to_go(&mut peer);
    peer.send(WireFrame::continuation(" second half"));
    peer.text("one more");
    answer(&mut peer);
    assert_eq!(going.report().closed, 1);
    let messages: Vec<_> = told
        .iter()
        .filter_map(|told| match told {
            Told::Message(bytes) => Some(String::from_utf8(bytes).unwrap()),
            _ => None,
        })
        .collect();
    assert_eq!(messages, ["first half, second half", "one more"]);
}

/// SERVE-06: what was sent before the Close arrives before it.
#[test]
fn what_waits_for_a_slow_reader_arrives_before_the_close() {
    let limits = ws_std::Limits { outbox_limit: 64 << 20, ..ws_std::Limits::default() };
    let world = World::with_limits(limits);
    let mut peer = world.open();
    peer.text("send 40 250000");
    world.turn();
    let (going, _told) = Going::new(world, AT_ONCE);
    going.pass(1);
    for number in 0..40_u32 {
        assert_eq!(peer.read().payload[..4], number.to_be_bytes());
    }
    go(&mut peer);
    assert_eq!(going.report().closed, 1);
}

/// SERVE-06
#[test]
fn one_thread_per_connection_drains_too() {
    let world = World::new(|builder| builder.threads(Threads::PerConnection));
    let mut peers: Vec<_> = (0..5).map(|_| world.open()).collect();
    let (going, _told) = Going::new(world, TEN_SECONDS);
    going.pass(10_000);
    for peer in &mut peers {
        go(peer);
    }
    assert_eq!(going.report().closed, 5);
}

/// SERVE-06
#[test]
fn a_server_without_connections_drains_at_once_whatever_its_threads() {
    for threads in [Threads::PerConnection, Threads::Fixed(1), Threads::Fixed(3)] {
        let world = World::new(|builder| builder.threads(threads));
        let (going, _told) = Going::new(world, TEN_SECONDS);
        assert_eq!(going.report(), Drained::default(), "{threads:?}");
    }
}

/// SERVE-06
#[test]
fn several_shards_share_one_report() {
    let world = World::new(|builder| builder.threads(Threads::Fixed(3)));
    let mut peers: Vec<_> = (0..12).map(|_| world.open()).collect();
    let (going, _told) = Going::new(world, AT_ONCE);
    for peer in &mut peers {
        go(peer);
    }
    assert_eq!(going.report().closed, 12);
}

/// SERVE-06
#[test]
fn a_server_that_stops_says_1001_to_everybody() {
    let world = world();
    let mut peers: Vec<_> = (0..5).map(|_| world.open()).collect();
    let silent = connect(world.address);
    until(|| world.server.connections() == 6);
    world.server.stop();
    for peer in &mut peers {
        peer.expect_closed(CloseCode::GOING_AWAY);
    }
    drop(silent);
    let ended = world.told.iter().filter(|told| matches!(told, Told::Closed(_)));
    assert_eq!(ended.count(), 5);
}

/// SERVE-06: who is in a hurry may say so later.
#[test]
fn a_second_drain_counts_nobody_twice() {
    let world = world();
    let mut peer = world.open();
    let stopper = world.server.stopper();
    stopper.drain(AT_ONCE);
    asked_to_go(&mut peer);
    stopper.drain(AT_ONCE);
    for _ in 0..2 {
        peer.send(WireFrame::ping("turn"));
        assert_eq!(peer.read(), WireFrame::pong("turn"));
    }
    peer.send(WireFrame::close(CloseCode::RESTART, ""));
    assert_eq!(peer.frame(), None);
    drop(peer);
    let (going, _told) = Going::new(world, AT_ONCE);
    let report = going.report();
    assert_eq!((report.closed, report.cut, report.gone), (1, 0, 0));
}
