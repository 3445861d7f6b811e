//! Connections without TLS: at rest, and in a storm.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use ws_core::connection::{Millis, Timing};
use ws_std::{Clock, Hand, Limits, Server, Threads};
use ws_tests::WireFrame;
use ws_tests::counting::live;

use crate::harness::{Peer, REQUEST, alone, connect, masked, turn, until};

/// What a connection at rest may cost on the heap.
const MOST_AT_REST: usize = 700;

/// So many are at rest at once: what grows by doubling is full then.
const RESTING: usize = 512;

/// What one connection may make the server keep.
const BUDGET: usize = 1 << 20;

/// How many connections.
const CROWD: usize = 300;

/// SEC-01, ACTOR-07
#[test]
fn what_a_storm_takes_is_counted_bounded_and_given_back() {
    let _alone = alone();
    let (server, hand) = serve();
    let address = server.address().unwrap();
    turn(address);
    rests(&server, &hand, address);
    // What is made once, and kept for the next: lists that grow to the number of connections.
    for _ in 0..2 {
        storm(&server, address);
        gone(&server, &hand, address);
    }
    let before = live();
    for round in 0..3 {
        storm(&server, address);
        gone(&server, &hand, address);
        let after = live();
        println!("round {round}: {before} B before, {after} B after");
        assert!(after.abs_diff(before) < 16 << 10, "{before} B before, {after} B after");
    }

    let empty = live();
    drop(server);
    println!("{} B were the server's own", empty - live());
}

/// Connections at rest, in a server that had none before: their places count too.
fn rests(server: &Server, hand: &Hand, address: SocketAddr) {
    let before = live();
    let crowd: Vec<_> = (0..RESTING).map(|_| Peer::open(address).stream).collect();
    turn(address);
    let each = (live() - before - size_of_val(&*crowd)) / RESTING;
    println!("{each} B of heap for each of {RESTING} open connections at rest");
    assert!(each <= MOST_AT_REST, "{each} B");
    assert_eq!(server.retained_bytes(), 0, "they make us keep nothing beyond themselves");
    drop(crowd);
    gone(server, hand, address);
}

fn serve() -> (Server, Hand) {
    let (clock, hand) = Clock::manual();
    let limits = Limits {
        outbox_limit: 100_000,
        outbox_high: 50_000,
        connection_memory: Some(BUDGET),
        ..Limits::default()
    };
    // A text asks for so many bytes; anything else is dropped.
    let handler = ws_std::on_message(|ctx, message| {
        if let Some(len) = message.text().and_then(|text| text.parse().ok()) {
            for _ in 0..40 {
                ctx.send(&vec![0; len]);
            }
        }
    });
    let server = Server::builder(handler).listen("127.0.0.1:0").unwrap().clock(clock);
    let timing = Timing { write_within: Millis::seconds(7_200), ..Timing::DEFAULT };
    (server.limits(limits).timing(timing).threads(Threads::Fixed(1)).start().unwrap(), hand)
}

/// Many connections, and each has left something unfinished.
fn storm(server: &Server, address: SocketAddr) {
    let before = live();
    let mut begun = Vec::with_capacity(CROWD);
    let mut kept = 0;
    for number in 0..CROWD {
        let mut peer = match number % 6 {
            // Half a head.
            0 => connect(address),
            _ => Peer::open(address).stream,
        };
        let half = masked(WireFrame::binary(vec![7; 30_000]));
        match number % 6 {
            0 => {
                peer.write_all(&REQUEST.as_bytes()[..100]).unwrap();
                kept += 100;
            }
            // Part of a header.
            1 => {
                peer.write_all(&half[..3]).unwrap();
                kept += 3;
            }
            // Half a frame.
            2 => {
                peer.write_all(&half[..15_000]).unwrap();
                kept += 15_000 - 8;
            }
            // Half a message.
            3 => {
                peer.write_all(&masked(WireFrame::binary(vec![7; 20_000]).more())).unwrap();
                kept += 20_000;
            }
            // Much is announced, little comes.
            4 => {
                let huge = WireFrame::binary([7; 100]).claiming(16 << 20);
                peer.write_all(&masked(huge)).unwrap();
                kept += 100;
            }
            // It asks for much, and reads nothing.
            _ => peer.write_all(&masked(WireFrame::text("250000"))).unwrap(),
        }
        begun.push(peer);
    }
    until(|| server.retained_bytes() >= kept);
    turn(address);
    let (retained, live) = (server.retained_bytes(), live() - before - size_of_val(&*begun));
    println!("{CROWD} connections: {retained} B counted, {live} B of heap");
    assert!(retained <= CROWD * BUDGET);
    let resting = CROWD * MOST_AT_REST;
    assert!(live <= retained + resting, "{live} B of heap, {retained} B counted");
    assert!(retained <= live + live / 2, "{live} B of heap, {retained} B counted");
}

/// Waits until all have left, and the turn in which they did has ended.
fn gone(server: &Server, hand: &Hand, address: SocketAddr) {
    until(|| server.connections() == 0);
    turn(address);
    until(|| server.connections() == 0);
    hand.advance(Duration::from_millis(1));
    turn(address);
    until(|| server.connections() == 0);
    assert_eq!(server.retained_bytes(), 0);
}
