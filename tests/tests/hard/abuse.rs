//! Hostile peers: whatever they do is bounded and counted, and the others are served.

use std::io::Write;
use std::net::Shutdown;

use ws_core::connection::Millis;
use ws_core::frame::CloseCode;

use ws_std::{By, Limits, Overflow};
use ws_tests::WireFrame;

use crate::harness::{Peer, REQUEST, WITHOUT_PINGS, World, masked, until};

fn world() -> World {
    World::with_timing(WITHOUT_PINGS)
}

/// FRAG-03, SEC-01: memory follows what arrives, not what is announced.
#[test]
fn a_huge_length_and_then_silence_takes_no_memory() {
    let world = world();
    for announced in [(16 << 20) + 1, 1 << 62, i64::MAX as u64] {
        let mut peer = world.open();
        peer.send(WireFrame::binary("").claiming(announced));
        peer.expect_closed(CloseCode::TOO_BIG);
    }
    let mut peer = world.open();
    peer.send(WireFrame::binary([0; 50]).claiming(16 << 20));
    until(|| world.server.retained_bytes() > 0);
    assert!(world.server.retained_bytes() < 1_000);
    world.pass(Millis::seconds(60));
    peer.expect_closed(CloseCode::POLICY);
    drop(peer);
    until(|| world.server.retained_bytes() == 0);
}

/// FRAG-03, SEC-01
#[test]
fn endless_empty_fragments_take_no_memory_and_end_after_a_minute() {
    let world = world();
    let mut peer = world.open();
    peer.send(WireFrame::text("").more());
    world.turn();
    let many = masked(WireFrame::continuation("").more()).repeat(1_000);
    for _ in 0..59 {
        peer.write(&many);
        world.pass(Millis(1_000));
        assert!(world.server.retained_bytes() < 500, "{}", world.server.retained_bytes());
    }
    world.pass(Millis(1_000));
    peer.expect_closed(CloseCode::POLICY);
    assert_eq!(world.server.metrics().snapshot().expired_message, 1);
}

/// BEAT-02, SEC-01: either the latest Pong takes the place of those before it, or no more is read.
#[test]
fn a_flood_of_pings_from_one_who_never_reads_takes_no_more_memory_than_one_read() {
    const COUNT: u32 = 150_000;
    let world = world();
    let mut peer = world.open();
    let mut other = world.open();
    let mut stream = peer.stream.try_clone().unwrap();
    let writer = std::thread::spawn(move || {
        for numbers in (0..COUNT).collect::<Vec<_>>().chunks(1_000) {
            let pings = numbers.iter().flat_map(|number| masked(WireFrame::ping(padded(*number))));
            stream.write_all(&pings.collect::<Vec<_>>()).unwrap();
        }
    });
    let limit = (64 << 10) + 2 * (128 << 10);
    for _ in 0..500 {
        other.echo("well");
        assert!(world.server.retained_bytes() < limit, "{}", world.server.retained_bytes());
    }
    let mut last = None;
    while last != Some(COUNT - 1) {
        let frame = peer.read();
        assert_eq!((frame.opcode, frame.payload.len()), (0xA, 125));
        let number = u32::from_be_bytes(frame.payload[..4].try_into().unwrap());
        assert!(last.is_none_or(|last| last < number));
        last = Some(number);
        assert!(number % 1_000 != 0 || world.server.retained_bytes() < limit);
    }
    writer.join().unwrap();
    peer.echo("well");
}

/// As much as a Ping can carry, with a number in front.
fn padded(number: u32) -> [u8; 125] {
    let mut payload = [0; 125];
    payload[..4].copy_from_slice(&number.to_be_bytes());
    payload
}

/// SEC-01: Pings of the program's own are bounded by what one connection may make us keep.
#[test]
fn a_program_that_pings_one_who_never_reads_is_bounded_too() {
    let limits = Limits {
        outbox_limit: 100_000,
        overflow: Overflow::DropNewest,
        connection_memory: Some(300_000),
        ..Limits::default()
    };
    let world = World::with_limits(limits);
    let mut peer = world.open();
    let handle = world.handle();
    // The system's buffers fill with this, and the outbox.
    peer.text("send 100 100000");
    world.turn();
    while !handle.is_gone() {
        for _ in 0..100 {
            let _ = handle.ping(&[0; 125]);
        }
        world.turn();
        assert!(world.server.retained_bytes() < 350_000);
    }
    assert_eq!(world.ended().code, CloseCode::POLICY);
}

