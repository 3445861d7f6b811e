//! Clients that come and go.

use std::io::Write;
use std::time::{Duration, Instant};

use ws_core::frame::{Close, CloseCode, Kind};
use ws_core::testing::Random;

use super::bench::{Bench, each_board};
use super::clients;

/// How long the soak takes unless `DEVICE_SOAK_SECONDS` says otherwise.
const SOAK: Duration = Duration::from_secs(10);

/// One connection after the other: the place of the last one is free when the next one comes, or
/// it comes again.
#[test]
fn reconnects_are_served_one_after_the_other() {
    each_board(|bench| {
        for number in 0..200 {
            let mut socket = bench.open("/echo");
            let text = format!("for the {number}th time");
            socket.send_text(&text).unwrap();
            clients::hear(&mut socket, Kind::Text, text.as_bytes());
        }
    });
}

/// More clients than places, and half of them end without a word.
#[test]
fn a_storm_of_clients_passes() {
    each_board(|bench| storm(bench, 4, |_, round| round < 25));
}

/// For `DEVICE_SOAK_SECONDS`: connect, talk, drop, repeat. When all are gone, every socket listens
/// and every buffer is home: the exit status tells.
#[test]
fn a_soak_loses_neither_sockets_nor_buffers() {
    let seconds = std::env::var("DEVICE_SOAK_SECONDS").ok();
    let span = seconds.map_or(SOAK, |text| Duration::from_secs(text.parse().unwrap()));
    each_board(|bench| {
        let begin = Instant::now();
        storm(bench, 4, |_, _| begin.elapsed() < span);
        println!("{}: {}", bench.board.name(), bench.stop());
    });
}

fn storm(bench: &Bench, threads: u64, more: impl Fn(u64, u32) -> bool + Sync) {
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let more = &more;
            scope.spawn(move || {
                let mut random = Random::new(thread);
                let mut round = 0;
                while more(thread, round) {
                    visit(bench, &mut random);
                    round += 1;
                }
            });
        }
    });
}

/// One client: what it does, and how it leaves, is up to chance.
fn visit(bench: &Bench, random: &mut Random) {
    match random.below(6) {
        // Gone before the request is whole, or before the answer has come.
        0 => drop(bench.connect().write_all(b"GET /echo HT")),
        1 => drop(bench.connect().write_all(b"GET / HTTP/1.1\r\nHost: device\r\n\r\n")),
        2 => {
            let answer = bench.ask("GET / HTTP/1.1\r\nHost: device\r\n\r\n");
            assert!(answer.ends_with("</html>\n"), "{answer}");
        }
        3 => {
            let mut socket = bench.open("/telemetry");
            socket.send_text("every 50").unwrap();
            clients::until(&mut socket, "every_ms");
        }
        way => {
            let mut socket = bench.open("/echo");
            for _ in 0..=random.below(8) {
                let bytes = vec![random.number() as u8; random.below(3000)];
                socket.send_binary(&bytes).unwrap();
                clients::hear(&mut socket, Kind::Binary, &bytes);
            }
            if way == 4 {
                socket.close(Close::new(CloseCode::NORMAL, "enough")).unwrap();
                assert!(socket.receive().unwrap().is_none(), "our Close is answered");
            }
        }
    }
}
