//! A loop of one or two slots over pipes, on a clock that stands still until it is moved.

use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use ws_core::connection::Millis;
use ws_core::frame::CloseCode;
use ws_core::testing::abuse::{self, REQUEST};
use ws_core::testing::{Clock, PipeEnd, Random, WireFrame, pipe};

use super::*;

/// What the slot is given: a pipe whose writes fail where they would wait.
pub(crate) struct Served(pub(crate) PipeEnd);

impl ErrorType for Served {
    type Error = ErrorKind;
}

impl Read for Served {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        self.0.read(buf)
    }
}

impl Write for Served {
    fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        if self.0.write_ready()? { self.0.write(buf) } else { Err(ErrorKind::Other) }
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl ReadReady for Served {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        self.0.read_ready()
    }
}

impl WriteReady for Served {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        self.0.write_ready()
    }
}

impl Stream for Served {
    fn hang_up(&mut self) {
        self.0.shut();
    }

    /// A pipe does not tell; one that is full is not.
    fn is_drained(&mut self) -> bool {
        self.0.write_ready() == Ok(true)
    }
}

type Place<C> = Slot<Served, Vec<u8>, Vec<u8>, C, Random>;

struct Scene<C> {
    clock: Clock,
    device: Device,
    slot: Place<C>,
    client: PipeEnd,
}

fn scene(capacity: usize) -> Scene<impl FnMut() -> Time + Clone> {
    let clock = Clock::default();
    let (client, served) = pipe(capacity);
    let mut slot = Slot::new(Timing::DEFAULT, clock.hand(), Random::new(1));
    slot.welcome(Served(served), vec![0; 256], vec![0; 200]).unwrap();
    Scene { clock, device: Device::default(), slot, client }
}

impl<C: FnMut() -> Time + Clone> Scene<C> {
    /// Turns until there is nothing to do at once; tells when there will be.
    fn run(&mut self) -> Time {
        loop {
            let next = self.slot.turn(&mut self.device, Vitals::default());
            if next > self.clock.now() {
                return next;
            }
        }
    }

    fn say(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut heard = vec![];
        for part in bytes.chunks(200) {
            self.client.write_all(part).unwrap();
            heard.extend(self.hear());
        }
        heard
    }

    fn hear(&mut self) -> Vec<u8> {
        let mut heard = vec![];
        loop {
            self.run();
            let before = heard.len();
            while self.client.read_ready().unwrap() {
                let mut room = [0; 64];
                match self.client.read(&mut room).unwrap() {
                    0 => return heard,
                    len => heard.extend_from_slice(&room[..len]),
                }
            }
            if heard.len() == before {
                return heard;
            }
        }
    }

    fn open(&mut self, path: &str) {
        let request = REQUEST.replace("GET / ", &std::format!("GET {path} "));
        let answer = self.say(request.as_bytes());
        assert!(answer.starts_with(b"HTTP/1.1 101 "), "{:?}", String::from_utf8_lossy(&answer));
    }

    fn frames(&mut self, frames: &[WireFrame]) -> Vec<WireFrame> {
        let masked: Vec<_> =
            frames.iter().map(|frame| frame.clone().masked([1, 2, 3, 4])).collect();
        WireFrame::decode_all(&self.say(&WireFrame::encode_all(&masked)))
    }

    /// Goes on to the next moment that the slot has asked for.
    fn wait(&mut self) -> Vec<WireFrame> {
        let next = self.run();
        self.clock.advance_to(next);
        WireFrame::decode_all(&self.hear())
    }
}

fn payload(frames: &[WireFrame]) -> Vec<u8> {
    frames.iter().flat_map(|frame| frame.payload.clone()).collect()
}

#[test]
fn an_echo_is_of_any_size_through_256_bytes() {
    let mut scene = scene(1000);
    scene.open("/echo");
    assert_eq!(scene.device.clients, 1);
    let bytes: Vec<u8> = (0..100_000).map(|n| n as u8).collect();
    let key = [1, 2, 3, 4];
    let sent = WireFrame::binary(&bytes).masked(key).encode();
    let heard = WireFrame::decode_all(&scene.say(&sent));
    assert_eq!(heard, [WireFrame::binary(&bytes)], "one frame, as it came");
    let text = "\u{1F44B}".repeat(300);
    let heard = scene.frames(&[WireFrame::text(&text), WireFrame::ping("!")]);
    assert_eq!(payload(&heard[..heard.len() - 1]), text.as_bytes());
    assert_eq!(heard.last(), Some(&WireFrame::pong("!")));
    assert_eq!(scene.device.bytes, 100_000 + 1200);
}

