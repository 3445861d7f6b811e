//! Every request is fed whole, in every cut, byte by byte, and through a buffer of 140 bytes, and
//! must give the same each time.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use super::*;
use crate::handshake::HeadError;
use crate::handshake::accept::Accept;

pub(in crate::handshake) const VALID: &str = "GET /chat?as=ada HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// What was seen, with the pieces of a long field put together again.
#[derive(Debug, Default, PartialEq)]
pub(in crate::handshake) struct Outcome {
    lines: Vec<String>,
    consumed: usize,
    pub(in crate::handshake) verdict: Option<Result<Upgrade, Refusal>>,
}

impl Outcome {
    fn see(&mut self, seen: Seen, bytes: &[u8]) {
        let text = |span: Span| String::from_utf8_lossy(span.of(bytes)).into_owned();
        match seen {
            Seen::Request { method, target } => {
                self.lines.push(format!("{} {}", text(method), text(target)));
            }
            Seen::Field(Field::Whole { name, value } | Field::Begin { name, value }) => {
                self.lines.push(format!("{}: {}", text(name), text(value)));
            }
            Seen::Field(Field::More(piece) | Field::End(piece)) => {
                self.lines.last_mut().unwrap().push_str(&text(piece));
            }
            Seen::Complete(upgrade) => self.verdict = Some(Ok(upgrade)),
        }
    }
}

/// Feeds `stream` through a buffer of `capacity` bytes, `step` at a time, the first time `first`.
fn feed(stream: &[u8], capacity: usize, first: usize, step: usize) -> Outcome {
    let mut handshake = ServerHandshake::default();
    let mut outcome = Outcome::default();
    let mut arrived = 0;
    let mut next = first;
    loop {
        let end = arrived.min(outcome.consumed + capacity);
        let bytes = &stream[outcome.consumed..end];
        match handshake.receive(bytes, capacity) {
            Err(refusal) => {
                assert_eq!(handshake.receive(bytes, capacity), Err(refusal), "it stays refused");
                outcome.verdict = Some(Err(refusal));
                return outcome;
            }
            Ok(Progress { consumed, seen }) => {
                if let Some(seen) = seen {
                    outcome.see(seen, bytes);
                }
                outcome.consumed += consumed;
                if outcome.verdict.is_some() || seen.is_none() && arrived == stream.len() {
                    return outcome;
                }
                if seen.is_none() {
                    assert!(bytes.len() < capacity, "a full buffer always gets room");
                    let room = outcome.consumed + capacity;
                    arrived = (arrived + next).min(stream.len()).min(room);
                    next = step;
                }
            }
        }
    }
}

pub(in crate::handshake) fn outcome(request: &str) -> Outcome {
    let stream = request.as_bytes();
    let whole = feed(stream, 8192, stream.len(), 1);
    for cut in 0..stream.len() {
        assert_eq!(feed(stream, 8192, cut, stream.len()), whole, "cut at {cut}");
    }
    assert_eq!(feed(stream, 8192, 1, 1), whole, "byte by byte");
    if request.split("\r\n").all(|line| line.len() < 130) {
        assert_eq!(feed(stream, 140, 140, 140), whole, "140 bytes");
        assert_eq!(feed(stream, 140, 1, 1), whole, "140 bytes, byte by byte");
    }
    whole
}

#[track_caller]
pub(in crate::handshake) fn refused(request: &str, refusal: Refusal, code: u16) {
    assert_eq!(outcome(request).verdict, Some(Err(refusal)), "{request}");
    assert_eq!(refusal.status().0, code);
}

/// The valid request with something replaced.
#[track_caller]
pub(in crate::handshake) fn with(from: &str, to: &str) -> String {
    assert!(VALID.contains(from));
    VALID.replace(from, to)
}

/// The valid request with a header more.
pub(in crate::handshake) fn plus(header: &str) -> String {
    VALID.replace("\r\n\r\n", &format!("\r\n{header}\r\n\r\n"))
}

#[track_caller]
fn accepted(request: &str) {
    assert!(matches!(outcome(request).verdict, Some(Ok(_))), "{:?}", outcome(request));
}

