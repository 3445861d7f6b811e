//! The images on emulated boards, and real clients over TCP. EMB-02, EMB-03, EMB-06.
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
mod storm;

use bench::each_board;
use ws_core::frame::Kind;
use ws_embedded_example::Board;

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
    each_board(|bench| {
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
    each_board(|bench| {
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
    each_board(|bench| {
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
    each_board(|bench| {
        let mut all: Vec<_> = (0..places(bench.board)).map(|_| bench.open("/echo")).collect();
        for round in 0..20 {
            for (number, socket) in all.iter_mut().enumerate() {
                let text = format!("{number} says {round}");
                socket.send_text(&text).unwrap();
                clients::hear(socket, Kind::Text, text.as_bytes());
            }
        }
    });
}

/// How many the image has.
const fn places(board: Board) -> usize {
    match board {
        Board::Lm3s6965evb => 6,
        Board::Mps2An385 => 12,
    }
}
