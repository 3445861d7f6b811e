//! Section 4.1: the client's opening handshake, over both drivers and cut at every byte.

use ws_core::Error;
use ws_core::handshake::{ClientError, Status};
use ws_tests::WireFrame;
use ws_tests::handshake::connect;

const RESPONSE: &str = "HTTP/1.1 101 Switching Protocols\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn rejected(from: &str, to: &str, error: ClientError) {
    assert!(RESPONSE.contains(from));
    let connected = connect(RESPONSE.replacen(from, to, 1), &["chat"]);
    assert_eq!(connected.result, Err(Error::Rejected(error)), "{to}");
}

/// PROTO-11: the key is 16 bytes of entropy in base64.
#[test]
fn the_request_is_the_one_of_the_rfc() {
    let connected = connect(RESPONSE, &["chat", "superchat"]);
    assert_eq!(connected.result, Ok(None));
    assert_eq!(
        String::from_utf8(connected.written).unwrap(),
        "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: chat, superchat\r\n\r\n"
    );
}

/// PROTO-11: bytes behind the head are not lost.
#[test]
fn frames_behind_the_response_are_received() {
    let ping = WireFrame::ping("p").encode();
    let hello = WireFrame::text("hello").encode();
    let connected = connect([RESPONSE.as_bytes(), &ping, &hello].concat(), &[]);
    assert_eq!(connected.message.as_deref(), Some(&b"hello"[..]));
    let request = connected.written.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let pong = WireFrame::pong("p").masked([0x55; 4]);
    assert_eq!(WireFrame::decode_all(&connected.written[request..]), [pong]);
}

/// PROTO-11, ADV-01
#[test]
fn the_subprotocol_must_be_one_that_was_offered() {
    let choose = |name: &str| {
        let line = format!("\r\nSec-WebSocket-Protocol: {name}\r\n\r\n");
        connect(RESPONSE.replace("\r\n\r\n", &line), &["chat", "superchat"]).result
    };
    assert_eq!(choose("chat"), Ok(Some(0)));
    assert_eq!(choose("superchat"), Ok(Some(1)));
    assert_eq!(choose("Chat"), Err(Error::Rejected(ClientError::Subprotocol)), "case counts");
    assert_eq!(choose("other"), Err(Error::Rejected(ClientError::Subprotocol)));
    let twice = "chat\r\nSec-WebSocket-Protocol: chat";
    assert_eq!(choose(twice), Err(Error::Rejected(ClientError::DuplicateSubprotocol)));
}

/// PROTO-11
#[test]
fn every_line_of_the_response_is_checked() {
    rejected("Upgrade: websocket\r\n", "", ClientError::Upgrade);
    rejected("Upgrade: websocket", "Upgrade: h2c", ClientError::Upgrade);
    rejected("Connection: Upgrade\r\n", "", ClientError::Connection);
    rejected("xOo=", "xOp=", ClientError::WrongAccept);
    rejected(
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
        "",
        ClientError::MissingAccept,
    );
    rejected("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x\r\n\r\n", ClientError::Extension);
    rejected("HTTP/1.1", "HTTP/1.0", ClientError::HttpVersion);
}

/// PROTO-11: what is lawful in other clothes.
#[test]
fn names_and_tokens_in_any_case_are_taken() {
    let other = RESPONSE
        .replace("Upgrade: websocket", "upgrade: WebSocket")
        .replace("Connection: Upgrade", "CONNECTION: keep-alive, upgrade");
    assert_eq!(connect(other, &[]).result, Ok(None));
}

/// PROTO-11: redirects are reported and not followed.
#[test]
fn another_status_is_told() {
    for code in [200, 301, 302, 401, 403, 426, 500, 503] {
        let response = format!("HTTP/1.1 {code} So\r\nLocation: /elsewhere\r\n\r\n");
        let connected = connect(response, &[]);
        let status = ClientError::Status(Status(code));
        assert_eq!(connected.result, Err(Error::Rejected(status)));
    }
}

/// PROTO-11
#[test]
fn a_response_that_ends_too_soon_is_the_end() {
    for at in [0, 10, RESPONSE.len() - 1] {
        assert_eq!(connect(&RESPONSE[..at], &[]).result, Err(Error::Ended));
    }
}
