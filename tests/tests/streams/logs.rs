//! What a program prints tells neither payload nor secrets.

use std::fmt::Debug;

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use ws_core::connection::{Frame, Owed, Time, Timing};
use ws_core::endpoint::{Arrival, Take, Timers};
use ws_core::frame::Kind;
use ws_core::handshake::{ClientHandshake, Offers, Target};
use ws_core::testing::{Failure, Script};
use ws_core::{Server, io};
use ws_tests::frames::*;
use ws_tests::talk::Sizes;

const SECRET: &str = "s3cr3t";

/// SEC-03
#[test]
fn a_request_is_printed_without_its_headers_and_its_query() {
    let headers = [("Authorization", SECRET), ("Cookie", SECRET)];
    let target = format!("/chat?token={SECRET}");
    let handshake = ClientHandshake::new([4; 16], &[]);
    let request = handshake.request("localhost", &target, &headers).unwrap();
    tells(&request, "len");
    let target = Target::parse(target.as_bytes()).unwrap();
    tells(&target, "/chat");
    tells(&Some(target), "query_len: Some(12)");
}

/// SEC-03
#[test]
fn what_arrives_is_printed_without_its_payload() {
    let bytes = SECRET.as_bytes();
    tells(
        &Arrival::Data { kind: Kind::Text, begins: true, ends: true, compressed: false, bytes },
        "len: 6",
    );
    tells(&Arrival::Pong(bytes), "len: 6");
    tells(&Owed::pong(bytes), "len: 6");
    tells(&Arrival::Owed(Owed::pong(bytes)), "len: 6");
}

/// SEC-03
#[test]
fn a_list_of_offers_is_printed_as_its_length() {
    tells(&Offers::new(SECRET.as_bytes()), "6");
}

/// SEC-03: nor are the lent types asked to be printed: a stream, a clock and entropy seldom can be.
#[test]
fn a_websocket_its_halves_and_its_clocks_are_printed_without_what_they_hold() {
    let masked = text(SECRET).masked([0; 4]).encode();
    let stream = || Quiet(Script::new().then(&masked));
    let endpoint = || Sizes { max_message: 100, rx: 200, tx: 150 }.endpoint(Server);
    let mut socket = io::WebSocket::new(stream(), endpoint());
    tells(&socket.receive().unwrap().unwrap(), "Message");
    tells(&socket, "Endpoint");
    let (mut reader, mut writer) = socket.split(|_| (stream(), Quiet(Script::new()))).unwrap();
    tells(&reader.receive(Take::Messages).unwrap().unwrap(), "len: 6");
    writer.send(Frame::Ping, SECRET.as_bytes()).unwrap();
    tells(&reader, "Inlet");
    tells(&writer, "Outbox");
    let mut timers = Timers::new(Timing::DEFAULT, || Time(0), |bytes: &mut [u8]| bytes.fill(7));
    tells(&timers, "Deadlines");
    let mut socket = io::WebSocket::new(stream(), endpoint());
    tells(&socket.step(Take::Messages, &mut timers).unwrap(), "Data(Message");
}

/// A stream that cannot be printed.
struct Quiet(Script);

impl ErrorType for Quiet {
    type Error = Failure;
}

impl Read for Quiet {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Failure> {
        self.0.read(bytes)
    }
}

impl Write for Quiet {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Failure> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.0.flush()
    }
}

impl ReadReady for Quiet {
    fn read_ready(&mut self) -> Result<bool, Failure> {
        self.0.read_ready()
    }
}

impl WriteReady for Quiet {
    fn write_ready(&mut self) -> Result<bool, Failure> {
        self.0.write_ready()
    }
}

/// It says this, and not the secret: neither as text nor as numbers.
fn tells(value: &dyn Debug, what: &str) {
    for told in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!told.contains(SECRET), "{told}");
        let numbers: Vec<&str> =
            told.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty()).collect();
        let secret: Vec<String> = SECRET.bytes().map(|byte| byte.to_string()).collect();
        assert!(!numbers.windows(secret.len()).any(|window| window == secret), "{told}");
    }
    assert!(format!("{value:?}").contains(what), "{value:?} does not tell {what}");
}
