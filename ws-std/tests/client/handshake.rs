//! The opening handshake: what is asked, and what is taken for an answer.

use std::net::{Ipv6Addr, TcpListener};
use std::thread;

use ws_core::handshake::{BadHeader, ClientError, HeadError};
use ws_std::WebSocket;
use ws_std::client::{ConnectError, Connector, UrlError};

use super::support::{answering, echo, open_by_hand, serve, text};

const VALID: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n";

fn answer(answer: &'static str) -> ConnectError {
    let (address, server) = answering(answer);
    let error = ws_std::connect(&format!("ws://{address}/")).expect_err("no WebSocket");
    server.join().unwrap();
    error
}

fn refused(text: &'static str) -> Box<ws_std::client::Response> {
    match answer(text) {
        ConnectError::Refused(response) => response,
        other => panic!("{other:?}"),
    }
}

/// PROTO-11, ADV-05
#[test]
fn a_message_goes_there_and_back() {
    let (address, server) = serve(|stream| echo(WebSocket::accept(stream).unwrap()));
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    socket.send_text("hello").unwrap();
    assert_eq!(socket.receive().unwrap(), text("hello"));
    socket.close(ws_core::frame::CloseCode::NORMAL, "").unwrap();
    server.join().unwrap().unwrap();
}

/// PROTO-11
#[test]
fn the_request_asks_for_what_the_program_wants() {
    let (address, server) = answering("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
    let connector =
        Connector::new().header("Authorization", "Bearer x").subprotocols(["v2.chat", "v1.chat"]);
    connector.connect(&format!("ws://{address}/a?b=c")).unwrap_err();
    let request = server.join().unwrap();
    assert!(request.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{request}");
    for line in [
        &format!("Host: {address}"),
        "Authorization: Bearer x",
        "Sec-WebSocket-Protocol: v2.chat, v1.chat",
        "Sec-WebSocket-Version: 13",
        "Upgrade: websocket",
        "Connection: Upgrade",
    ] {
        assert!(request.contains(&format!("\r\n{line}\r\n")), "{line} in {request}");
    }
}

/// ADV-01
#[test]
fn the_server_chooses_among_the_offered_subprotocols() {
    let (address, server) = serve(|stream| {
        let socket = WebSocket::accept_with(stream, &["v1.chat"]).unwrap();
        socket.subprotocol().map(String::from)
    });
    let connector = Connector::new().subprotocols(["v2.chat", "v1.chat"]);
    let socket = connector.connect(&format!("ws://{address}")).unwrap();
    assert_eq!(socket.subprotocol(), Some("v1.chat"));
    assert_eq!(server.join().unwrap().as_deref(), Some("v1.chat"));
}

/// PROTO-11
#[test]
fn a_refusal_tells_its_status_its_headers_and_its_reason() {
    let response = refused(
        "HTTP/1.1 403 Forbidden\r\nX-Why: origin\r\nSet-Cookie: secret\r\n\
         Content-Length: 9\r\n\r\nnot here!and this is not of the body",
    );
    assert_eq!(response.status().0, 403);
    assert_eq!(response.header("x-why"), Some("origin"));
    assert_eq!(response.body(), b"not here!");
    assert!(!format!("{response:?}").contains("secret"), "cookies are not for logs");
    assert!(response.to_string().contains("403 Forbidden"));
}

/// PROTO-11
#[test]
fn a_redirect_is_told_and_not_followed() {
    let response = refused("HTTP/1.1 302 Found\r\nLocation: ws://elsewhere/\r\n\r\n");
    assert_eq!(response.location(), Some("ws://elsewhere/"));
}

/// PROTO-11
#[test]
fn a_server_that_wants_another_version_says_which() {
    let response = refused("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 12\r\n\r\n");
    assert_eq!(response.status().0, 426);
    assert_eq!(response.header("Sec-WebSocket-Version"), Some("12"));
}

/// PROTO-11
#[test]
fn a_server_that_is_full_says_when_to_come_back() {
    let response = refused("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n\r\n");
    assert_eq!(response.retry_after().unwrap().as_secs(), 7);
    let response =
        refused("HTTP/1.1 503 Busy\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n\r\n");
    assert_eq!(response.retry_after(), None);
}

/// PROTO-11: a body has no end that could be told on a connection that stays open.
#[test]
fn a_refusal_without_a_length_is_not_waited_for() {
    let (address, server) = serve(|mut stream| {
        use std::io::{Read, Write};
        super::support::read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 401 Unauthorized\r\nX: y\r\n\r\nwhy").unwrap();
        // The client leaves first.
        assert_eq!(stream.read(&mut [0]).unwrap_or_default(), 0);
    });
    let error = ws_std::connect(&format!("ws://{address}")).unwrap_err();
    assert!(matches!(error, ConnectError::Refused(_)));
    server.join().unwrap();
}

/// PROTO-11
#[test]
fn an_answer_that_breaks_a_rule_is_no_websocket() {
    let headers = |more: &str| -> &'static str { format!("{VALID}{more}\r\n").leak() };
    for (text, expected) in [
        (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
            ClientError::WrongAccept,
        ),
        (headers("Sec-WebSocket-Protocol: chat\r\n"), ClientError::Subprotocol),
        (headers("Sec-WebSocket-Extensions: permessage-deflate\r\n"), ClientError::Extension),
        ("HTTP/1.0 101 Switching Protocols\r\n\r\n", ClientError::HttpVersion),
        ("SSH-2.0-OpenSSH_9.9\r\n", ClientError::HttpVersion),
        ("\x15\x03\x01", ClientError::Head(HeadError::StartLine)),
    ] {
        match answer(text) {
            ConnectError::Handshake(error) => assert_eq!(error, expected),
            other => panic!("{other:?} for {text:?}"),
        }
    }
}

/// PROTO-11, SEC-01
#[test]
fn an_answer_without_an_end_is_bounded() {
    let endless = format!("HTTP/1.1 101 x\r\n{}", "X: y\r\n".repeat(4000)).leak();
    let error = answer(endless);
    let expected = ClientError::Head(HeadError::HeadersTooLong);
    assert!(matches!(error, ConnectError::Handshake(found) if found == expected), "{error:?}");
    assert!(matches!(answer("HTTP/1.1 101 Switching"), ConnectError::Io(_)));
}

/// PROTO-11: a server may speak at once.
#[test]
fn frames_in_the_same_packet_as_the_answer_are_not_lost() {
    let (address, server) = serve(|mut stream| {
        use std::io::Write;
        open_by_hand(&mut stream);
        stream.write_all(b"\x81\x02hi").unwrap();
        stream
    });
    let mut socket = ws_std::connect(&format!("ws://{address}")).unwrap();
    assert_eq!(socket.receive().unwrap(), text("hi"));
    drop(server.join().unwrap());
}

/// ADV-05
#[test]
fn what_cannot_be_asked_is_told_before_anything_is_sent() {
    let error = ws_std::connect("https://example.com/").unwrap_err();
    assert!(matches!(error, ConnectError::Url(UrlError::Scheme)));
    let (address, server) = serve(|mut stream| {
        use std::io::Read;
        stream.read(&mut [0]).unwrap()
    });
    let connector = Connector::new().header("X", "a\r\nY: b");
    let error = connector.connect(&format!("ws://{address}/")).unwrap_err();
    assert!(matches!(error, ConnectError::Request(BadHeader::Value)));
    assert_eq!(server.join().unwrap(), 0, "nothing was sent");
}

/// ADV-05
#[test]
fn an_ipv6_address_is_a_host() {
    let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else { return };
    let address = listener.local_addr().unwrap();
    let server =
        thread::spawn(move || echo(WebSocket::accept(listener.accept().unwrap().0).unwrap()));
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    socket.send_binary(b"six").unwrap();
    assert_eq!(socket.receive().unwrap().unwrap().bytes(), b"six");
    socket.close(ws_core::frame::CloseCode::NORMAL, "").unwrap();
    server.join().unwrap().unwrap();
}

/// ADV-05
#[test]
fn every_address_of_a_name_is_tried() {
    let (address, server) = serve(|stream| drop(WebSocket::accept(stream).unwrap()));
    let port = address.rsplit(':').next().unwrap();
    // Of its addresses only 127.0.0.1 listens.
    ws_std::connect(&format!("ws://localhost:{port}/")).unwrap();
    server.join().unwrap();
}

/// ADV-05
#[test]
fn nobody_there_is_a_failure_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = ws_std::connect(&format!("ws://{address}/")).unwrap_err();
    assert!(matches!(error, ConnectError::Connect(_)), "{error:?}");
}

/// SEC-03
#[test]
fn secrets_are_not_printed() {
    let connector =
        Connector::new().header("Authorization", "secret").proxy("http://u:secret@p.example");
    assert!(!format!("{connector:?}").contains("secret"));
}
