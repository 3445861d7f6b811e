//! Section 4.2: the server's opening handshake, over both drivers and cut at every byte.

use ws_core::handshake::{Refusal, Subprotocols, server};
use ws_core::testing::abuse::REQUEST;
use ws_core::testing::{Failure, Script};
use ws_core::{Error, Misuse, aio, io};
use ws_tests::frames::*;
use ws_tests::handshake::serve;
use ws_tests::{block_on, run_until_stuck};

/// PROTO-01: the RFC's own example.
#[test]
fn the_accept_key_follows_from_the_key() {
    let served = serve(512, REQUEST);
    assert_eq!(
        served.response,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
    );
    assert_eq!(served.end, Some(Error::Ended));
}

/// PROTO-08: bytes behind the head feed the parser, whatever cut they come in.
#[test]
fn frames_behind_the_request_are_not_lost() {
    let frames = [text("hello").masked([1; 4]).encode(), close(1000, "").masked([2; 4]).encode()];
    let served = serve(512, [REQUEST.as_bytes(), &frames.concat()].concat());
    assert_eq!(served.frames, [text("hello"), close(1000, "")]);
    assert_eq!(served.end, None);
}

/// EMB-02: with cookies of 4 KB, and no send buffer.
#[test]
fn a_browser_is_served_through_140_bytes() {
    let cookie = format!("\r\nCookie: {}\r\n\r\n", "c=1; ".repeat(800));
    let request = REQUEST.replace("\r\n\r\n", &cookie);
    let hello = text("hello").masked([1; 4]).encode();
    let served = serve(140, [request.as_bytes(), &hello].concat());
    assert_eq!(served.frames, [text("hello")]);
}

/// PROTO-08
#[test]
fn a_refusal_has_the_status_and_the_headers_that_it_needs() {
    let refused = |from: &str, to: &str, refusal: Refusal, lines: &[&str]| {
        let served = serve(512, REQUEST.replacen(from, to, 1));
        assert_eq!(served.end, Some(Error::Refused(refusal)));
        for line in lines.iter().chain(&["Connection: "]) {
            assert!(served.response.contains(line), "{line} in {}", served.response);
        }
    };
    refused("Host: example.com\r\n", "", Refusal::MissingHost, &["HTTP/1.1 400 "]);
    refused("HTTP/1.1", "HTTP/1.0", Refusal::HttpVersion, &["HTTP/1.1 400 "]);
    refused("GET", "PUT", Refusal::Method, &["HTTP/1.1 405 ", "\r\nAllow: GET\r\n"]);
    let needed =
        ["HTTP/1.1 426 ", "\r\nUpgrade: websocket\r\n", "\r\nSec-WebSocket-Version: 13\r\n"];
    refused(": 13", ": 12", Refusal::UnsupportedVersion, &needed);
}

/// PROTO-08: a target that does not fit is 414, a header that must 431.
#[test]
fn what_does_not_fit_the_buffer_is_refused_by_its_kind() {
    let status = |request: String| {
        let served = serve(140, request);
        served.response.split(' ').nth(1).map(str::to_owned)
    };
    let long = "a".repeat(200);
    assert_eq!(status(REQUEST.replace("GET /", &format!("GET /{long}"))).as_deref(), Some("414"));
    assert_eq!(status(REQUEST.replace("Host: ", &format!("Host: {long}"))).as_deref(), Some("431"));
}

/// PROTO-08: the client goes away, or never finishes.
#[test]
fn a_request_that_ends_too_soon_is_the_end() {
    for at in [0, 1, 20, REQUEST.len() - 1] {
        let served = serve(512, &REQUEST[..at]);
        assert_eq!((served.response.as_str(), served.end), ("", Some(Error::Ended)), "{at}");
    }
}

/// ADV-01: the server's preference among what the client offers, in one list or in two.
#[test]
fn the_subprotocol_that_the_server_likes_best_is_chosen() {
    let choices = [
        ("chat, superchat", Some("superchat")),
        ("superchat", Some("superchat")),
        ("chat\r\nSec-WebSocket-Protocol: superchat", Some("superchat")),
        ("chat", Some("chat")),
        ("other", None),
    ];
    for (offer, chosen) in choices {
        let offer = format!("\r\nSec-WebSocket-Protocol: {offer}\r\n\r\n");
        let request = REQUEST.replace("\r\n\r\n", &offer);
        for written in [accept_blocking(&request), accept_async(&request)] {
            let line = chosen.map(|chosen| format!("\r\nSec-WebSocket-Protocol: {chosen}\r\n"));
            match line {
                Some(line) => assert!(written.contains(&line), "{request} {written}"),
                None => assert!(!written.contains("Sec-WebSocket-Protocol"), "{written}"),
            }
            assert!(written.contains("\r\nX-Served-By: us\r\n"), "{written}");
        }
    }
}

const HEADERS: [(&str, &str); 1] = [("X-Served-By", "us")];