#[test]
fn a_valid_request_is_shown_and_accepted() {
    let outcome = outcome(&(VALID.to_string() + "\u{1}frames"));
    assert_eq!(outcome.lines[0], "GET /chat?as=ada");
    assert_eq!(outcome.lines[1], "Host: example.com");
    assert_eq!(outcome.lines.len(), 6);
    assert_eq!(outcome.consumed, VALID.len(), "the frames are left alone");
    let accept = Accept(*b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(outcome.verdict, Some(Ok(Upgrade::new(accept))));
}

#[test]
fn what_is_legal_in_other_clothes_is_accepted() {
    accepted(&with("Connection: Upgrade", "Connection: keep-alive, Upgrade"));
    accepted(&with("Connection: Upgrade", "connection:keep-alive\r\nCONNECTION: ,\tuPGRADE ,"));
    accepted(&with("Upgrade: websocket", "UPGRADE: h2c, WebSocket/13"));
    accepted(&with("Host: example.com", "Host:"));
    accepted(&with("Host: example.com", "Host: [::1]:8080"));
    accepted(&with("/chat?as=ada", "http://example.com:80/chat"));
    accepted(&with("HTTP/1.1", "HTTP/1.2"));
    accepted(&with("Key: dGhl", "Key:\t dGhl"));
    accepted(&plus("Content-Length: 0"));
    accepted(&plus("X-Note: gr\u{fc}n\t und blau  "));
    accepted(&plus("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"));
    accepted(&format!("\r\n\r\n{VALID}"));
}

#[test]
fn a_cookie_of_4_kb_passes_through_140_bytes() {
    let cookie = format!("Cookie: {}", "a b=\t12;".repeat(512));
    let request = plus(&cookie);
    let whole = feed(request.as_bytes(), 8192, request.len(), 1);
    assert_eq!(whole.lines[6], cookie);
    assert!(matches!(whole.verdict, Some(Ok(_))));
    for step in [1, 2, 3, 50, 139, 140] {
        assert_eq!(feed(request.as_bytes(), 140, step, step), whole, "steps of {step}");
    }
}

#[test]
fn a_long_field_shows_the_same_whatever_the_buffer() {
    for end in ["", " ", "\t \t"] {
        let field = format!("X-Long:  {}  {}y{end}", "a".repeat(60), "b".repeat(60));
        let request = with("Host: example.com", &format!("Host: h\r\n{field}"));
        let whole = feed(request.as_bytes(), 8192, request.len(), 1);
        assert_eq!(whole.lines[2], format!("X-Long: {}", field[7..].trim()));
        for capacity in 54..200 {
            assert_eq!(feed(request.as_bytes(), capacity, 7, 7), whole, "{capacity} bytes");
        }
    }
}

#[test]
fn whitespace_that_fills_a_buffer_is_passed_through() {
    let request = plus(&format!("X: {}a{}", " ".repeat(500), " ".repeat(500)));
    for step in [1, 140] {
        assert!(matches!(feed(request.as_bytes(), 140, step, step).verdict, Some(Ok(_))));
    }
}

#[test]
fn what_must_be_known_whole_must_fit() {
    let refusal = |request: String| feed(request.as_bytes(), 140, 140, 140).verdict;
    let uri = Some(Err(Refusal::Head(HeadError::StartLineTooLong)));
    let headers = Some(Err(Refusal::Head(HeadError::HeadersTooLong)));
    let long = "a".repeat(200);
    assert_eq!(refusal(with("chat", &long)), uri);
    assert_eq!(refusal(plus(&format!("{long}: x"))), headers);
    for name in ["Host", "Upgrade", "Connection", "Content-Length", "Sec-WebSocket-Key"] {
        assert_eq!(refusal(plus(&format!("{name}: {long}"))), headers, "{name}");
    }
    assert!(matches!(refusal(plus(&format!("Sec-WebSocket-Protocol: {long}"))), Some(Ok(_))));
}

#[test]
fn the_head_has_a_budget_and_every_byte_counts_once() {
    // Byte by byte through the exact budget: nothing was looked at, and so counted, twice.
    let run = |max_bytes| {
        let mut handshake = ServerHandshake::new(max_bytes);
        let (mut start, mut end) = (0, 0);
        loop {
            let progress = handshake.receive(&VALID.as_bytes()[start..end], 8192)?;
            match progress.seen {
                Some(Seen::Complete(upgrade)) => return Ok(upgrade),
                Some(_) => start += progress.consumed,
                None => end += 1,
            }
        }
    };
    let len = VALID.len() as u32;
    assert!(run(len).is_ok());
    assert_eq!(run(len - 1), Err(Refusal::Head(HeadError::HeadersTooLong)));
    assert_eq!(run(10), Err(Refusal::Head(HeadError::StartLineTooLong)));
}

#[test]
fn after_the_end_there_is_nothing_more_to_see() {
    let mut handshake = ServerHandshake::default();
    let mut start = 0;
    while start < VALID.len() {
        start += handshake.receive(&VALID.as_bytes()[start..], 8192).unwrap().consumed;
    }
    assert_eq!(handshake.receive(b"\x81\x00", 2), Ok(Progress { consumed: 0, seen: None }));
}
