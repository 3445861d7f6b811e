//! The closing handshake, and ends without one.

use std::io::{Read, Write};

use ws_core::Misuse;
use ws_core::frame::CloseCode;
use ws_std::WebSocket;
use ws_std::socket::{By, Ended, Error};

use super::support::{open_by_hand, read_frame, serve, text};

fn ended(by: By, code: u16, reason: &str) -> Ended {
    Ended { by, code: Some(CloseCode(code)), text: reason.to_owned() }
}

/// PROTO-07
#[test]
fn we_close_and_the_server_answers() {
    let (address, server) = serve(|stream| {
        let mut socket = WebSocket::accept(stream).unwrap();
        socket.send_text("still on its way").unwrap();
        let received = socket.receive().unwrap();
        (received, socket.ended().cloned())
    });
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    socket.close(CloseCode(4000), "done").unwrap();
    assert_eq!(socket.ended(), Some(&ended(By::Us, 4000, "")));
    assert_eq!(socket.receive().unwrap(), None, "and for ever");
    assert_eq!(server.join().unwrap(), (None, Some(ended(By::Peer, 4000, "done"))));
}

/// PROTO-07
#[test]
fn the_server_closes_and_we_answer() {
    let (address, server) = serve(|stream| {
        let control = stream.try_clone().unwrap();
        let mut socket = WebSocket::accept(stream).unwrap().controlled_by(control);
        socket.send_text("last words").unwrap();
        socket.close(CloseCode::GOING_AWAY, "night").unwrap();
        socket.ended().cloned()
    });
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    assert_eq!(socket.receive().unwrap(), text("last words"));
    assert_eq!(socket.receive().unwrap(), None);
    assert_eq!(socket.ended(), Some(&ended(By::Peer, 1001, "night")));
    assert!(matches!(socket.send_text("x"), Err(Error::Misuse(Misuse::Closed))));
    assert_eq!(server.join().unwrap(), Some(ended(By::Us, 1001, "")));
}

/// PROTO-07: what the peer has still to say can be had.
#[test]
fn after_our_close_messages_still_arrive() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        assert_eq!(read_frame(&mut stream).0, 0x88);
        stream.write_all(b"\x81\x03one\x81\x03two\x88\0").unwrap();
        stream.read(&mut [0]).unwrap_or_default()
    });
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    socket.send_close(CloseCode::NORMAL, "").unwrap();
    assert!(matches!(socket.send_close(CloseCode::NORMAL, ""), Err(Error::Misuse(Misuse::Closed))));
    assert_eq!(socket.receive().unwrap(), text("one"));
    assert_eq!(socket.receive().unwrap(), text("two"));
    assert_eq!(socket.receive().unwrap(), None);
    assert_eq!(socket.ended().unwrap().code, None, "an empty Close has no code");
    drop(socket);
    assert_eq!(server.join().unwrap(), 0);
}

/// PROTO-07
#[test]
fn a_code_that_must_not_be_sent_is_not() {
    let (address, server) = serve(|stream| drop(WebSocket::accept(stream).unwrap()));
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    let error = socket.send_close(CloseCode(1006), "").unwrap_err();
    assert!(matches!(error, Error::Misuse(Misuse::CloseCodeNotSendable)));
    server.join().unwrap();
}

/// PROTO-07
#[test]
fn a_peer_that_vanishes_is_told_from_one_that_closes() {
    for bytes in [&b""[..], b"\x81\x05hel", b"\x01\x03hel", b"\x82\x7F\0\0"] {
        let (address, server) = serve(move |mut stream| {
            open_by_hand(&mut stream);
            stream.write_all(bytes).unwrap();
        });
        let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
        assert!(matches!(socket.receive(), Err(Error::Ended)));
        assert_eq!(socket.ended(), None);
        server.join().unwrap();
    }
}

#[test]
fn a_drop_sends_nothing_and_does_not_wait() {
    let (address, server) = serve(|stream| WebSocket::accept(stream).unwrap().receive());
    drop(ws_std::connect(&format!("ws://{address}/")).unwrap());
    assert!(matches!(server.join().unwrap(), Err(Error::Ended)));
}

/// PROTO-08
#[test]
fn a_request_that_is_none_is_refused_by_the_simple_server() {
    let (address, server) = serve(|stream| WebSocket::accept(stream).map(drop));
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
    assert!(matches!(server.join().unwrap(), Err(Error::Refused(_))));
}