#[test]
fn telemetry_comes_each_second_or_as_often_as_was_said() {
    let mut scene = scene(1000);
    scene.open("/telemetry");
    // The first reading has come behind the answer to the handshake: the clock tells the next.
    let reading = payload(&scene.wait());
    assert!(reading.starts_with(br#"{"number":2,"uptime_ms":1000,"#), "{reading:?}");
    let heard = scene.frames(&[WireFrame::text("every 100"), WireFrame::text("output on")]);
    assert_eq!(heard, [r#"{"every_ms":100}"#, r#"{"output":true}"#].map(WireFrame::text));
    assert!(scene.device.output);
    for uptime in [1100, 1200, 1300] {
        let reading = String::from_utf8(payload(&scene.wait())).unwrap();
        assert!(reading.contains(&uptime.to_string()), "{reading}");
        assert!(reading.contains(r#""output":true,"clients":1"#), "{reading}");
    }
}

/// What one client sets, all see.
#[test]
fn clients_share_the_output() {
    let (mut one, mut other) = (scene(1000), scene(1000));
    one.open("/telemetry");
    one.frames(&[WireFrame::text("output toggle")]);
    other.device = one.device;
    other.open("/telemetry");
    let reading = String::from_utf8(payload(&other.wait())).unwrap();
    assert!(reading.contains(r#""output":true,"clients":2"#), "{reading}");
}

/// A client that reads nothing costs no memory, and is not served for ever.
#[test]
fn a_client_that_does_not_read_misses_readings_and_is_dropped() {
    let mut scene = scene(400);
    scene.open("/telemetry");
    for _ in 0..30 {
        let next = scene.run();
        if scene.slot.is_free() {
            break;
        }
        scene.clock.advance_to(next);
    }
    assert!(scene.slot.is_free());
    assert_eq!(scene.device.clients, 0);
    assert!(scene.clock.now() <= Time(60_000), "{:?}", scene.clock.now());
}

#[test]
fn a_command_that_is_binary_or_larger_than_the_buffer_ends_the_connection_with_its_code() {
    for (frame, code) in [
        (WireFrame::binary("output on"), CloseCode::UNSUPPORTED),
        (WireFrame::text("x".repeat(300)), CloseCode::TOO_BIG),
    ] {
        let mut scene = scene(2000);
        scene.open("/telemetry");
        let heard = scene.frames(&[frame]);
        let codes: Vec<_> = heard.iter().filter_map(WireFrame::close_code).collect();
        assert_eq!(codes, [code], "{heard:?}");
        assert!(!scene.device.output);
    }
}

/// RFC 6455 section 7.1.1: our Close must not be lost in a reset because more has come behind.
#[test]
fn what_comes_behind_the_reason_to_close_is_not_obeyed_and_the_close_is_heard() {
    let mut scene = scene(2000);
    scene.open("/telemetry");
    let heard = scene.frames(&[WireFrame::binary("?"), WireFrame::text("output on")]);
    let codes: Vec<_> = heard.iter().map(WireFrame::close_code).collect();
    assert_eq!(codes, [Some(CloseCode::UNSUPPORTED)], "{heard:?}");
    assert!(!scene.device.output);
    assert!(!scene.slot.is_free(), "the client's Close is waited for");
    scene.frames(&[WireFrame::close(CloseCode::UNSUPPORTED, "")]);
    scene.client.shut();
    scene.run();
    assert!(scene.slot.is_free());
}

#[test]
fn a_plain_request_gets_the_page_through_a_small_window() {
    let mut scene = scene(100);
    let answer = scene.say(b"GET / HTTP/1.1\r\nHost: device\r\n\r\n");
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(answer.ends_with("</html>\n"));
    assert!(!scene.slot.is_free(), "the client has not closed yet");
    scene.client.shut();
    scene.run();
    assert!(scene.slot.is_free());
}

/// Who takes a byte now and then does not keep a place for longer than who takes none.
#[test]
fn a_client_that_takes_the_page_bit_by_bit_has_no_more_time_for_it() {
    let mut scene = scene(100);
    scene.client.write_all(b"GET / HTTP/1.1\r\nHost: device\r\n\r\n").unwrap();
    assert_eq!(scene.run(), Time(10_000));
    for second in 1..10 {
        scene.clock.advance_to(Time(second * 1000));
        scene.client.read_exact(&mut [0; 20]).unwrap();
        assert_eq!(scene.run(), Time(10_000));
    }
    scene.clock.advance_to(Time(10_000));
    scene.client.read_exact(&mut [0; 20]).unwrap();
    scene.run();
    assert!(scene.slot.is_free());
}

#[test]
fn a_client_that_has_ended_first_gets_the_last_words_if_it_takes_them_in_time() {
    const REQUEST: &[u8] = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
    let whole = scene(1000).say(REQUEST);
    for takes in [true, false] {
        let mut scene = scene(whole.len());
        scene.client.write_all(REQUEST).unwrap();
        scene.client.shut();
        let next = scene.run();
        assert!(!scene.slot.is_free(), "the answer has not been taken yet");
        assert_eq!(next, Time(5000));
        if takes {
            assert_eq!(scene.hear(), whole);
        } else {
            scene.clock.advance_to(next);
        }
        scene.run();
        assert!(scene.slot.is_free());
    }
}

#[test]
fn other_requests_are_refused_with_a_reason() {
    for (request, status) in [
        ("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
        ("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", "426"),
        ("PUT / HTTP/1.1\r\nHost: a\r\n\r\n", "405"),
        ("GET / HTTP/1.1\r\n\r\n", "400"),
        ("\u{1}\u{2}\u{3}\r\n\r\n", "400"),
        (&REQUEST.replace("Version: 13", "Version: 12").replace("GET / ", "GET /echo "), "426"),
    ] {
        let mut scene = scene(1000);
        let answer = String::from_utf8(scene.say(request.as_bytes())).unwrap();
        assert!(answer.starts_with(&std::format!("HTTP/1.1 {status} ")), "{request:?}: {answer}");
    }
}

/// Every script of the abuse kit, whatever the cut: no panic, and the slot is free in the end.
#[test]
fn rubbish_is_answered_and_the_slot_is_free_again() {
    for step in [1, 7, 200] {
        for abuse in abuse::handshakes() {
            let mut scene = scene(100_000);
            let pieces = abuse.bytes.chunks(step);
            for piece in pieces {
                if scene.client.write_all(piece).is_err() {
                    break;
                }
                scene.run();
            }
            scene.hear();
            scene.client.shut();
            for _ in 0..99 {
                let next = scene.run();
                scene.clock.advance_to(next.min(scene.clock.now().after(Millis(60_000))));
            }
            assert!(scene.slot.is_free(), "{}", abuse.name);
        }
    }
}

#[test]
fn a_client_that_says_nothing_is_dropped_in_time() {
    let mut scene = scene(100);
    scene.client.write_all(b"GET / HTTP/1.1\r\nHost:").unwrap();
    let next = scene.run();
    assert_eq!(next, Time(10_000));
    scene.clock.advance_to(next);
    scene.run();
    assert!(scene.slot.is_free());
}

/// BEAT-01: the heartbeat is the core's, and a dead client is found by it.
#[test]
fn a_client_that_answers_no_ping_is_told_so_and_dropped() {
    let mut scene = scene(1000);
    scene.open("/echo");
    let ping = scene.wait();
    assert_eq!(ping[0].opcode, 0x9, "{ping:?}");
    assert_eq!(scene.frames(&[WireFrame::pong(&ping[0].payload)]), []);
    assert_eq!(scene.wait()[0].opcode, 0x9, "an answered Ping is followed by another");
    let close = scene.wait();
    assert_eq!(close[0].close_code(), Some(CloseCode::GOING_AWAY));
    scene.wait();
    assert!(scene.slot.is_free());
    assert_eq!(scene.device.clients, 0);
}
