//! Who comes in: how many, how often, and with how long a head.

use std::time::Duration;

use ws_core::connection::Millis;
use ws_std::http::{Response, Routes};
use ws_std::{Limits, Rate, Request, Threads, Trusted};
use ws_tests::WireFrame;

use crate::harness::{Peer, REQUEST, WITHOUT_PINGS, World, until};

/// Asks for a WebSocket, and tells the response.
fn ask(world: &World, request: impl AsRef<[u8]>) -> (Peer, String) {
    let mut peer = Peer::connect(world.address);
    peer.write(request);
    let response = peer.head();
    (peer, response)
}

fn assert_turned_away(response: &str, status: &str) {
    assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
    assert!(response.contains("\r\nRetry-After: 5\r\n"), "{response}");
}

/// ADV-02
#[test]
fn beyond_the_cap_a_client_is_told_503_until_someone_leaves() {
    for threads in [Threads::Fixed(1), Threads::Fixed(2), Threads::PerConnection] {
        let limits = Limits { connections: Some(3), ..Limits::default() };
        let world = World::new(|builder| builder.limits(limits).threads(threads));
        let mut peers: Vec<_> = (0..3).map(|_| world.open()).collect();
        for _ in 0..5 {
            assert_turned_away(&ask(&world, REQUEST).1, "503");
        }
        peers.iter_mut().for_each(|peer| peer.echo("well"));
        drop(peers.pop());
        until(|| ask(&world, REQUEST).1.starts_with("HTTP/1.1 101 "));
        assert!(world.server.metrics().snapshot().over_cap >= 5);
    }
}

/// ADV-02: those who are told so do not take the room of those who are served.
#[test]
fn one_who_was_turned_away_and_stays_keeps_nobody_out() {
    let limits = Limits { connections: Some(2), ..Limits::default() };
    let world = World::with_limits(limits);
    let mut stays = world.open();
    let leaves = world.open();
    let turned_away: Vec<_> = (0..10).map(|_| ask(&world, REQUEST)).collect();
    turned_away.iter().for_each(|(_, response)| assert_turned_away(response, "503"));
    drop(leaves);
    until(|| ask(&world, REQUEST).1.starts_with("HTTP/1.1 101 "));
    stays.echo("well");
}

/// ADV-02, SEC-01: a storm over the cap is dropped without a word.
#[test]
fn of_a_crowd_over_the_cap_most_are_dropped_at_the_door() {
    let limits = Limits { connections: Some(1), ..Limits::default() };
    let world = World::with_limits(limits);
    let mut served = world.open();
    // They connect and say nothing, so that none of them leaves.
    let mut crowd: Vec<_> = (0..200).map(|_| Peer::connect(world.address)).collect();
    until(|| world.server.metrics().snapshot().accepted == 201);
    served.echo("well");
    let counts = world.server.metrics().snapshot();
    assert_eq!((counts.over_cap, counts.dropped_at_the_door), (64, 136));
    assert_eq!(world.server.connections(), 65);
    for peer in &mut crowd[64..] {
        assert_eq!(peer.rest(), b"");
    }
    world.hand.advance(Duration::from_secs(10));
    for peer in &mut crowd {
        assert_eq!(peer.rest(), b"");
    }
    until(|| world.server.connections() == 1);
    served.echo("well");
}

/// ADV-04
#[test]
fn beyond_the_number_for_one_address_a_client_is_told_429_until_one_leaves() {
    let limits = Limits { per_address: Some(2), ..Limits::default() };
    let world = World::with_limits(limits);
    let mut first = world.open();
    let second = world.open();
    let (_stays, response) = ask(&world, REQUEST);
    assert_turned_away(&response, "429");
    assert_turned_away(&ask(&world, REQUEST).1, "429");
    drop(second);
    until(|| ask(&world, REQUEST).1.starts_with("HTTP/1.1 101 "));
    first.echo("well");
    assert!(world.server.metrics().snapshot().over_per_address >= 2);
}

/// ADV-04
#[test]
fn who_connects_too_often_is_told_429_until_time_has_passed() {
    let accepts = Some(Rate { per_second: 1, burst: 3 });
    let world = World::with_limits(Limits { accepts, ..Limits::default() });
    for _ in 0..3 {
        drop(world.open());
    }
    assert_turned_away(&ask(&world, REQUEST).1, "429");
    world.hand.advance(Duration::from_millis(999));
    assert_turned_away(&ask(&world, REQUEST).1, "429");
    world.hand.advance(Duration::from_millis(1));
    drop(world.open());
    assert_turned_away(&ask(&world, REQUEST).1, "429");
    assert_eq!(world.server.metrics().snapshot().over_rate, 3);
}

