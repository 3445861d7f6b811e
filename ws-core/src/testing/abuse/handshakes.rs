//! What is sent instead of an opening handshake, or in odd but lawful ones.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::{Abuse, Answer};
use crate::testing::WireFrame;

/// A request that every server takes.
pub const REQUEST: &str = "GET / HTTP/1.1\r\n\
    Host: example.com\r\n\
    Upgrade: websocket\r\n\
    Connection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// Every script that begins with the opening handshake.
pub fn handshakes() -> Vec<Abuse> {
    let mut all = lawful();
    all.append(&mut refused());
    all.append(&mut malformed());
    all
}

fn lawful() -> Vec<Abuse> {
    let cookie = format!("Cookie: {}", "c".repeat(4000));
    let many: String = (0..20).map(|n| format!("X-Number-{n}: {n}\r\n")).collect();
    let hello = WireFrame::text("hello").masked([1, 2, 3, 4]).encode();
    vec![
        opened("a plain request", REQUEST.into()),
        Abuse {
            bytes: [REQUEST.as_bytes(), &hello].concat(),
            answer: Answer::Opened(vec![WireFrame::text("hello")]),
            ..opened("a frame in the same read as the request", String::new())
        },
        opened("Connection: keep-alive, Upgrade", with("Connection: ", "Connection: keep-alive, ")),
        opened("names and tokens in odd cases", with("Upgrade: websocket", "uPGRADE: WebSocket")),
        opened("a target in absolute form", with("GET /", "GET http://example.com/")),
        opened("twenty headers more", with("Host:", &(many + "Host:"))),
        opened("a cookie of 4,000 bytes", plus(&cookie)),
        opened(
            "a subprotocol of 30 characters",
            plus("Sec-WebSocket-Protocol: thirty-characters-of-subprotocol"),
        ),
        opened(
            "an offer to compress",
            plus("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"),
        ),
    ]
}

fn refused() -> Vec<Abuse> {
    vec![
        status("no Connection", without("Connection: Upgrade"), 400),
        status("Connection: close", with("Connection: Upgrade", "Connection: close"), 400),
        status("a key and no Upgrade", without("Upgrade: websocket"), 400),
        status("no key", without(&format!("Sec-WebSocket-Key: {KEY}")), 400),
        status("a key of 4 characters", with(KEY, "dGhl"), 400),
        status("a key of 40 characters", with(KEY, &"A".repeat(40)), 400),
        status("two keys", plus(&format!("Sec-WebSocket-Key: {KEY}")), 400),
        status("no version", without("Sec-WebSocket-Version: 13"), 400),
        status("version 8", with(": 13", ": 8"), 426),
        status("two versions", plus("Sec-WebSocket-Version: 13"), 400),
        status("no Host", without("Host: example.com"), 400),
        status("two Hosts", plus("Host: example.org"), 400),
        status("HTTP/1.0", with("HTTP/1.1", "HTTP/1.0"), 400),
        status("POST", with("GET", "POST"), 405),
        status("a body", plus("Content-Length: 5"), 400),
        status("a body of unknown length", plus("Transfer-Encoding: chunked"), 400),
        status("not an upgrade at all", "GET / HTTP/1.1\r\nHost: h\r\n\r\n".into(), 426),
    ]
}

fn malformed() -> Vec<Abuse> {
    vec![
        status("a TLS handshake", "\u{16}\u{3}\u{1}".into(), 400),
        status("a header without a colon", plus("nonsense"), 400),
        status("a space before the colon", with("Host:", "Host :"), 400),
        status("a folded header", plus("X: a\r\n b"), 400),
        status("bare line feeds", REQUEST.replace("\r\n", "\n"), 400),
        status("a nought in a header", plus("X: \0"), 400),
        status("a target with a fragment", with("GET /", "GET /#top"), 400),
        status("a request line of two words", with(" HTTP/1.1", ""), 400),
        status("headers without an end", with("\r\n\r\n", "\r\n") + &"X: y\r\n".repeat(5000), 431),
    ]
}

fn with(from: &str, to: &str) -> String {
    REQUEST.replacen(from, to, 1)
}

fn without(line: &str) -> String {
    with(&(line.to_string() + "\r\n"), "")
}

fn plus(line: &str) -> String {
    with("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"))
}

fn opened(name: &'static str, request: String) -> Abuse {
    let answer = Answer::Opened(vec![]);
    Abuse { name, requirements: &["PROTO-01", "PROTO-08"], bytes: request.into_bytes(), answer }
}

fn status(name: &'static str, request: String, status: u16) -> Abuse {
    let answer = Answer::Status(status);
    Abuse { name, requirements: &["PROTO-08"], bytes: request.into_bytes(), answer }
}