fn observe(subprotocols: &mut Subprotocols<'_>, seen: server::Seen, bytes: &[u8]) {
    if let server::Seen::Field(field) = seen
        && let Some(value) = field.value("Sec-WebSocket-Protocol", bytes)
    {
        subprotocols.observe(value);
    }
}

fn accept_blocking(request: &str) -> String {
    let mut script = Script::new().bytewise(request.as_bytes());
    let mut subprotocols = Subprotocols::new(&["superchat", "chat"]);
    let mut accept = io::Accept::new(&mut script, [0; 256], [0; 16]).unwrap();
    let upgrade = accept.read(|seen, bytes| observe(&mut subprotocols, seen, bytes)).unwrap();
    accept.accept(&upgrade, subprotocols.chosen(), &HEADERS).unwrap();
    String::from_utf8(script.written().to_vec()).unwrap()
}

fn accept_async(request: &str) -> String {
    let mut script = Script::new().bytewise(request.as_bytes()).hesitant();
    let mut subprotocols = Subprotocols::new(&["superchat", "chat"]);
    run_until_stuck(async {
        let mut accept = aio::Accept::new(&mut script, [0; 256], [0; 16]).unwrap();
        let see = |seen: server::Seen, bytes: &[u8]| observe(&mut subprotocols, seen, bytes);
        let upgrade = accept.read(see).await.unwrap();
        accept.accept(&upgrade, subprotocols.chosen(), &HEADERS).await.unwrap();
    })
    .unwrap();
    String::from_utf8(script.written().to_vec()).unwrap()
}

/// PROTO-08: nothing that the application says can break the response.
#[test]
fn a_header_that_would_break_the_response_is_misuse() {
    let broken = [("X", "a\r\nb"), ("X y", "a"), ("Upgrade", "h2c")];
    for header in broken {
        let mut script = Script::new().then(REQUEST);
        let mut accept = io::Accept::new(&mut script, [0; 256], [0; 16]).unwrap();
        let upgrade = accept.read(|_, _| {}).unwrap();
        let misuse = accept.accept(&upgrade, None, &[header]).err();
        assert!(matches!(misuse, Some(Error::Misuse(Misuse::Header(_)))), "{header:?}");
        assert_eq!(script.written(), b"");
    }
}

/// PROTO-08: the answer survives a client that is still sending.
#[test]
fn after_a_refusal_what_still_comes_is_read_and_thrown_away_up_to_a_limit() {
    for (limit, all_is_read) in [(100_000, true), (500, false)] {
        let mut script = Script::new().then("POST ").then(&REQUEST[4..]).pieces(&[b'x'; 4000], 100);
        let mut accept = io::Accept::new(&mut script, [0; 256], []).unwrap();
        let refused = accept.read(|_, _| {});
        let Err(Error::Refused(refusal)) = refused else { panic!("{refused:?}") };
        accept.refuse(&refusal).unwrap();
        let mut shut = 0;
        accept.leave(|_| shut += 1, limit);
        assert_eq!((shut, script.is_read()), (1, all_is_read));
        assert!(script.written().starts_with(b"HTTP/1.1 405 "));
    }
}

/// PROTO-08, EMB-02: what is unread when a request is refused takes no room from the response.
#[test]
fn a_refusal_leaves_in_as_few_writes_as_the_buffer_allows() {
    let request = REQUEST.replace("GET", "POST");
    for refuse in [refuse_blocking, refuse_awaiting, refuse_tersely] {
        let mut script = Script::new().then(&request);
        refuse(&mut script);
        let written = script.written();
        assert!(written.starts_with(b"HTTP/1.1 405 "));
        let fewest = written.len().div_ceil(140);
        assert_eq!(script.writes(), fewest, "for {} bytes", written.len());
    }
}

fn refuse_blocking(script: &mut Script) {
    let mut accept = io::Accept::new(script, [0; 140], []).unwrap();
    let Err(Error::Refused(refusal)) = accept.read(|_, _| {}) else { panic!("a POST") };
    accept.refuse(&refusal).unwrap();
}

fn refuse_awaiting(script: &mut Script) {
    let mut accept = aio::Accept::new(script, [0; 140], []).unwrap();
    block_on(async {
        let Err(Error::Refused(refusal)) = accept.read(|_, _| {}).await else { panic!("a POST") };
        accept.refuse(&refusal).await.unwrap();
    });
}

fn refuse_tersely(script: &mut Script) {
    assert!(matches!(io::WebSocket::accept(script, [0; 140], []), Err(Error::Refused(_))));
}

/// PROTO-08: a stream that fails is told as that.
#[test]
fn a_stream_that_fails_inside_the_handshake_is_told() {
    for nth in 1..5 {
        let script = || Script::new().pieces(REQUEST.as_bytes(), 30).write_at_most(40);
        let failed = io::WebSocket::accept(script().fail_read(nth), [0; 256], []).err();
        assert_eq!(failed, Some(Error::Io(Failure::Told)));
        let failed = io::WebSocket::accept(script().fail_write(nth.min(3)), [0; 256], []).err();
        assert_eq!(failed, Some(Error::Io(Failure::Told)));
    }
}