/// ADV-04
#[test]
fn when_all_together_connect_too_often_they_are_told_429() {
    let accepts_in_all = Some(Rate { per_second: 1, burst: 2 });
    let world = World::with_limits(Limits { accepts_in_all, ..Limits::default() });
    for _ in 0..2 {
        drop(world.open());
    }
    assert_turned_away(&ask(&world, REQUEST).1, "429");
    world.hand.advance(Duration::from_secs(1));
    drop(world.open());
    assert_eq!(world.server.metrics().snapshot().over_rate, 1);
}

/// ADV-04, SEC-01: who opens no WebSocket connects all the same.
#[test]
fn connecting_in_vain_counts_too() {
    let accepts = Some(Rate { per_second: 1, burst: 3 });
    let world = World::with_limits(Limits { accepts, ..Limits::default() });
    for _ in 0..3 {
        let (_, response) = ask(&world, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(response.starts_with("HTTP/1.1 426 "), "{response}");
    }
    assert_turned_away(&ask(&world, REQUEST).1, "429");
}

/// SEC-01
#[test]
fn where_memory_is_full_a_new_client_is_told_503_and_the_old_ones_are_served() {
    let limits = Limits { server_memory: Some(100_000), ..Limits::default() };
    let world = World::with_limits(limits);
    let mut greedy = world.open();
    let mut modest = world.open();
    greedy.send(WireFrame::binary(vec![1; 150_000]).more());
    until(|| world.server.retained_bytes() >= 150_000);
    assert_turned_away(&ask(&world, REQUEST).1, "503");
    modest.echo("well");
    greedy.send(WireFrame::continuation("."));
    assert_eq!(greedy.read().payload.len(), 150_001);
    until(|| world.server.retained_bytes() == 0);
    drop(world.open());
}

/// PROTO-08, SEC-01
#[test]
fn a_head_has_as_many_bytes_and_fields_as_allowed_and_no_more() {
    let limits = Limits { head: 1_000, fields: 10, ..Limits::default() };
    let world = World::with_limits(limits);
    let with = |fields: &str| REQUEST.replace("\r\n\r\n", &format!("\r\n{fields}\r\n"));
    let padded = |len: usize| {
        let padding = len - with("X: \r\n").len();
        with(&format!("X: {}\r\n", "x".repeat(padding)))
    };
    let status = |request: String| ask(&world, request).1.split(' ').nth(1).unwrap().to_owned();
    assert_eq!(status(padded(1_000)), "101");
    assert_eq!(status(padded(1_001)), "431");
    assert_eq!(status(with(&"X: y\r\n".repeat(5))), "101");
    assert_eq!(status(with(&"X: y\r\n".repeat(6))), "431");
    assert_eq!(status(REQUEST.replace("GET /", &format!("GET /{}", "x".repeat(1_000)))), "414");
    world.pass(Millis(1));
}

/// PROTO-08, SEC-01: the answer survives a client that is still sending.
#[test]
fn a_head_without_end_is_answered_and_then_cut() {
    let world = World::with_timing(WITHOUT_PINGS);
    let mut peer = Peer::connect(world.address);
    peer.write("GET / HTTP/1.1\r\n");
    let mut result = Ok(());
    for _ in 0..40 {
        use std::io::Write;
        let line = format!("X: {}\r\n", "x".repeat(1_000));
        result = result.and_then(|()| peer.stream.write_all(line.as_bytes()));
    }
    assert!(peer.head().starts_with("HTTP/1.1 431 "));
    assert!(world.server.retained_bytes() <= 64 << 10);
}

/// SERVE-05: a client that sends all it has before it reads anything.
#[test]
fn a_large_response_waits_for_a_client_that_is_still_sending() {
    let page = vec![b'x'; 16 << 20];
    let routes = Routes::default().otherwise(move |_| Some(Response::ok(page.clone())));
    let world = World::new(|builder| builder.routes(routes).timing(WITHOUT_PINGS));
    let mut peer = Peer::connect(world.address);
    let body = vec![b'y'; 12 << 20];
    peer.write(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len()));
    peer.write(&body);
    assert!(peer.head().starts_with("HTTP/1.1 200 "));
    assert_eq!(peer.rest().len(), 16 << 20);
}

/// SERVE-05
#[test]
fn a_route_is_told_where_the_client_is_if_a_trusted_proxy_says_so() {
    let ip = |request: &Request<'_>| request.client_ip().unwrap().to_string();
    let routes = Routes::default().otherwise(move |request| Some(Response::text(ip(request))));
    let world = World::new(|builder| builder.routes(routes).trust(Trusted::loopback()));
    let mut peer = Peer::connect(world.address);
    peer.write("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n");
    assert!(peer.head().starts_with("HTTP/1.1 200 "));
    assert_eq!(peer.rest(), b"203.0.113.7");
}