/// ACTOR-07
#[test]
fn a_peer_that_shuts_its_side_without_a_word_is_gone_at_once() {
    let world = world();
    let frame = masked(WireFrame::binary("unfinished"));
    for said in [&frame[..0], &frame[..1], &frame[..9], &masked(WireFrame::text("a").more())] {
        let mut peer = world.open();
        peer.write(said);
        peer.stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(peer.frame(), None);
        let ended = world.ended();
        assert_eq!((ended.by, ended.code), (By::Transport, CloseCode::ABNORMAL));
    }
    for said in ["", "GET / HT", &REQUEST[..50]] {
        let mut peer = Peer::connect(world.address);
        peer.write(said);
        peer.stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(peer.rest(), b"");
    }
    until(|| world.server.connections() == 0);
    assert_eq!(world.server.retained_bytes(), 0);
}

/// PROTO-02, SEC-01: every cut there is.
#[test]
fn single_bytes_make_the_same_conversation() {
    let world = world();
    let mut peer = Peer::connect(world.address);
    let frames = [
        WireFrame::text("héllo"),
        WireFrame::binary([7; 200]).more(),
        WireFrame::ping("between"),
        WireFrame::continuation([8; 200]),
        WireFrame::close(CloseCode::NORMAL, "bye"),
    ];
    let said = [REQUEST.as_bytes(), &frames.map(masked).concat()].concat();
    for byte in said {
        peer.write([byte]);
    }
    assert!(peer.head().starts_with("HTTP/1.1 101 "));
    assert_eq!(peer.read(), WireFrame::text("héllo"));
    assert_eq!(peer.read(), WireFrame::pong("between"));
    assert_eq!(peer.read(), WireFrame::binary([[7; 200], [8; 200]].concat()));
    assert_eq!(peer.expect_closed(CloseCode::NORMAL), "", "its own code, and no reason");
}

/// SEC-01, SEC-04
#[test]
fn garbage_on_the_port_of_tls_ends_the_connection_and_is_counted() {
    let (world, address) = World::with_tls();
    let mut random = Random(7);
    let mut garbage = vec![
        REQUEST.as_bytes().to_vec(),
        vec![0; 1_000],
        vec![0xFF; 100_000],
        // A record of the right kind, full of nothing; and one that is too long.
        [&[0x16, 3, 1, 0, 200][..], &[0; 200]].concat(),
        [&[0x16, 3, 3, 0xFF, 0xFF][..], &[1; 70_000]].concat(),
        // Data before there are keys.
        [&[0x17, 3, 3, 0, 50][..], &[9; 50]].concat(),
    ];
    garbage.extend((0..20).map(|_| random.bytes(2_000)));
    let count = garbage.len() as u64;
    for garbage in garbage {
        let mut peer = Peer::connect(address);
        let _cut = peer.stream.write_all(&garbage);
        let _cut = peer.stream.shutdown(Shutdown::Write);
        let answer = peer.rest();
        assert!(answer.is_empty() || answer[0] == 0x15, "an alert, or nothing: {answer:?}");
    }
    until(|| world.server.connections() == 0);
    let counted = world.server.metrics().snapshot().handshakes_tls;
    assert!(counted >= count / 2, "{counted} of {count} were counted");
    assert_eq!(world.server.retained_bytes(), 0);
    world.open().echo("the plain port serves");
}

/// PROTO-08, SEC-01
#[test]
fn garbage_instead_of_a_request_is_answered_400_or_not_at_all() {
    let world = world();
    let mut random = Random(11);
    let hello = [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3][..], &[0x5A; 505]].concat();
    for garbage in (0..100).map(|_| random.bytes(3_000)).chain([hello]) {
        let mut peer = Peer::connect(world.address);
        let _cut = peer.stream.write_all(&garbage);
        let _cut = peer.stream.shutdown(Shutdown::Write);
        let answer = String::from_utf8(peer.rest()).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    until(|| world.server.connections() == 0);
    world.open().echo("well");
}

/// PROTO-10, SEC-01
#[test]
fn garbage_instead_of_frames_harms_nobody_else() {
    let world = world();
    let mut other = world.open();
    let mut random = Random(13);
    for _ in 0..200 {
        let mut peer = world.open();
        let garbage = random.bytes(3_000);
        let _cut = peer.stream.write_all(&garbage);
        let _cut = peer.stream.shutdown(Shutdown::Write);
        // Whatever comes back is whole frames; `next` sees to that.
        while let Some(frame) = peer.frame() {
            assert!(frame.mask.is_none() && frame.reserved == 0);
        }
        other.echo("well");
    }
    drop(other);
    until(|| world.server.connections() == 0);
    assert_eq!(world.server.retained_bytes(), 0);
    assert!(world.server.metrics().snapshot().violations > 100);
}

/// Bytes that look like chance, and are the same every time.
struct Random(u64);

impl Random {
    fn bytes(&mut self, len: usize) -> Vec<u8> {
        std::iter::repeat_with(|| {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 32) as u8
        })
        .take(len)
        .collect()
    }
}
