//! Where one thing ends and another begins: frames against rooms, calls against calls.

use std::cell::Cell;
use std::rc::Rc;

use ws_core::connection::{Frame, Timing};
use ws_core::endpoint::{Endpoint, Inbox, Next, Take, Timers};
use ws_core::frame::{Close, CloseCode, Kind};
use ws_core::testing::{Clock, Failure, Random, Script};
use ws_core::{Client, Error, Misuse, Role, Rule, Server, aio, io};
use ws_tests::frames::*;
use ws_tests::run_until_stuck;

fn endpoint<R: Role>(role: R, rx: usize, tx: usize) -> Endpoint<R, Vec<u8>, Vec<u8>> {
    let inbox = Inbox::new(vec![0; rx], R::SIDE).unwrap();
    Endpoint::new(role, 1 << 20, inbox, vec![0; tx]).unwrap()
}

fn masked(frame: ws_core::testing::WireFrame) -> Vec<u8> {
    frame.masked([1, 2, 3, 4]).encode()
}

/// FRAG-04: around the lengths where a header grows, what fits a buffer leaves in one frame, and
/// what does not is not staged at all.
#[test]
fn a_frame_is_staged_whole_or_not_at_all_at_every_size() {
    for (room, len) in (120..140).flat_map(|room| (110..140).map(move |len| (room, len))) {
        staged_whole_or_not(endpoint(Server, 135, room.max(136)), len);
        staged_whole_or_not(endpoint(Client(Random::new(1)), 139, room.max(140)), len);
    }
    for len in 65_520..65_545 {
        staged_whole_or_not(endpoint(Server, 135, 65_540), len);
        staged_whole_or_not(endpoint(Client(Random::new(1)), 139, 65_540), len);
    }
}

fn staged_whole_or_not<R: Role>(endpoint: Endpoint<R, Vec<u8>, Vec<u8>>, len: usize) {
    let mut socket = io::WebSocket::new(Script::new(), endpoint);
    let staged = socket.stage(Frame::Message(Kind::Binary), &vec![7; len]);
    assert_eq!(socket.open_message(), None, "{len}");
    socket.flush().unwrap();
    let sent = ws_core::testing::WireFrame::decode_all(socket.stream().written());
    match staged {
        Ok(()) => assert!(sent.len() == 1 && sent[0].fin && sent[0].payload.len() == len),
        Err(error) => assert!(error == Error::Full(ws_core::Full) && sent.is_empty()),
    }
}

/// FRAG-03: a message that began where any size was taken is refused where it is to be put together
/// and does not fit, although its header had been read.
#[test]
fn asking_for_the_whole_behind_the_header_of_a_large_piece_is_1009() {
    let mut endpoint = endpoint(Server, 200, 16);
    let frame = masked(binary(vec![9; 5000]));
    let (head, body) = frame.split_at(8);
    endpoint.space()[..8].copy_from_slice(head);
    endpoint.filled(8).unwrap();
    assert_eq!(endpoint.poll(Take::Chunks), Ok(Next::Read));
    let space = endpoint.space();
    let len = space.len();
    space.copy_from_slice(&body[..len]);
    endpoint.filled(len).unwrap();
    assert_eq!(endpoint.poll(Take::Messages), Ok(Next::Write));
    let close = ws_core::testing::WireFrame::decode_all(endpoint.output());
    assert_eq!(close[0].close_code(), Some(CloseCode::TOO_BIG));
    endpoint.wrote(usize::MAX);
    let Err(Error::Violation(violation)) = endpoint.poll(Take::Messages) else { panic!() };
    assert_eq!(violation.rule, Rule::TooBig);
}

/// FRAG-04: a frame of known size takes nothing but its own bytes, and nothing is received in it.
#[test]
fn an_echo_does_not_get_into_a_frame_of_known_size() {
    let input = masked(text("t".repeat(400)));
    let script = Script::new().then(&input[..100]).then(&input[100..]);
    let mut socket = io::WebSocket::new(script, endpoint(Server, 140, 140));
    assert!(socket.receive_chunk().unwrap().is_some());
    let mut first = true;
    let sized = socket.send_sized(Kind::Binary, 300, |room| {
        let len = if std::mem::take(&mut first) { 10 } else { 0 };
        room[..len].fill(b'B');
        len
    });
    assert_eq!(sized, Err(Error::Misuse(Misuse::FrameOpen)));
    assert_eq!(socket.receive_chunk().err(), Some(Error::Misuse(Misuse::FrameOpen)));
    assert_eq!(socket.frame_left(), 290);
}

