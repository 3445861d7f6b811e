//! The images on emulated boards, the program that does without one, and real clients over TCP. EMB-02,
//! EMB-03, EMB-06.
//!
//! Each test boots a board of its own and stops it in the end: the firmware then says with its exit
//! status whether it has lost anything. It would have ended before, had it panicked or reset.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test says so when it fails"
)]

mod abuse;
mod bench;
mod clients;
mod dial;
mod program;
mod soak;
mod storm;

use bench::{each_board, everywhere};
use ws_core::frame::Kind;

/// EMB-06
#[test]
fn it_boots_and_stops_with_everything_in_its_place() {
    each_board(|bench| {
        let logs = bench.stop();
        assert!(logs.contains("stopped: 0 messages served, 0 clients here"), "{logs}");
    });
}

#[test]
fn a_browser_gets_the_page_out_of_flash() {
    everywhere(|bench| {
        let answer = bench.ask("GET / HTTP/1.1\r\nHost: device\r\nAccept: */*\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("</html>\n"), "{answer}");
        let answer = bench.ask("GET /favicon.ico HTTP/1.1\r\nHost: device\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    });
}

/// EMB-03
#[test]
fn messages_larger_than_its_memory_pass_through() {
    everywhere(|bench| {
        let mut socket = bench.open("/echo");
        for len in [0, 1, 125, 126, 511, 512, 4096, 65_535, 65_536, 300_000] {
            let bytes: Vec<u8> = (0..len).map(|n| n as u8).collect();
            socket.send_binary(&bytes).unwrap();
            clients::hear(&mut socket, Kind::Binary, &bytes);
            let text = "\u{e4}x".repeat(len / 3);
            socket.send_text(&text).unwrap();
            clients::hear(&mut socket, Kind::Text, text.as_bytes());
        }
    });
}

#[test]
fn telemetry_obeys_each_client_and_shows_all_of_them_the_output() {
    everywhere(|bench| {
        let (mut one, mut other) = (bench.open("/telemetry"), bench.open("/telemetry"));
        one.send_text("every 50").unwrap();
        clients::until(&mut one, r#"{"every_ms":50}"#);
        one.send_text("output on").unwrap();
        clients::until(&mut one, r#"{"output":true}"#);
        clients::until(&mut other, r#""output":true,"clients":2"#);
        one.send_text("nonsense").unwrap();
        clients::until(&mut one, r#"{"error":"say: every"#);
    });
}

#[test]
fn as_many_clients_as_there_are_places_are_served_at_once() {
    everywhere(|bench| {
        let mut all: Vec<_> = (0..bench.places).map(|_| bench.open("/echo")).collect();
        for round in 0..20 {
            for (number, socket) in all.iter_mut().enumerate() {
                clients::echo(socket, &format!("{number} says {round}"));
            }
        }
    });
}

#[test]
fn a_client_too_many_has_its_turn_when_another_one_leaves() {
    everywhere(|bench| {
        let mut all: Vec<_> = (0..bench.places).map(|_| bench.open("/echo")).collect();
        std::thread::scope(|scope| {
            let one_more = scope.spawn(|| bench.open("/echo"));
            drop(all.pop());
            clients::echo(&mut one_more.join().unwrap(), "at last");
        });
        all.iter_mut().for_each(|socket| clients::echo(socket, "still there"));
    });
}
