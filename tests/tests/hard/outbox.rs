//! What waits for a peer that reads slowly, or not at all: counted to the byte, and bounded.

use std::time::Duration;

use ws_core::connection::{Millis, Timing};
use ws_core::frame::CloseCode;
use ws_std::{Limits, Overflow, Pressure, Reason, Sent};
use ws_tests::WireFrame;

use crate::harness::{Told, WITHOUT_PINGS, World, masked, until};

/// Of this size are the messages of these tests.
const MESSAGE: usize = 100_000;
const LIMIT: usize = 1_000_000;
/// What it may cost to remember a message.
const OVERHEAD: usize = 64;

const PATIENT: Timing = Timing { write_within: Millis::seconds(7_200), ..WITHOUT_PINGS };

fn world(overflow: Overflow) -> World {
    let limits = Limits { outbox_limit: LIMIT, overflow, ..Limits::default() };
    World::new(|builder| builder.limits(limits).timing(PATIENT))
}

/// The number that a message begins with.
fn number(frame: &WireFrame) -> u32 {
    assert_eq!((frame.opcode, frame.fin, frame.payload.len()), (0x2, true, MESSAGE));
    u32::from_be_bytes(frame.payload[..4].try_into().unwrap())
}

fn message(number: u32) -> Vec<u8> {
    let mut payload = vec![0; MESSAGE];
    payload[..4].copy_from_slice(&number.to_be_bytes());
    payload
}

fn assert_bounded(world: &World) {
    let retained = world.server.retained_bytes();
    assert!(retained <= LIMIT + MESSAGE + 20 * OVERHEAD, "{retained}");
}

/// ADV-03
#[test]
fn the_newest_are_dropped_where_that_is_the_policy() {
    let world = world(Overflow::DropNewest);
    let mut peer = world.open();
    peer.text(format!("send 100 {MESSAGE}"));
    world.turn();
    assert_bounded(&world);
    let dropped = u32::try_from(world.server.metrics().snapshot().overflow_newest).unwrap();
    assert!((1..90).contains(&dropped), "{dropped}");
    for expected in 0..100 - dropped {
        assert_eq!(number(&peer.read()), expected);
    }
    peer.echo("well");
}

/// ADV-03
#[test]
fn the_oldest_are_dropped_where_that_is_the_policy_and_no_frame_is_torn() {
    let world = world(Overflow::DropOldest);
    let mut peer = world.open();
    peer.text(format!("send 100 {MESSAGE}"));
    world.turn();
    assert_bounded(&world);
    let dropped = u32::try_from(world.server.metrics().snapshot().overflow_oldest).unwrap();
    assert!((1..90).contains(&dropped), "{dropped}");
    let numbers: Vec<_> = (dropped..100).map(|_| number(&peer.read())).collect();
    let gap = numbers.iter().zip(0..).position(|(number, index)| *number != index).unwrap();
    let rest = 100 - numbers.len() as u32 + gap as u32;
    let expected: Vec<_> = (0..gap as u32).chain(rest..100).collect();
    assert_eq!(numbers, expected, "one gap, in front of the newest");
    assert!(100 - rest >= 9, "the newest million bytes are there");
    peer.echo("well");
}

/// ADV-03
#[test]
fn a_slow_reader_is_told_1008_where_that_is_the_policy() {
    let world = world(Overflow::Close);
    let mut peer = world.open();
    peer.text(format!("send 100 {MESSAGE}"));
    let ended = world.ended();
    assert!(matches!(ended.reason, Reason::SlowConsumer), "{ended:?}");
    assert_bounded(&world);
    // What had begun to leave is whole, and then comes the Close.
    let mut count = 0;
    let last = loop {
        let frame = peer.read();
        if frame.opcode != 0x2 {
            break frame;
        }
        assert_eq!(number(&frame), count);
        count += 1;
    };
    assert_eq!(last.close_code(), Some(CloseCode::POLICY));
    assert_eq!(peer.frame(), None);
    assert_eq!(world.server.metrics().snapshot().overflow_close, 1);
}

/// ADV-03: "the limit counts what waits before a message".
#[test]
fn an_empty_outbox_takes_one_message_of_any_size() {
    let world = world(Overflow::DropNewest);
    let mut peer = world.open();
    peer.text("send 1 20000000");
    let mut len = 0;
    loop {
        let frame = peer.read();
        len += frame.payload.len();
        if frame.fin {
            break;
        }
    }
    assert_eq!(len, 20_000_000);
    peer.echo("well");
}

/// ADV-03, ACTOR-04
#[test]
fn a_handle_of_one_who_never_reads_obeys_the_policy_too() {
    for overflow in [Overflow::DropNewest, Overflow::DropOldest, Overflow::Close] {
        let world = world(overflow);
        let mut peer = world.open();
        let handle = world.handle();
        for number in 0..100 {
            let _ = handle.send(&message(number));
            world.turn();
            assert_bounded(&world);
        }
        if overflow == Overflow::Close {
            assert!(matches!(world.ended().reason, Reason::SlowConsumer));
            until(|| handle.send("gone?") == Sent::Gone);
            continue;
        }
        let _ = handle.ping(b"the end");
        let mut numbers = vec![];
        loop {
            let frame = peer.read();
            if frame.opcode == 0x2 {
                numbers.push(number(&frame));
                // The Ping overtakes what waits.
                if overflow == Overflow::DropOldest && *numbers.last().unwrap() == 99 {
                    break;
                }
            } else if overflow == Overflow::DropNewest {
                break;
            }
        }
        assert!(numbers.is_sorted(), "{overflow:?} {numbers:?}");
    }
}