/// FRAG-04: an echo counts into the message that is open.
#[test]
fn an_open_message_tells_how_much_of_it_was_echoed() {
    let input = masked(text("a".repeat(50)).more());
    let script = Script::new().then(input).then_silence();
    let mut socket = io::WebSocket::new(script, endpoint(Server, 300, 0));
    socket.receive_chunk().unwrap().unwrap().echo().unwrap();
    assert_eq!(socket.open_message(), Some((Kind::Text, 50)));
}

/// PROTO-07: behind the closing handshake nothing is sent, and the peer's reason remains.
#[test]
fn nothing_follows_the_closing_handshake() {
    let script = Script::new().then(masked(close(1000, "bye bye")));
    let mut socket = io::WebSocket::new(script, endpoint(Server, 300, 0));
    assert!(socket.receive().unwrap().is_none());
    let closed = Err(Error::Misuse(Misuse::Closed));
    assert_eq!(socket.stage(Frame::Pong, &[b'x'; 60]), closed);
    assert_eq!(socket.ping(b"x"), closed);
    assert_eq!(socket.peer_close(), Some((Some(CloseCode::NORMAL), "bye bye")));
}

/// PROTO-07: a reason for which there is no room is left out; the code is not.
#[test]
fn a_close_leaves_without_its_reason_where_there_is_no_room() {
    let input = [masked(text("")), vec![0x81]].concat();
    let script = Script::new().then(input).then_silence();
    let mut socket = io::WebSocket::new(script, endpoint(Server, 300, 0));
    assert!(socket.receive().unwrap().is_some());
    socket.close(Close::new(CloseCode::POLICY, "you said nothing at all")).unwrap();
    let sent = ws_core::testing::WireFrame::decode_all(socket.stream().written());
    assert_eq!(sent, [close(1008, "")]);
}

/// BEAT-05, SEC-01: a peer that floods us with Pings gets its Pongs, and does not keep the loop from
/// its other connections.
#[test]
fn a_flood_of_pings_does_not_hold_a_step() {
    let mut script = Script::new();
    for _ in 0..100 {
        script = script.then(masked(ping("x")));
    }
    let clock = Clock::default();
    let mut timers = Timers::new(Timing::DEFAULT, clock.hand(), Random::new(1));
    let mut socket = io::WebSocket::new(script.then_silence(), endpoint(Server, 200, 200));
    let mut steps = 0;
    while let io::Step::Idle(until) = socket.step(Take::Messages, &mut timers).unwrap()
        && until <= clock.now()
    {
        steps += 1;
    }
    assert!(steps > 10, "{steps}");
    let pongs = ws_core::testing::WireFrame::decode_all(socket.stream().written());
    assert_eq!(pongs, vec![pong("x"); 100]);
}

/// A stream that keeps what it takes until it is flushed.
struct Buffered {
    script: Script,
    unflushed: usize,
    flushed: Rc<Cell<usize>>,
}

impl embedded_io::ErrorType for Buffered {
    type Error = Failure;
}

impl embedded_io::Read for Buffered {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Failure> {
        embedded_io::Read::read(&mut self.script, bytes)
    }
}

impl embedded_io::Write for Buffered {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Failure> {
        self.unflushed += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.flushed.set(self.flushed.get() + std::mem::take(&mut self.unflushed));
        Ok(())
    }
}

impl embedded_io_async::Read for Buffered {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Failure> {
        embedded_io::Read::read(self, bytes)
    }
}

impl embedded_io_async::Write for Buffered {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Failure> {
        embedded_io::Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        embedded_io::Write::flush(self)
    }
}

/// PROTO-10: the Close that answers a violation is through before the violation is told.
#[test]
fn the_close_for_a_violation_is_flushed() {
    let flushed = Rc::new(Cell::new(0));
    let stream = |flushed: &Rc<Cell<usize>>| Buffered {
        script: Script::new().then(text("not masked").encode()),
        unflushed: 0,
        flushed: flushed.clone(),
    };
    let mut socket = io::WebSocket::new(stream(&flushed), endpoint(Server, 200, 0));
    assert!(matches!(socket.receive().err(), Some(Error::Violation(_))));
    let blocking = flushed.replace(0);
    let mut socket = aio::WebSocket::new(stream(&flushed), endpoint(Server, 200, 0));
    let received = run_until_stuck(socket.receive()).expect("it does not wait");
    assert!(matches!(received.err(), Some(Error::Violation(_))));
    assert!(blocking > 4 && flushed.get() == blocking, "{blocking} {flushed:?}");
}
