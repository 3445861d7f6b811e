//! Work, counted in what can be counted without a clock: how often the decoder is called, and how
//! many bytes are offered to it more than once.
//!
//! A decoder that looks at every byte that it is offered does work in proportion to the bytes
//! offered; so offered ≤ constant × received means that work is linear, as long as no call costs
//! more than its bytes. The endpoint also moves bytes to make room: with random bytes a move shows as
//! bytes of its buffer that change, which the last test counts from outside.

use ws_core::endpoint::{Endpoint, Inbox, Next, Take, buffer_for};
use ws_core::testing::Random;
use ws_core::{Decoder, Server, Side};

const MIB: usize = 1 << 20;

/// A binary message of so many random bytes, each in a fragment of its own, from a client that masks
/// with noughts.
fn in_fragments_of_one_byte(len: usize) -> Vec<u8> {
    let mut random = Random::new(8);
    let mut bytes = Vec::with_capacity(len * 7);
    for index in 0..len {
        let opcode = if index == 0 { 0x02 } else { 0x00 };
        let fin = if index + 1 == len { 0x80 } else { 0x00 };
        bytes.extend_from_slice(&[fin | opcode, 0x81, 0, 0, 0, 0, random.number() as u8]);
    }
    bytes
}

/// FRAG-03: 4 MiB in fragments of one byte, read 4 KiB at a time.
#[test]
fn the_decoder_is_called_once_for_a_fragment_and_offered_each_byte_a_few_times() {
    const BUFFER: usize = 4096;
    let mut input = in_fragments_of_one_byte(4 * MIB);
    let mut decoder = Decoder::new(Side::Server);
    let (mut at, mut calls, mut reoffered, mut payload) = (0, 0, 0, 0);
    let mut end = BUFFER.min(input.len());
    while at < input.len() {
        calls += 1;
        let decoded = decoder.decode(&mut input[at..end]).unwrap();
        at += decoded.consumed;
        if let Some(ws_core::Event::Chunk(chunk)) = decoded.event {
            payload += chunk.span.len();
            continue;
        }
        // What is left of this buffer is offered again with the next one.
        reoffered += end - at;
        end = (at + BUFFER).min(input.len());
    }
    assert_eq!(payload, 4 * MIB);
    let buffers = input.len() / BUFFER;
    assert!(calls <= 4 * MIB + 2 * buffers, "{calls}");
    assert!(reoffered <= 14 * 2 * buffers, "{reoffered}: less than a header for each buffer");
}

/// FRAG-03: the same in a stream that gives single bytes: at most one header is offered again for
/// each byte, whatever has gone before.
#[test]
fn byte_by_byte_no_more_than_a_header_is_offered_again() {
    let input = in_fragments_of_one_byte(64 * 1024);
    let mut decoder = Decoder::new(Side::Server);
    let (mut window, mut most) = (vec![], 0);
    for byte in input {
        window.push(byte);
        most = most.max(window.len());
        let consumed = decoder.decode(&mut window).unwrap().consumed;
        window.drain(..consumed);
    }
    assert!(most <= 14, "{most}");
}

/// FRAG-03: put together whole, in a buffer that just holds it: bytes are moved to make room a few
/// times at most, however many fragments there are.
#[test]
fn a_message_in_tiny_fragments_is_put_together_with_linear_work() {
    const LEN: usize = 64 * 1024;
    let input = in_fragments_of_one_byte(LEN);
    let inbox = Inbox::new(vec![0; buffer_for(LEN)], Side::Server).unwrap();
    let mut endpoint = Endpoint::new(Server, LEN as u64, inbox, []).unwrap();
    let (mut rest, mut reads, mut polls, mut moved) = (&input[..], 0, 0, 0);
    let message = loop {
        polls += 1;
        match endpoint.poll(Take::Messages).unwrap() {
            Next::Data(data) => break data,
            Next::Read => {
                reads += 1;
                let before = endpoint.bytes().to_vec();
                let len = endpoint.space().len().min(rest.len()).min(4096);
                moved += endpoint.bytes().iter().zip(&before).filter(|(a, b)| a != b).count();
                endpoint.space()[..len].copy_from_slice(&rest[..len]);
                rest = &rest[len..];
                endpoint.filled(len).unwrap();
            }
            next => panic!("{next:?}"),
        }
    };
    assert_eq!(message.span.len(), LEN);
    assert!(message.span.of(endpoint.bytes()).iter().eq(input.iter().skip(6).step_by(7)));
    assert_eq!(polls, reads + 1, "one look at each read");
    // The less room is left, the less is read at once: 145 bytes at the very least.
    assert!(reads <= input.len() / 145, "{reads}");
    assert!(moved <= input.len(), "{moved}");
}
