//! Frames: the decoder, the headers, the text.

use ws_core::frame::{CloseCode, Header, Kind, header_len};
use ws_core::utf8::Utf8;
use ws_core::{Decoder, Event, Side, Violation};

use super::Dice;

/// What a peer said, whatever the cuts were.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    said: Vec<Said>,
    /// What there is of a message that has not ended.
    partial: Vec<u8>,
    violation: Option<Violation>,
}

#[derive(Debug, PartialEq)]
enum Said {
    Message(Kind, bool, Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<CloseCode>, Vec<u8>),
}

impl Heard {
    fn hear(&mut self, event: Event, bytes: &[u8]) {
        match event {
            Event::Ping(span) => self.said.push(Said::Ping(span.of(bytes).to_vec())),
            Event::Pong(span) => self.said.push(Said::Pong(span.of(bytes).to_vec())),
            Event::Close { code, reason } => {
                assert!(str::from_utf8(reason.of(bytes)).is_ok());
                self.said.push(Said::Close(code, reason.of(bytes).to_vec()));
            }
            Event::Chunk(chunk) => {
                assert!(self.partial.is_empty() || !chunk.begins, "begun inside a message");
                assert!(!chunk.span.is_empty() || chunk.ends, "an empty chunk inside a message");
                self.partial.extend_from_slice(chunk.span.of(bytes));
                if chunk.ends {
                    let message = std::mem::take(&mut self.partial);
                    if chunk.kind == Kind::Text && !chunk.compressed {
                        assert!(str::from_utf8(&message).is_ok());
                    }
                    self.said.push(Said::Message(chunk.kind, chunk.compressed, message));
                }
            }
        }
    }
}

/// Decodes a stream that arrives in pieces of the lengths that `piece` says.
fn decode(mut decoder: Decoder, stream: &[u8], mut piece: impl FnMut() -> usize) -> Heard {
    let mut heard = Heard::default();
    let mut buffer = Vec::new();
    let mut rest = stream;
    loop {
        match decoder.decode(&mut buffer) {
            Ok(decoded) => {
                if let Some(event) = decoded.event {
                    heard.hear(event, &buffer);
                }
                buffer.drain(..decoded.consumed);
                if decoded.event.is_some() {
                    continue;
                }
            }
            Err(violation) => {
                assert!(violation.offset <= stream.len() as u64);
                assert_eq!(decoder.decode(&mut buffer), Err(violation), "the same for ever");
                heard.violation = Some(violation);
                // How much of the last message came before the bad byte depends on the cuts.
                heard.partial.clear();
                return heard;
            }
        }
        if rest.is_empty() {
            return heard;
        }
        let (arrived, after) = rest.split_at(piece().clamp(1, rest.len()));
        buffer.extend_from_slice(arrived);
        rest = after;
    }
}

/// A stream of frames gives the same messages, control frames and violation, however it is cut.
pub fn any_cut_decodes_alike(input: &[u8]) {
    let (mut dice, stream) = Dice::split(input);
    let side = dice.pick(&[Side::Server, Side::Client]);
    let mut decoder = Decoder::new(side).with_max_message(dice.pick(&[1, 125, 126, 70_000]));
    if dice.once_in(2) {
        decoder = decoder.with_compressed_messages();
    }
    let whole = decode(decoder.clone(), stream, || usize::MAX);
    assert_eq!(decode(decoder.clone(), stream, || 1), whole, "byte by byte");
    assert_eq!(decode(decoder, stream, || dice.len(200)), whole, "cut by chance");
}

/// The validator fails where `core::str` says, at the first bad byte, whatever the cuts.
pub fn utf8_is_what_core_says(input: &[u8]) {
    let (mut dice, text) = Dice::split(input);
    let mut utf8 = Utf8::new();
    let mut at = 0;
    let found = loop {
        if at == text.len() {
            break if utf8.is_complete() { Ok(()) } else { Err(None) };
        }
        let end = text.len().min(at + 1 + dice.len(200));
        match utf8.check(&text[at..end]) {
            Ok(()) => at = end,
            Err(bad) => break Err(Some(at + bad)),
        }
    };
    let expected = str::from_utf8(text).map(|_| ()).map_err(|error| {
        // `core` tells how many bytes of the bad sequence were a prefix of a good one.
        error.error_len().map(|len| error.valid_up_to() + first_bad(text, error.valid_up_to(), len))
    });
    assert_eq!(found, expected);
}

/// Which byte of a bad sequence is the first that nothing legal can follow.
fn first_bad(text: &[u8], start: usize, len: usize) -> usize {
    let is_first = matches!(text[start], 0xC2..=0xF4);
    if is_first { len } else { 0 }
}

/// What is decoded encodes to the same bytes, and no prefix of them is a header.
pub fn headers_survive_a_round_trip(input: &[u8]) {
    match Header::decode(input) {
        Ok(Some((header, len))) => {
            let bytes = header.encode();
            assert_eq!(bytes.as_slice(), &input[..len]);
            assert_eq!(len, header_len(header.len, header.mask.is_some()));
            for cut in 0..len {
                assert_eq!(Header::decode(&input[..cut]), Ok(None));
            }
        }
        Ok(None) => assert!(input.len() < ws_core::frame::MAX_HEADER),
        Err((rule, at)) => {
            assert!(at < input.len() as u64, "{rule:?} behind the end");
            let before = &input[..at as usize];
            assert_eq!(Header::decode(before), Ok(None), "fails at the first bad byte");
        }
    }
}
