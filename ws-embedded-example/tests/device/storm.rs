//! Clients that come and go.

use std::io::Write;

use ws_core::frame::{Close, CloseCode, Kind};
use ws_core::testing::Random;

use super::bench::{Bench, everywhere};
use super::clients;

/// One connection after the other: the place of the last one is free when the next one comes, or
/// it comes again.
#[test]
fn reconnects_are_served_one_after_the_other() {
    everywhere(|bench| {
        for number in 0..200 {
            let mut socket = bench.open("/echo");
            clients::echo(&mut socket, &format!("for the {number}th time"));
        }
    });
}

/// More clients than places, and half of them end without a word.
#[test]
fn a_storm_of_clients_passes() {
    everywhere(|bench| {
        storm(bench, 4, |round| round < 25);
    });
}

/// So many at once, one after the other as long as there are to be more; tells how many there were.
pub(crate) fn storm(bench: &Bench, threads: u64, more: impl Fn(u32) -> bool + Sync) -> u32 {
    let come_and_go = &|thread| {
        let mut random = Random::new(thread);
        let mut round = 0;
        while more(round) {
            visit(bench, &mut random);
            round += 1;
        }
        round
    };
    std::thread::scope(|scope| {
        let all: Vec<_> =
            (0..threads).map(|thread| scope.spawn(move || come_and_go(thread))).collect();
        all.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
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
