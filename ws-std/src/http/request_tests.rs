use super::super::head::{HeadLimits, HeadReader, Outcome};
use super::*;
use crate::tls::TlsVersion;

/// The head of a request with this first line and these header lines.
#[track_caller]
pub(crate) fn head(line: &str, headers: &[&str]) -> Head {
    let mut text = format!("{line} HTTP/1.1\r\n");
    headers.iter().for_each(|header| text.extend([header, "\r\n"]));
    text.push_str("\r\n");
    let mut reader = HeadReader::new(HeadLimits::default());
    let outcome = reader.receive(text.as_bytes()).outcome;
    assert!(matches!(outcome, Outcome::Http), "{outcome:?}");
    reader.into_head()
}

#[test]
fn a_target_is_a_path_and_a_query() {
    let facts = Facts::default();
    let check = |target: &str, path, query, host| {
        let head = head(&format!("GET {target}"), &["Host: b:8080"]);
        let request = Request::new(&head, &facts);
        assert_eq!((request.method(), request.path(), request.query()), ("GET", path, query));
        assert_eq!(request.host(), Some(host));
    };
    check("/chat", "/chat", None, "b:8080");
    check("/a%20b?c=d?e", "/a%20b", Some("c=d?e"), "b:8080");
    check("/?", "/", Some(""), "b:8080");
    check("http://other/chat?x", "/chat", Some("x"), "other");
    check("*", "*", None, "b:8080");
}

#[test]
fn parameters_come_without_their_escapes() {
    let head = head(
        "GET /?room=1%2F2&as=Ada+L%C3%A9&room=3&%6Bey=v&flag&bad=%ff&odd=100%&x=%+1&cut=%4",
        &["Host: a"],
    );
    let facts = Facts::default();
    let parameter = |name| Request::new(&head, &facts).parameter(name);
    assert_eq!(parameter("room").as_deref(), Some("1/2"));
    assert_eq!(parameter("as").as_deref(), Some("Ada Lé"));
    assert_eq!(parameter("key").as_deref(), Some("v"));
    assert_eq!(parameter("flag").as_deref(), Some(""));
    assert_eq!(parameter("bad"), None, "not UTF-8");
    assert_eq!(parameter("odd").as_deref(), Some("100%"));
    assert_eq!(parameter("x").as_deref(), Some("% 1"));
    assert_eq!(parameter("cut").as_deref(), Some("%4"));
    assert_eq!(parameter("roo"), None);
    assert!(matches!(parameter("flag"), Some(Cow::Borrowed(_))), "nothing is copied needlessly");
}

#[test]
fn headers_are_found_by_any_case() {
    let head = head("GET /", &["Host: a", "X-One: 1", "x-one: 2", "ORIGIN: https://a"]);
    let facts = Facts::default();
    let request = Request::new(&head, &facts);
    assert_eq!(request.header("x-ONE"), Some("1"));
    assert_eq!(request.header_bytes("x-one"), Some(&b"1"[..]));
    assert_eq!(request.header("x-two"), None);
    assert_eq!(request.origin(), Some("https://a"));
    assert_eq!(request.headers().count(), 4);
}

#[test]
fn a_header_that_is_not_utf_8_is_bytes() {
    let mut reader = HeadReader::new(HeadLimits::default());
    reader.receive(b"GET / HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n");
    let facts = Facts::default();
    let request = Request::new(reader.head(), &facts);
    assert_eq!(request.header("X"), None);
    assert_eq!(request.header_bytes("X"), Some(&b"\xff"[..]));
}

#[test]
fn subprotocols_may_come_in_several_lines() {
    let head = head(
        "GET /",
        &["Host: a", "Sec-WebSocket-Protocol: v1 , v2,", "sec-websocket-protocol: v3"],
    );
    let facts = Facts::default();
    let request = Request::new(&head, &facts);
    assert!(request.subprotocols().eq(["v1", "v2", "v3"]));
    assert!(request.offers("v3") && !request.offers("v") && !request.offers("V1"));
}

#[test]
fn cookies_are_found_by_their_whole_name() {
    let head =
        head("GET /", &["Host: a", "Cookie: xid=1; id=a=b;c ; q=\"r\"; id=2", "Cookie: z=3"]);
    let facts = Facts::default();
    let cookie = |name| Request::new(&head, &facts).cookie(name);
    assert_eq!(cookie("id"), Some("a=b"));
    assert_eq!(cookie("xid"), Some("1"));
    assert_eq!(cookie("q"), Some("\"r\""));
    assert_eq!(cookie("z"), Some("3"));
    assert_eq!(cookie("ID"), None, "names of cookies have a case");
    assert_eq!(cookie("c"), None);
}

/// LIFE-01
#[test]
fn what_is_known_beyond_the_head_can_be_asked() {
    let head = head("GET /", &["Host: a"]);
    let facts = Facts {
        peer: Some(([127, 0, 0, 1], 9).into()),
        client_ip: Some([10, 0, 0, 1].into()),
        tls: Some(Arc::new(TlsFacts::new(TlsVersion::Tls13))),
        subprotocol: Some("chat".to_owned()),
    };
    let request = Request::new(&head, &facts);
    assert_eq!(request.peer(), facts.peer);
    assert_eq!(request.client_ip(), facts.client_ip);
    assert_eq!(request.tls().map(|tls| tls.version), Some(TlsVersion::Tls13));
    assert_eq!(request.subprotocol(), Some("chat"));
}

/// SEC-03
#[test]
fn a_request_shows_neither_query_nor_header_values() {
    let head = head("GET /path?token=SECRET", &["Host: a", "Cookie: id=SECRET"]);
    let facts = Facts::default();
    let shown = format!("{:?}", Request::new(&head, &facts));
    assert!(shown.contains("/path") && !shown.contains("SECRET"), "{shown}");
}
