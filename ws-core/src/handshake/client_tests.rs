//! Every answer is fed byte by byte, in small steps, and through a buffer of 140 bytes.

use std::format;
use std::string::String;

use super::*;
use crate::handshake::{ClientError, HeadError};

const VALID: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn handshake() -> ClientHandshake<'static> {
    ClientHandshake::new(*b"the sample nonce", &["chat", "superchat"])
}

fn feed(response: &str, step: usize) -> Result<Option<usize>, ClientError> {
    let mut handshake = handshake();
    let (mut start, mut end) = (0, 0);
    loop {
        let progress = handshake.receive(&response.as_bytes()[start..end], 140)?;
        start += progress.consumed;
        match progress.seen {
            Some(Seen::Complete { subprotocol }) => return Ok(subprotocol),
            Some(_) => {}
            None => {
                assert!(end < response.len(), "more is asked for: {response}");
                end = (end + step).min(response.len()).min(start + 140);
            }
        }
    }
}

#[track_caller]
fn check(response: &str, expected: Result<Option<usize>, ClientError>) {
    for step in [1, 2, 7, 140] {
        assert_eq!(feed(response, step), expected, "{response}");
    }
}

#[track_caller]
fn with(from: &str, to: &str) -> String {
    assert!(VALID.contains(from));
    VALID.replace(from, to)
}

fn plus(header: &str) -> String {
    VALID.replace("\r\n\r\n", &format!("\r\n{header}\r\n\r\n"))
}

#[test]
fn the_request_is_that_of_section_1_2() {
    let handshake = handshake();
    let headers = [("Origin", "http://example.com")];
    let request = handshake.request("server.example.com:81", "/chat?x", &headers).unwrap();
    let mut out = [0; 400];
    let len = request.write(0, &mut out);
    assert_eq!(
        core::str::from_utf8(&out[..len]).unwrap(),
        "GET /chat?x HTTP/1.1\r\nHost: server.example.com:81\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: chat, superchat\r\nOrigin: http://example.com\r\n\r\n"
    );
}

#[test]
fn our_request_is_accepted_by_our_server() {
    let handshake = ClientHandshake::new([7; 16], &[]);
    let mut out = [0; 400];
    let len = handshake.request("h", "/", &[]).unwrap().write(0, &mut out);
    let mut server = crate::handshake::ServerHandshake::default();
    let mut start = 0;
    while start < len {
        start += server.receive(&out[start..len], 400).unwrap().consumed;
    }
}

#[test]
fn nothing_can_be_smuggled_into_the_request() {
    let handshake = handshake();
    let bad = |host, target, header| handshake.request(host, target, &[header]).err();
    let fine = ("X", "y");
    assert_eq!(bad("", "/", fine), Some(BadHeader::Host));
    assert_eq!(bad("h\r\nX: y", "/", fine), Some(BadHeader::Host));
    assert_eq!(bad("h/x", "/", fine), Some(BadHeader::Host));
    for target in ["", "x", "/x y", "/x#y", "/\r\n", "/\u{e4}"] {
        assert_eq!(bad("h", target, fine), Some(BadHeader::Target));
    }
    assert_eq!(bad("h", "/", ("Host", "x")), Some(BadHeader::Reserved));
    assert_eq!(bad("h", "/", ("X", "y\n")), Some(BadHeader::Value));
    for names in [&["a", "a"][..], &["a b"], &[""]] {
        let handshake = ClientHandshake::new([0; 16], names);
        assert_eq!(handshake.request("h", "/", &[]), Err(BadHeader::Subprotocol));
    }
}

#[test]
fn a_valid_answer_opens() {
    check(VALID, Ok(None));
    check(&plus("Sec-WebSocket-Protocol: superchat"), Ok(Some(1)));
    check(&with("Upgrade: websocket", "upgrade:\tWebSocket "), Ok(None));
    check(&with("Connection: Upgrade", "Connection: x, upgrade"), Ok(None));
    check(&with(" Switching Protocols", ""), Ok(None));
    check(&plus(&format!("Set-Cookie: {}", "x".repeat(4000))), Ok(None));
    check(&plus("Sec-WebSocket-Extensions:"), Ok(None));
}

#[test]
fn an_interim_answer_is_passed_over() {
    check(&format!("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n{VALID}"), Ok(None));
}

#[test]
fn another_status_is_told_at_the_end_of_the_head() {
    let redirect = "HTTP/1.1 302 Found\r\nLocation: /x\r\nUpgrade: a\r\nUpgrade: b\r\n\r\nbody";
    check(redirect, Err(ClientError::Status(Status(302))));
    let mut handshake = handshake();
    let (mut start, mut location) = (0, None);
    while let Ok(Progress { consumed, seen }) =
        handshake.receive(&redirect.as_bytes()[start..], 400)
    {
        if let Some(Seen::Field(field)) = seen {
            location = location.or(field.value("location", &redirect.as_bytes()[start..]));
        }
        start += consumed;
    }
    assert_eq!(location, Some(&b"/x"[..]));
    assert_eq!(&redirect[start + 2..], "body");
}

#[test]
fn a_malformed_answer_fails() {
    check(&with("HTTP/1.1", "HTTP/1.0"), Err(ClientError::HttpVersion));
    check(&with("HTTP/1.1", "HTTP/2.0"), Err(ClientError::HttpVersion));
    for line in ["HTTP/1.1", "HTTP/1.1 10", "HTTP/1.1 1011", "HTTP/1.1  101 x", "HTTP/1.1 1x1 y"] {
        let response = with("HTTP/1.1 101 Switching Protocols", line);
        check(&response, Err(ClientError::StatusLine));
    }
    check(&with("websocket\r\n", "websocket\n"), Err(ClientError::Head(HeadError::LineEnding)));
    check("SSH-2.0-x\r\n", Err(ClientError::HttpVersion));
}

#[test]
fn every_rule_of_section_4_1_is_checked() {
    check(&with("Upgrade: websocket\r\n", ""), Err(ClientError::Upgrade));
    check(&with("Upgrade: websocket", "Upgrade: websocket, h2c"), Err(ClientError::Upgrade));
    check(&plus("Upgrade: websocket"), Err(ClientError::Upgrade));
    check(&with("Connection: Upgrade\r\n", ""), Err(ClientError::Connection));
    check(&with("Connection: Upgrade", "Connection: close"), Err(ClientError::Connection));
    let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    check(&with(&format!("{accept}\r\n"), ""), Err(ClientError::MissingAccept));
    check(&with("s3pP", "S3pP"), Err(ClientError::WrongAccept));
    check(&plus(accept), Err(ClientError::DuplicateAccept));
    check(&plus("Sec-WebSocket-Protocol: other"), Err(ClientError::Subprotocol));
    check(&plus("Sec-WebSocket-Protocol: chat, superchat"), Err(ClientError::Subprotocol));
    let twice = "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat";
    check(&plus(twice), Err(ClientError::DuplicateSubprotocol));
    check(&plus("Sec-WebSocket-Extensions: permessage-deflate"), Err(ClientError::Extension));
}
