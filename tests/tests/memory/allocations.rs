//! Allocations, counted.

use embedded_io::{ErrorType, Read, Write};
use ws_core::endpoint::{Endpoint, Inbox, buffer_for};
use ws_core::frame::{CloseCode, Kind};
use ws_core::{Client, Error, Role, Server, Side, io};
use ws_tests::counting::{Counting, live_here as live, taken_here as taken};
use ws_tests::frames::*;
use ws_tests::scene::encode_for;

#[global_allocator]
static COUNTING: Counting = Counting;

/// A stream over memory that was there before.
struct Memory<'a> {
    input: &'a [u8],
    /// How many bytes a read gives at most.
    step: usize,
    written: usize,
}

impl ErrorType for Memory<'_> {
    type Error = embedded_io::ErrorKind;
}

impl Read for Memory<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Self::Error> {
        let len = self.input.len().min(buf.len()).min(self.step);
        let (now, later) = self.input.split_at(len);
        buf[..len].copy_from_slice(now);
        self.input = later;
        Ok(len)
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Self::Error> {
        self.written += buf.len();
        Ok(buf.len())
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// Messages whole and in fragments, control frames, a sent message in parts, and a closing
/// handshake: how many messages were received, and how many allocations that took.
fn converse<R: Role>(role: R, input: &[u8], step: usize) -> (usize, usize) {
    let before = taken();
    let inbox = Inbox::new([0; buffer_for(1000)], R::SIDE).unwrap();
    let endpoint = Endpoint::new(role, 1000, inbox, [0; 400]).unwrap();
    let mut socket = io::WebSocket::new(Memory { input, step, written: 0 }, endpoint);
    let mut messages = 0;
    socket.send(Kind::Binary, &[7; 5000]).unwrap();
    while let Some(message) = socket.receive().unwrap() {
        messages += 1;
        message.echo().unwrap();
    }
    assert!(socket.stream().written > 5000);
    (messages, taken() - before)
}

/// EMB-01: not one allocation in a whole conversation, of either role.
#[test]
fn a_whole_conversation_takes_no_memory_but_what_was_lent() {
    let frames = [
        text("whole"),
        ping([1; 125]),
        binary([5; 500]).more(),
        ping("between"),
        continuation([7; 500]),
        pong("nobody asked"),
        close(1000, "bye"),
    ];
    for step in [1, 7, 4096] {
        let input = encode_for(Side::Server, &frames);
        assert_eq!(converse(Server, &input, step), (2, 0));
        let input = encode_for(Side::Client, &frames);
        let client = Client(|key: &mut [u8]| key.fill(3));
        assert_eq!(converse(client, &input, step), (2, 0));
    }
}

/// EMB-01: nor does refusing.
#[test]
fn a_violation_and_its_close_take_no_memory() {
    let input = encode_for(Side::Server, &[frame(3, "")]);
    let before = taken();
    let inbox = Inbox::new([0; 200], Side::Server).unwrap();
    let endpoint = Endpoint::new(Server, 1000, inbox, []).unwrap();
    let stream = Memory { input: &input, step: 100, written: 0 };
    let mut socket = io::WebSocket::new(stream, endpoint);
    let refused = matches!(socket.receive(), Err(Error::Violation(_)));
    let written = socket.stream().written;
    assert_eq!(taken() - before, 0);
    assert!(refused && written > 4);
}

/// FRAG-03: whatever it claims, even if it is allowed to.
#[test]
fn a_header_that_claims_2_to_the_62_bytes_takes_no_memory() {
    for claimed in [900_000, 60_000_000, 1 << 62] {
        let input = encode_for(Side::Server, &[binary("").claiming(claimed)]);
        let before = taken();
        let inbox = Inbox::new([0; 200], Side::Server).unwrap();
        let endpoint = Endpoint::new(Server, u64::MAX, inbox, []).unwrap();
        let stream = Memory { input: &input, step: 100, written: 0 };
        let mut socket = io::WebSocket::new(stream, endpoint);
        assert!(matches!(socket.receive_chunk().err(), Some(Error::Ended)));
        assert_eq!(taken() - before, 0);
    }
}

/// FRAG-03: put together in a `Vec`: what has arrived and 64 KiB, never what was announced, and it
/// is given back with the next message.
#[test]
fn a_message_in_a_vec_takes_no_more_than_has_arrived_and_a_constant() {
    use ws_core::assembly::Assembly;
    use ws_core::{Decoder, Event};
    const AHEAD: usize = 64 * 1024;
    let mut input = encode_for(
        Side::Client,
        &[
            binary(vec![1; 300_000]).more(),
            continuation(vec![2; 300_000]),
            text("small"),
            binary(vec![3; 9]).claiming(10_000_000),
        ],
    );
    let mut decoder = Decoder::new(Side::Client);
    let before = live();
    let mut assembly = Assembly::new(Vec::new());
    let (mut at, mut of_message, mut ended) = (0, 0, 0);
    while at < input.len() {
        let end = input.len().min(at + 1000);
        let decoded = decoder.decode(&mut input[at..end]).unwrap();
        if let Some(Event::Chunk(chunk)) = decoded.event {
            of_message = if chunk.begins { 0 } else { of_message } + chunk.span.len();
            let payload = chunk.span.shifted(at).of(&input);
            ended += usize::from(assembly.add(&chunk, payload).unwrap().is_some());
            let taken = live() - before;
            assert!(taken <= of_message + AHEAD, "{taken} for {of_message}");
        }
        at += decoded.consumed;
    }
    assert_eq!(ended, 2, "the third is not complete");
}

/// The counter counts.
#[test]
fn an_allocation_is_counted() {
    let before = taken();
    let boxed = std::hint::black_box(Box::new(CloseCode::NORMAL));
    assert_eq!(taken() - before, 1);
    drop(boxed);
}