/// ADV-03: nobody looks, and still no more crosses to the shard than the limit.
#[test]
fn what_is_on_its_way_to_the_shard_is_bounded_too() {
    let world = world(Overflow::DropOldest);
    let gate = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = world.open();
    let handle = world.handle();
    peer.text(format!("hold {}", gate.local_addr().unwrap()));
    let (held, _) = gate.accept().unwrap();
    let queued = (0..1000).filter(|number| handle.send(&message(*number)) == Sent::Queued).count();
    assert!(queued <= LIMIT / MESSAGE + 1, "{queued}");
    assert_eq!(handle.ping(b"in the same way"), Sent::Full);
    drop(held);
    for expected in 0..queued as u32 {
        assert_eq!(number(&peer.read()), expected);
    }
    // What never reached the shard is counted there.
    let dropped = 1000 - queued as u64 + 1;
    until(|| world.server.metrics().snapshot().overflow_oldest == dropped);
}

/// ADV-03
#[test]
fn pressure_is_told_once_and_its_end_once() {
    let world = world(Overflow::DropNewest);
    let mut peer = world.open();
    for _ in 0..3 {
        peer.text(format!("send 60 {MESSAGE}"));
        assert!(matches!(pressure(&world), Some(Pressure::High)));
        world.turn();
        assert!(pressure_now(&world).is_none(), "High is told once");
        peer.stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut drained = None;
        while drained.is_none() {
            number(&peer.read());
            drained = pressure_now(&world);
        }
        assert!(matches!(drained, Some(Pressure::Drained)));
        // What is still in the system's buffers.
        peer.text("end");
        while peer.read().opcode != 0x1 {}
        world.turn();
        assert!(pressure_now(&world).is_none(), "and so is its end");
    }
}

/// ADV-03: reading stops above the high mark, so that the client's own buffers fill; and goes on.
#[test]
fn nothing_is_read_from_one_who_does_not_read() {
    let limits = Limits { outbox_limit: 64 << 20, ..Limits::default() };
    let world = World::new(|builder| builder.limits(limits).timing(PATIENT));
    let mut peer = world.open();
    let frame = masked(WireFrame::binary(vec![7; MESSAGE]));
    // A thread writes until it cannot, and then until it can again.
    let mut stream = peer.stream.try_clone().unwrap();
    const COUNT: usize = 300;
    let writer = std::thread::spawn(move || {
        use std::io::Write;
        (0..COUNT).for_each(|_| stream.write_all(&frame).unwrap());
    });
    assert!(matches!(pressure(&world), Some(Pressure::High)));
    for _ in 0..20 {
        world.turn();
        let retained = world.server.retained_bytes();
        assert!(retained < 2 * MESSAGE + (64 << 10) + (256 << 10), "{retained}");
    }
    assert!(!writer.is_finished(), "the client could send 30 MB that nobody reads");
    for _ in 0..COUNT {
        assert_eq!(peer.read().payload.len(), MESSAGE);
    }
    writer.join().unwrap();
    peer.echo("well");
}

fn pressure(world: &World) -> Option<Pressure> {
    loop {
        if let Told::Pressure(pressure) = world.told() {
            return Some(pressure);
        }
    }
}

fn pressure_now(world: &World) -> Option<Pressure> {
    world.told.try_iter().find_map(|told| match told {
        Told::Pressure(pressure) => Some(pressure),
        _ => None,
    })
}

/// FRAG-04, ADV-03: the handler may wait for the peer to say how the message goes on.
#[test]
fn what_waits_for_the_end_of_a_message_in_parts_does_not_keep_us_from_reading() {
    let world = World::with_limits(Limits::default());
    let mut peer = world.open();
    peer.text("part a");
    peer.text("send 3 50000");
    peer.text("last-part b");
    assert_eq!(peer.read().payload, b"a");
    assert_eq!(peer.read().payload, b"b");
    for number in 0..3_u32 {
        assert_eq!(peer.read().payload[..4], number.to_be_bytes());
    }
    peer.echo("well");
}

/// ADV-03: what was refused does not count.
#[test]
fn messages_for_one_who_is_closing_weigh_nothing() {
    let world = World::with_limits(Limits::default());
    let mut peer = world.open();
    let handle = world.handle();
    peer.text("close");
    assert_eq!(peer.read().close_code(), Some(CloseCode::NORMAL));
    for _ in 0..3 {
        assert_eq!(handle.send(&vec![0; 1 << 20]), Sent::Gone);
    }
    peer.send(WireFrame::ping("count"));
    world.turn();
    assert!(world.server.retained_bytes() < 1 << 20);
}
