//! Rubbish, and lawful bytes cut where they hurt.

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_core::testing::abuse::{self, Abuse, Answer, REQUEST};

use super::bench::{Bench, everywhere};
use super::clients;

fn request() -> String {
    REQUEST.replacen("GET / ", "GET /echo ", 1)
}

/// The script, asking for the echo.
fn at_the_echo(abuse: &Abuse) -> Vec<u8> {
    let (from, to) = (b"/ HTTP/1.1\r\n".as_slice(), b"/echo HTTP/1.1\r\n");
    match abuse.bytes.windows(from.len()).position(|bytes| bytes == from) {
        Some(at) => [&abuse.bytes[..at], to, &abuse.bytes[at + from.len()..]].concat(),
        None => abuse.bytes.clone(),
    }
}

/// A message of any size passes here: what is too large for others is no abuse.
fn is_about_size(abuse: &Abuse) -> bool {
    matches!(abuse.answer, Answer::FramesThenClose(_, Some(CloseCode::TOO_BIG)))
}

fn still_serves(bench: &Bench) {
    let mut socket = bench.open("/echo");
    clients::echo(&mut socket, "still there?");
}

#[test]
fn bad_requests_are_answered_as_the_codec_answers_them() {
    everywhere(|bench| {
        for abuse in abuse::handshakes() {
            let heard = bench.say(&[&at_the_echo(&abuse)]);
            if let Err(wrong) = abuse.judge(&heard) {
                panic!("{}: {wrong}", abuse.name);
            }
        }
        still_serves(bench);
    });
}

#[test]
fn bad_frames_are_closed_with_the_right_code_whatever_the_segments() {
    everywhere(|bench| {
        let request = request();
        for abuse in abuse::after_handshake().iter().filter(|abuse| !is_about_size(abuse)) {
            for len in [1, 3, 100_000] {
                let pieces: Vec<&[u8]> = abuse.bytes.chunks(len).take(300).collect();
                let whole = pieces.iter().map(|piece| piece.len()).sum::<usize>();
                if whole < abuse.bytes.len() {
                    continue;
                }
                let mut segments = vec![request.as_bytes()];
                segments.extend(pieces);
                let heard = bench.say(&segments);
                let end = heard.windows(4).position(|four| four == b"\r\n\r\n");
                let frames = &heard[end.expect("a response") + 4..];
                if let Err(wrong) = abuse.judge(frames) {
                    panic!("{} in segments of {len}: {wrong}", abuse.name);
                }
            }
        }
        still_serves(bench);
    });
}

#[test]
fn bytes_that_are_no_protocol_at_all_do_no_harm() {
    everywhere(|bench| {
        let mut random = ws_core::testing::Random::new(3);
        for len in [1, 100, 2048, 20_000] {
            let noise: Vec<u8> = (0..len).map(|_| random.number() as u8).collect();
            // Short of a line, there is nothing to answer.
            let heard = bench.say(&[&noise, b"\r\n\r\n"]);
            assert!(heard.starts_with(b"HTTP/1.1 4"), "{heard:?}");
        }
        still_serves(bench);
    });
}

#[test]
fn a_conversation_is_the_same_in_one_segment_or_in_many() {
    everywhere(|bench| {
        let frames = [
            WireFrame::text("one"),
            WireFrame::ping("two"),
            WireFrame::binary([3; 200]),
            WireFrame::text("fo").more(),
            WireFrame::ping("within"),
            WireFrame::continuation("ur"),
            WireFrame::close(CloseCode::NORMAL, "bye"),
        ];
        let frames = frames.map(|frame| frame.masked([1, 2, 3, 4]));
        let all = [request().into_bytes(), WireFrame::encode_all(&frames)].concat();
        let once = bench.say(&[&all]);
        for len in [1, 2, 7, 64] {
            let segments: Vec<&[u8]> = all.chunks(len).collect();
            assert_eq!(payloads(&bench.say(&segments)), payloads(&once), "segments of {len}");
        }
    });
}

/// What was said, however it was cut into frames.
fn payloads(heard: &[u8]) -> (Vec<u8>, Vec<WireFrame>) {
    let end = heard.windows(4).position(|four| four == b"\r\n\r\n").expect("a response") + 4;
    let frames = WireFrame::decode_all(&heard[end..]);
    let (control, data): (Vec<_>, Vec<_>) =
        frames.into_iter().partition(|frame| frame.opcode >= 0x8);
    (data.into_iter().flat_map(|frame| frame.payload).collect(), control)
}
