//! Clients that come and go for a long time, while one stays, and the device itself dials.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use ws_core::frame::{Close, CloseCode};
use ws_core::testing::Random;
use ws_embedded_example::{Board, Options};

use super::bench::Bench;
use super::storm::storm;
use super::{clients, dial};

/// How long it takes unless `DEVICE_SOAK_SECONDS` says otherwise.
const SPAN: Duration = Duration::from_secs(10);

/// How many clients come and go at once; one stays, and the small board has a place more.
const GUESTS: u64 = 4;

/// For `DEVICE_SOAK_SECONDS`: connect, talk, drop, repeat, on both sides, with all boards at once. When
/// all are gone, every socket listens and every buffer is home: the exit status tells. EMB-06
#[test]
fn a_soak_loses_neither_sockets_nor_buffers() {
    std::thread::scope(|scope| {
        for board in Board::ALL {
            scope.spawn(move || {
                soak(|dial| Bench::boot(board, Options { port: 0, dial: Some(dial) }));
            });
        }
        soak(|dial| Bench::start(Some(dial)));
    });
}

fn soak(boot: impl Fn(u16) -> Bench) {
    let seconds = std::env::var("DEVICE_SOAK_SECONDS").ok();
    let span = seconds.map_or(SPAN, |text| Duration::from_secs(text.parse().unwrap()));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut bench = boot(listener.local_addr().unwrap().port());
    let begin = Instant::now();
    let goes_on = || begin.elapsed() < span;
    let (visits, calls, readings) = std::thread::scope(|scope| {
        let calls = scope.spawn(|| take_calls(&listener, goes_on));
        let readings = scope.spawn(|| stay(&bench, goes_on));
        let visits = storm(&bench, GUESTS, |_| goes_on());
        (visits, calls.join().unwrap(), readings.join().unwrap())
    });
    let (name, logs) = (bench.name, bench.stop());
    println!(
        "{name}: {} s, {visits} clients came and went, one stayed for {readings} readings, \
         {calls} calls were taken; {logs}",
        begin.elapsed().as_secs(),
    );
}

/// The server that the device dials: hangs up after a while, in whatever way. Tells how often; so often
/// the device has come back, with its one pair of buffers.
fn take_calls(listener: &TcpListener, goes_on: impl Fn() -> bool) -> u32 {
    let mut random = Random::new(7);
    let mut calls = 0;
    while goes_on() {
        let mut host = dial::pick_up(listener);
        for _ in 0..random.below(15) {
            dial::hear(&mut host, r#"{"number":"#);
            host.send_text("output toggle").unwrap();
        }
        dial::leave(host, random.below(dial::WAYS));
        calls += 1;
    }
    calls
}

/// A client that never leaves: it misses nothing, and time goes on for it, so the device has not
/// started anew. Tells how many readings it has heard.
fn stay(bench: &Bench, goes_on: impl Fn() -> bool) -> u64 {
    let mut socket = bench.open("/telemetry");
    let mut last = 0;
    while goes_on() {
        let reading = clients::next(&mut socket, "number");
        assert!(reading > last, "reading {reading} after {last}");
        last = reading;
    }
    socket.close(Close::new(CloseCode::NORMAL, "enough")).unwrap();
    while socket.receive().unwrap().is_some() {}
    last
}
