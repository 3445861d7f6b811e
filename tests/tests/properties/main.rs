//! Properties of random streams, the same in every run: the seeds count from nought.
//!
//! SEC-05: the properties of the fuzz targets, on stable.

mod heads;
mod mutated;

use ws_core::connection::{Frame, Outgoing};
use ws_core::frame::Kind;
use ws_core::testing::Random;
use ws_core::{Client, Decoder, Event, Server, Side, Violation};
use ws_tests::{WireFrame, naive};

const MAX_MESSAGE: u64 = 700;

/// What a decoder finds in a stream that is offered to it in pieces: messages joined, control
/// frames, and how it went wrong.
fn decode(
    side: Side,
    stream: &[u8],
    mut piece: impl FnMut() -> usize,
) -> (Vec<WireFrame>, Option<Violation>) {
    let mut decoder = Decoder::new(side).with_max_message(MAX_MESSAGE);
    let (mut heard, mut window, mut message) = (vec![], vec![], vec![]);
    let mut rest = stream;
    loop {
        let decoded = match decoder.decode(&mut window) {
            Ok(decoded) => decoded,
            Err(violation) => return (heard, Some(violation)),
        };
        match decoded.event {
            Some(Event::Chunk(chunk)) => {
                assert!(message.is_empty() || !chunk.begins, "a message begins inside another");
                message.extend_from_slice(chunk.span.of(&window));
                if chunk.ends {
                    let opcode = if chunk.kind == Kind::Text { 1 } else { 2 };
                    heard.push(WireFrame::new(opcode, std::mem::take(&mut message)));
                }
            }
            Some(Event::Ping(span)) => heard.push(WireFrame::ping(span.of(&window))),
            Some(Event::Pong(span)) => heard.push(WireFrame::pong(span.of(&window))),
            Some(Event::Close { code, reason }) => {
                heard.push(match code {
                    Some(code) => WireFrame::close(code, reason.of(&window)),
                    None => WireFrame::raw_close(""),
                });
                return (heard, None);
            }
            None if rest.is_empty() => return (heard, None),
            None => {}
        }
        window.drain(..decoded.consumed);
        if decoded.event.is_none() {
            let (now, later) = rest.split_at(piece().clamp(1, rest.len()));
            window.extend_from_slice(now);
            rest = later;
        }
    }
}

/// The decoder, with the stream cut in three ways, and the oracle say the same.
fn all_agree(side: Side, stream: &[u8], random: &mut Random) {
    let verdict = naive::decode(side, MAX_MESSAGE, stream);
    let whole = decode(side, stream, || usize::MAX);
    assert_eq!(whole.0, verdict.heard, "{stream:x?}");
    match (&whole.1, &verdict.breach) {
        (None, None) => {}
        (Some(violation), Some(breach)) => {
            assert!(breach.rules.contains(&violation.rule), "{violation:?} {breach:?} {stream:x?}");
            assert_eq!(violation.offset, breach.offset as u64, "{violation:?} {stream:x?}");
        }
        _ => panic!("{whole:?} {verdict:?} {stream:x?}"),
    }
    assert_eq!(decode(side, stream, || 1), whole, "{stream:x?}");
    assert_eq!(decode(side, stream, || 1 + random.below(9)), whole, "{stream:x?}");
}

/// A lawful conversation: messages in random fragments with control frames between them.
fn lawful(random: &mut Random) -> Vec<WireFrame> {
    let mut frames = vec![];
    for _ in 0..1 + random.below(5) {
        let is_text = random.below(2) == 0;
        let len = [0, 1, 5, 125, 126, 300][random.below(6)];
        let payload = if is_text { text(random, len) } else { bytes(random, len) };
        let mut cuts: Vec<usize> =
            (0..random.below(4)).map(|_| random.below(payload.len() + 1)).collect();
        cuts.extend([0, payload.len()]);
        cuts.sort_unstable();
        let last = cuts.len() - 2;
        for (index, cut) in cuts.windows(2).enumerate() {
            let opcode = if index > 0 {
                0
            } else if is_text {
                1
            } else {
                2
            };
            let mut frame = WireFrame::new(opcode, &payload[cut[0]..cut[1]]);
            frame.fin = index == last;
            frames.push(frame);
            if random.below(4) == 0 {
                let len = [0, 3, 125][random.below(3)];
                frames.push(WireFrame::new(9 + random.below(2) as u8, bytes(random, len)));
            }
        }
    }
    if random.below(3) == 0 {
        let close = WireFrame::close(ws_core::frame::CloseCode(1000), text(random, 20));
        frames.push(if random.below(4) == 0 { WireFrame::raw_close("") } else { close });
    }
    frames
}

fn bytes(random: &mut Random, len: usize) -> Vec<u8> {
    (0..len).map(|_| random.number() as u8).collect()
}

fn text(random: &mut Random, len: usize) -> Vec<u8> {
    let mut text = String::new();
    while text.len() < len {
        text.push(['a', '\u{e9}', '\u{20ac}', '\u{1f980}', '\u{0}'][random.below(5)]);
    }
    text.into_bytes()
}

fn encode(side: Side, frames: &[WireFrame], random: &mut Random) -> Vec<u8> {
    let masked = frames.iter().map(|frame| match side {
        Side::Server => frame.clone().masked((random.number() as u32).to_be_bytes()),
        Side::Client => frame.clone(),
    });
    masked.flat_map(|frame| frame.encode()).collect()
}

fn side(random: &mut Random) -> Side {
    [Side::Server, Side::Client][random.below(2)]
}

/// PROTO-02, FRAG-01, SEC-05
#[test]
fn a_lawful_stream_is_heard_as_it_was_said_however_it_is_cut() {
    for seed in 0..1500 {
        let mut random = Random::new(seed);
        let (side, frames) = (side(&mut random), lawful(&mut random));
        let stream = encode(side, &frames, &mut random);
        let (_, violation) = decode(side, &stream, || usize::MAX);
        assert_eq!(violation, None, "seed {seed}");
        all_agree(side, &stream, &mut random);
    }
}

/// PROTO-02: what the writing half of one role makes the reading half of the other takes apart.
#[test]
fn encoding_and_decoding_are_inverse() {
    for seed in 0..1000 {
        let mut random = Random::new(seed);
        let len = [0, 1, 125, 126, 600, 70_000][random.below(6)];
        let payload = bytes(&mut random, len);
        let mut room = vec![0; len + 14];
        let mut server = Outgoing::new(Server);
        let mut client = Outgoing::new(Client(Random::new(seed)));
        let frame = Frame::Message(Kind::Binary);
        let to_client = server.write(frame, &payload, &mut room).unwrap();
        assert_eq!(decoded(Side::Client, &mut room[..to_client]), payload);
        let to_server = client.write(frame, &payload, &mut room).unwrap();
        assert_eq!(decoded(Side::Server, &mut room[..to_server]), payload);
        assert_eq!(to_server, to_client + 4);
    }
}

fn decoded(side: Side, frame: &mut [u8]) -> Vec<u8> {
    let decoded = Decoder::new(side).decode(frame).unwrap();
    assert_eq!(decoded.consumed, frame.len());
    let Some(Event::Chunk(chunk)) = decoded.event else { panic!("{decoded:?}") };
    chunk.span.of(frame).to_vec()
}
