//! Each reason for a refusal, by requests that are valid but for one thing.

use std::format;

use crate::handshake::server::tests::{VALID, outcome, plus, refused, with};
use crate::handshake::{HeadError, Refusal};

#[test]
fn the_line_endings_are_cr_lf() {
    let error = Refusal::Head(HeadError::LineEnding);
    refused(&VALID.replace("\r\n", "\n"), error, 400);
    refused(&with("websocket\r\n", "websocket\n"), error, 400);
    refused(&with("websocket\r\n", "websocket\r"), error, 400);
    refused(&with("websocket\r\n", "websocket\r\r\n"), error, 400);
    refused(&with("13\r\n\r\n", "13\r\n\n"), error, 400);
}

#[test]
fn header_names_are_tokens_followed_by_a_colon() {
    let error = Refusal::Head(HeadError::Name);
    refused(&with("Host:", "Host :"), error, 400);
    refused(&with("Host:", "Ho(t:"), error, 400);
    refused(&with("Host:", ":"), error, 400);
    refused(&plus("NoColon"), error, 400);
}

#[test]
fn folded_lines_and_control_characters_are_malformed() {
    refused(&plus("X: a\r\n b"), Refusal::Head(HeadError::Folded), 400);
    refused(&with("Host", " Host"), Refusal::Head(HeadError::Folded), 400);
    refused(&plus("X: a\0b"), Refusal::Head(HeadError::Value), 400);
    refused(&plus("X: \u{7f}"), Refusal::Head(HeadError::Value), 400);
}

#[test]
fn garbage_is_refused_at_its_first_byte() {
    let error = Refusal::Head(HeadError::StartLine);
    for garbage in ["\u{16}\u{3}\u{1}", " GET / HTTP/1.1", "{", "GET \u{0}"] {
        refused(garbage, error, 400);
    }
}

#[test]
fn the_request_line_has_three_parts() {
    for line in ["GET", "GET /", "GET  HTTP/1.1", "G\u{e4}T / HTTP/1.1", "G(T / HTTP/1.1"] {
        let request = with("GET /chat?as=ada HTTP/1.1", line);
        assert!(matches!(outcome(&request).verdict, Some(Err(_))), "{line}");
    }
    refused(&with("GET ", "GET  "), Refusal::Target, 400);
    refused(&with(" HTTP", "  HTTP"), Refusal::HttpVersion, 400);
    for version in ["HTTP/2.0", "HTTP/1.10", "http/1.1", "HTTP/1", "HTCPCP/1.1"] {
        refused(&with("HTTP/1.1", version), Refusal::HttpVersion, 400);
    }
}

#[test]
fn http_1_0_cannot_upgrade() {
    refused(&with("HTTP/1.1", "HTTP/1.0"), Refusal::HttpVersion, 400);
}

#[test]
fn the_target_names_a_resource() {
    for target in ["*", "example.com:80", "chat", "/chat#top", "/ch\u{e4}t", "ftp://h/", "http:///"]
    {
        refused(&with("/chat?as=ada", target), Refusal::Target, 400);
    }
}

#[test]
fn another_method_is_405() {
    refused(&with("GET", "POST"), Refusal::Method, 405);
    refused(&with("GET", "get"), Refusal::Method, 405);
}

#[test]
fn an_upgrade_has_no_body() {
    refused(&plus("Content-Length: 5"), Refusal::Body, 400);
    refused(&plus("Content-Length: 0\r\nContent-Length: 1"), Refusal::Body, 400);
    refused(&plus("Content-Length:"), Refusal::Body, 400);
    refused(&plus("Transfer-Encoding: chunked"), Refusal::Body, 400);
}

#[test]
fn host_is_there_once_and_is_one() {
    refused(&with("Host: example.com\r\n", ""), Refusal::MissingHost, 400);
    refused(&plus("Host: example.com"), Refusal::DuplicateHost, 400);
    refused(&with("example.com", "a b"), Refusal::InvalidHost, 400);
    refused(&with("example.com", "me@example.com"), Refusal::InvalidHost, 400);
}

#[test]
fn upgrade_and_connection_are_both_there() {
    refused(&with("Upgrade: websocket\r\n", ""), Refusal::MissingUpgrade, 400);
    refused(&with("Upgrade: websocket", "Upgrade: h2c"), Refusal::MissingUpgrade, 400);
    refused(&with("Connection: Upgrade\r\n", ""), Refusal::MissingConnection, 400);
    refused(&with("Connection: Upgrade", "Connection: close"), Refusal::MissingConnection, 400);
    refused(
        &with("Connection: Upgrade", "Connection: \"Upgrade\""),
        Refusal::MissingConnection,
        400,
    );
}

#[test]
fn the_key_is_there_once_and_is_16_bytes() {
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    refused(&with(&format!("Sec-WebSocket-Key: {key}\r\n"), ""), Refusal::MissingKey, 400);
    refused(&plus(&format!("Sec-WebSocket-Key: {key}")), Refusal::DuplicateKey, 400);
    for len in [0, 4, 23, 25, 40] {
        let bad = "A".repeat(len);
        refused(&with(key, &bad), Refusal::InvalidKey, 400);
    }
}

#[test]
fn the_version_is_there_once_and_is_13() {
    refused(&with("Sec-WebSocket-Version: 13\r\n", ""), Refusal::MissingVersion, 400);
    refused(&plus("Sec-WebSocket-Version: 13"), Refusal::DuplicateVersion, 400);
    for version in ["8", "0", "13, 8", "013", ""] {
        refused(&with(": 13", &format!(": {version}")), Refusal::UnsupportedVersion, 426);
    }
}

#[test]
fn malformed_extensions_fail_the_handshake() {
    refused(&plus("Sec-WebSocket-Extensions: a b"), Refusal::Extensions, 400);
}

#[test]
fn a_plain_request_is_for_the_http_server() {
    for request in [
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /x HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n",
    ] {
        refused(request, Refusal::NotUpgrade, 426);
    }
    refused("GET / HTTP/1.1\r\n\r\n", Refusal::MissingHost, 400);
}
