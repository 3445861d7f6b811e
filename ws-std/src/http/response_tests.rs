use super::*;

/// The head with its lines, and the body.
fn sent(response: &Response) -> (Vec<String>, Vec<u8>) {
    let bytes = response.encode();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    (head.split("\r\n").map(String::from).collect(), bytes[end + 4..].to_vec())
}

fn has(response: &Response, line: &str) -> bool {
    sent(response).0.iter().any(|there| there == line)
}

/// SERVE-05
#[test]
fn a_response_tells_its_length_and_that_the_connection_ends() {
    let (head, body) = sent(&Response::html("<p>hé</p>").header("Cache-Control", "no-store"));
    let expected = [
        "HTTP/1.1 200 ",
        "Connection: close",
        "X-Content-Type-Options: nosniff",
        "Content-Type: text/html; charset=utf-8",
        "Content-Length: 10",
        "Cache-Control: no-store",
    ];
    assert_eq!(head, expected);
    assert_eq!(body, "<p>hé</p>".as_bytes());
}

#[test]
fn a_body_says_whether_it_is_text() {
    for text in [Response::ok("a"), Response::ok(String::from("a")), Response::text(vec![97])] {
        assert!(has(&text, "Content-Type: text/plain; charset=utf-8"));
    }
    let shared: Arc<[u8]> = Arc::from([1, 2]);
    for bytes in [Response::ok(b"\x01\x02"), Response::ok(vec![1, 2]), Response::ok(shared)] {
        assert!(has(&bytes, "Content-Type: application/octet-stream"));
        assert_eq!(sent(&bytes).1, [1, 2]);
    }
    assert!(has(
        &Response::ok("{}").content_type("application/json"),
        "Content-Type: application/json"
    ));
}

#[test]
fn a_head_alone_is_that_of_the_whole() {
    for response in [Response::ok("four"), Response::bad_request("no"), Response::redirect("/x")] {
        let (whole, head) = (response.encode(), response.encode_head());
        assert!(whole.starts_with(&head) && head.ends_with(b"\r\n\r\n"));
        assert_eq!(whole.len() - head.len(), sent(&response).1.len());
    }
    assert!(Response::ok("four").encode_head().windows(17).any(|at| at == b"Content-Length: 4"));
}

#[test]
fn each_status_that_ends_a_request_can_be_sent() {
    for code in 200..=599 {
        let response = Response::new(Status(code), "body");
        assert_eq!(response.status(), Status(code));
        let (head, body) = sent(&response);
        assert!(head[0].starts_with(&format!("HTTP/1.1 {code} ")), "{}", head[0]);
        let is_empty = matches!(code, 204 | 205 | 304);
        assert_eq!(body.is_empty(), is_empty, "{code}");
        let length = head.iter().find(|line| line.starts_with("Content-Length"));
        match code {
            204 | 304 => assert_eq!(length, None),
            _ => assert_eq!(*length.unwrap(), format!("Content-Length: {}", body.len())),
        }
    }
    assert_eq!(sent(&Response::bad_request("no")).0[0], "HTTP/1.1 400 Bad Request");
}

#[test]
fn any_other_status_is_a_mistake_of_ours() {
    for code in [0, 99, 100, 101, 199, 600, u16::MAX] {
        assert_eq!(Response::new(Status(code), "").status(), Status::INTERNAL_SERVER_ERROR);
    }
}

/// RFC 9110 section 15.5.22: "The server MUST send an Upgrade header field in a 426 response".
#[test]
fn a_426_says_what_to_upgrade_to() {
    let response = Response::new(Status::UPGRADE_REQUIRED, "");
    for line in ["Connection: Upgrade, close", "Upgrade: websocket", "Sec-WebSocket-Version: 13"] {
        assert!(has(&response, line), "{line}");
    }
}

#[test]
fn a_redirect_goes_to_a_uri_or_nowhere() {
    let response = Response::redirect("https://example.com/a?b=c");
    assert!(has(&response, "Location: https://example.com/a?b=c"));
    for location in ["", "/a b", "/é", "/\r\nSet-Cookie: a=b"] {
        let response = Response::redirect(location);
        assert_eq!(response.status(), Status::INTERNAL_SERVER_ERROR, "{location:?}");
    }
}

#[test]
fn a_header_cannot_break_a_response() {
    let bad = [
        ("", "a"),
        ("A B", "a"),
        ("A:", "a"),
        ("A\r\nB", "a"),
        ("Ä", "a"),
        ("A", "a\r\nB: b"),
        ("A", "a\n"),
        ("A", "\0"),
        ("A", "\x7F"),
        ("content-LENGTH", "0"),
        ("Transfer-Encoding", "chunked"),
        ("connection", "keep-alive"),
        ("Upgrade", "websocket"),
        ("Content-Type", "text/html"),
        ("X-Content-Type-Options", "sniff"),
        ("sec-websocket-ACCEPT", "a"),
    ];
    for (name, value) in bad {
        let response = Response::ok("secret").header("X-Before", "1").header(name, value);
        let response = response.header("X-After", "2").content_type("text/html");
        assert_eq!(response.status(), Status::INTERNAL_SERVER_ERROR, "{name:?}: {value:?}");
        let (head, body) = sent(&response);
        assert_eq!(head.len(), 5, "{head:?}");
        assert_eq!(body, b"internal error\n");
    }
    for content_type in ["", "text/html\r\nA: b"] {
        let response = Response::ok("").content_type(content_type);
        assert_eq!(response.status(), Status::INTERNAL_SERVER_ERROR);
    }
}

#[test]
fn a_clone_shares_the_body() {
    let body: Arc<[u8]> = Arc::from([7; 1000]);
    let response = Response::ok(body.clone());
    let clone = response.clone();
    assert_eq!(Arc::strong_count(&body), 3);
    assert_eq!(clone.encode(), response.encode());
}

/// OPS-02
#[test]
fn what_is_logged_of_a_response_is_its_size() {
    let response = Response::ok("secret").header("Set-Cookie", "secret");
    let logged = format!("{response:?} {:?}", Body::from("secret"));
    assert!(!logged.contains("secret") && !logged.contains("Cookie"), "{logged}");
    assert!(logged.contains("body_bytes: 6"), "{logged}");
}
