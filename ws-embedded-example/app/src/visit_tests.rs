//! Requests, read by the handshake as in the driver.

use std::format;
use std::string::String;

use ws_core::handshake::ServerHandshake;

use super::*;

/// What becomes of a request: the visit, and the refusal of the handshake if there is one.
fn read(request: &str) -> (Visit, Option<Refusal>) {
    let (mut visit, mut handshake) = (Visit::NEW, ServerHandshake::new(4096));
    let mut rest = request.as_bytes();
    loop {
        match handshake.receive(rest, 4096) {
            Ok(progress) => {
                let seen = progress.seen.expect("the request is whole");
                visit.see(seen, rest);
                if let Seen::Complete(_) = seen {
                    return (visit, None);
                }
                rest = &rest[progress.consumed..];
            }
            Err(refusal) => return (visit, Some(refusal)),
        }
    }
}

fn upgrade(path: &str, headers: &str) -> Result<Session, Refusal> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: Device:8080\r\n{headers}Upgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let (visit, refusal) = read(&request);
    assert_eq!(refusal, None, "{request}");
    visit.upgrade(Time(1))
}

fn plain(line: &str) -> Answer {
    let (visit, refusal) = read(&format!("{line} HTTP/1.1\r\nHost: device\r\n\r\n"));
    visit.answer(refusal.expect("it asks for no WebSocket"))
}

#[test]
fn two_paths_are_websockets() {
    assert_eq!(upgrade("/echo", ""), Ok(Session::Echo));
    assert_eq!(upgrade("/echo?agent=me", ""), Ok(Session::Echo));
    let telemetry = Session::Telemetry(Telemetry::new(Time(1)));
    assert_eq!(upgrade("/telemetry", ""), Ok(telemetry));
    for path in ["/", "/echo/", "/Echo", "/telemetry.json", "//echo"] {
        assert_eq!(upgrade(path, ""), Err(Refusal::NotFound), "{path}");
    }
}

#[test]
fn a_browser_must_be_on_our_own_page() {
    for ours in ["http://device:8080", "https://DEVICE:8080"] {
        assert!(upgrade("/echo", &format!("Origin: {ours}\r\n")).is_ok(), "{ours}");
    }
    let long: String = core::iter::repeat_n('a', 65).collect();
    let long = format!("http://{long}");
    for foreign in ["http://device", "http://device:80801", "null", "", "ws://device:8080", &long] {
        let answer = upgrade("/telemetry", &format!("Origin: {foreign}\r\n"));
        assert_eq!(answer, Err(Refusal::Forbidden), "{foreign}");
    }
}

#[test]
fn a_host_that_we_cannot_remember_is_nobodys_origin() {
    let long: String = core::iter::repeat_n('a', 65).collect();
    let request = format!("GET /echo HTTP/1.1\r\nHost: {long}\r\nOrigin: http://\r\n\r\n");
    let (visit, _) = read(&request);
    assert_eq!(visit.upgrade(Time(0)), Err(Refusal::Forbidden));
}

#[test]
fn a_plain_request_gets_the_page() {
    assert_eq!(plain("GET /"), Answer::Page);
    assert_eq!(plain("GET /?theme=dark"), Answer::Page);
    assert_eq!(plain("HEAD /"), Answer::PageHead);
    assert_eq!(plain("POST /"), Answer::Refusal(Refusal::Method));
    assert_eq!(plain("GET /favicon.ico"), Answer::Refusal(Refusal::NotFound));
    assert_eq!(plain("GET /echo"), Answer::Refusal(Refusal::NotUpgrade));
}

#[test]
fn a_malformed_request_is_told_what_is_wrong_with_it() {
    let (visit, refusal) = read("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    let answer = visit.answer(refusal.unwrap());
    assert_eq!(answer, Answer::Refusal(Refusal::DuplicateHost));
}
