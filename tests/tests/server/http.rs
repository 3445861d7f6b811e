//! SERVE-05, SEC-02: plain HTTP on the same port, pages from elsewhere, and proxies in between.

use std::net::IpAddr;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::http::{Response, Routes};
use ws_std::{Answer, Clock, Closures, Drain, Origins, Server, State, Trusted};

use crate::harness::{KEY, Peer, dial, echo, next, request, start, status, tells, until};
use crate::tls::{Authority, dial_tls};

/// Asks for something that is no WebSocket; answers the head and the body of the response.
fn get(server: &Server, method: &str, path: &str) -> (String, String) {
    let mut peer = Peer::new(dial(server));
    peer.write(format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes());
    let head = peer.head();
    (head, String::from_utf8(peer.rest()).unwrap())
}

/// SERVE-05, OPS-01
#[test]
fn pages_health_readiness_and_metrics_are_on_the_port_of_the_websockets() {
    let routes = Routes::default()
        .page("/", "<h1>hello</h1>")
        .health("/health")
        .readiness("/ready")
        .metrics("/metrics")
        .otherwise(|request| match request.path() {
            "/panic" => panic!("in a route"),
            "/own" => Some(Response::text(request.query().unwrap_or_default().to_owned())),
            _ => None,
        });
    let server = start(Server::builder(echo()).routes(routes));
    let mut witness = Peer::open(&server);
    let (head, body) = get(&server, "GET", "/");
    assert_eq!((status(&head), &*body), (200, "<h1>hello</h1>"), "{head}");
    assert!(head.contains("text/html"), "{head}");
    assert_eq!(status(&get(&server, "GET", "/health").0), 200);
    assert_eq!(status(&get(&server, "GET", "/ready").0), 200);
    let (head, body) = get(&server, "GET", "/metrics");
    assert_eq!(status(&head), 200);
    assert!(body.contains("# TYPE"), "{body}");
    let (head, body) = get(&server, "GET", "/own?a=b");
    assert_eq!((status(&head), &*body), (200, "a=b"));
    assert_eq!(status(&get(&server, "GET", "/panic").0), 500);
    assert_eq!(status(&get(&server, "GET", "/unknown").0), 426);
    // "The HEAD method is identical to GET except that the server MUST NOT send content in the
    // response" (RFC 9110 section 9.3.2).
    let (head, body) = get(&server, "HEAD", "/");
    assert_eq!((status(&head), &*body), (200, ""));
    assert!(head.contains("Content-Length: 14\r\n"), "{head}");
    // The same path is a WebSocket to whoever asks for one.
    Peer::open_at(&server, "/health", "").leave();
    witness.text("still here");
    witness.expect_text("still here");
}

/// SERVE-05, ACTOR-07: a page that is larger than what the socket takes at once.
#[test]
fn a_large_page_arrives_whole() {
    let page = "0123456789abcdef".repeat(1 << 19);
    let server = start(Server::builder(echo()).routes(Routes::default().page("/", page.clone())));
    let mut slow = Peer::new(dial(&server));
    slow.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut peer = Peer::open(&server);
    peer.text("meanwhile");
    peer.expect_text("meanwhile");
    assert_eq!(status(&slow.head()), 200);
    assert!(slow.rest() == page.as_bytes());
}

/// SERVE-05, SERVE-06
#[test]
fn a_server_that_is_lame_is_not_ready_but_serves() {
    let (clock, hand) = Clock::manual();
    let routes = Routes::default().health("/health").readiness("/ready");
    let server = start(Server::builder(echo()).routes(routes).clock(clock));
    let how = Drain { lame: Duration::from_secs(60), ..Drain::quick() };
    server.stopper().drain(how);
    assert_eq!(server.state(), State::Lame);
    assert_eq!(status(&get(&server, "GET", "/ready").0), 503);
    assert_eq!(status(&get(&server, "GET", "/health").0), 200);
    let mut peer = Peer::open(&server);
    peer.text("hello");
    peer.expect_text("hello");
    hand.advance(Duration::from_secs(60));
    until(|| server.state() > State::Lame);
    hand.advance(Duration::from_secs(1));
    // A minute has passed: the heartbeat comes first. One way or the other, it is told to go.
    let frame = std::iter::from_fn(|| peer.frame()).find(|frame| frame.opcode != 9);
    let code = frame.and_then(|frame| frame.close_code());
    assert!(matches!(code, Some(CloseCode::RESTART | CloseCode::GOING_AWAY)), "{code:?}");
    drop(peer);
    server.join().unwrap();
}

/// SEC-02
#[test]
fn pages_of_others_may_not_connect_unless_they_are_listed() {
    let listed = Origins::Listed(vec!["https://example.com".to_owned()]);
    for (origins, origin, expected) in [
        (Origins::default(), "", 101),
        (Origins::default(), "Origin: https://localhost\r\n", 101),
        (Origins::default(), "Origin: http://LOCALHOST:80\r\n", 101),
        (Origins::default(), "Origin: https://evil.example\r\n", 403),
        (Origins::default(), "Origin: http://localhost:81\r\n", 403),
        (Origins::default(), "Origin: null\r\n", 403),
        (Origins::default(), "Origin: http://localhost\r\nOrigin: http://localhost\r\n", 403),
        // Nobody who forwards is trusted.
        (Origins::default(), "Origin: http://a\r\nX-Forwarded-Host: a\r\n", 403),
        (listed.clone(), "Origin: https://example.com\r\n", 101),
        (listed.clone(), "Origin: https://example.com.evil\r\n", 403),
        (listed, "Origin: https://localhost\r\n", 403),
        (Origins::Any, "Origin: https://evil.example\r\n", 101),
        (Origins::Any, "Origin: null\r\n", 101),
    ] {
        let (tell, told) = tells();
        let handler = echo().on_request(move |_| {
            tell.send(()).unwrap();
            Answer::accept()
        });
        let server = start(Server::builder(handler).origins(origins.clone()));
        let mut peer = Peer::new(dial(&server));
        peer.write(request("/", origin).as_bytes());
        assert_eq!(status(&peer.head()), expected, "{origin} with {origins:?}");
        // The handler is not asked about those who may not.
        assert_eq!(told.try_recv().is_ok(), expected == 101);
    }
}

/// A client, and the other end of its socket.
type Place = (Option<IpAddr>, Option<IpAddr>);

/// Tells where each client is.
fn asked() -> (Closures, Receiver<Place>) {
    let (tell, told) = tells();
    let handler = echo().on_request(move |request| {
        let peer = request.peer().map(|peer| peer.ip());
        tell.send((request.client_ip(), peer)).unwrap();
        Answer::accept()
    });
    (handler, told)
}

fn ip(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

/// SERVE-05
#[test]
fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    let headers = "X-Forwarded-For: 1.1.1.1, 203.0.113.7\r\nX-Forwarded-For: 127.0.0.2\r\n\
        Origin: https://public.example\r\nX-Forwarded-Host: public.example\r\n";
    let (handler, told) = asked();
    let server = start(Server::builder(handler).trust(Trusted::loopback()));
    Peer::open_at(&server, "/", headers).leave();
    assert_eq!(next(&told), (ip("203.0.113.7"), ip("127.0.0.1")));

    let (handler, told) = asked();
    let server = start(Server::builder(handler).origins(Origins::Any));
    Peer::open_at(&server, "/", headers).leave();
    assert_eq!(next(&told), (ip("127.0.0.1"), ip("127.0.0.1")));
}

/// A PROXY header of version 2 for a client at 203.0.113.7.
fn version_2() -> Vec<u8> {
    let mut bytes = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c".to_vec();
    bytes.extend([203, 0, 113, 7, 10, 0, 0, 1, 0x12, 0x34, 0x01, 0xbb]);
    bytes
}

const VERSION_1: &[u8] = b"PROXY TCP4 203.0.113.7 10.0.0.1 4660 443\r\n";

/// SERVE-05
#[test]
fn a_proxy_header_tells_where_the_client_is_and_the_websocket_follows() {
    let (handler, told) = asked();
    let builder = Server::builder(handler).listen("127.0.0.1:0").unwrap().expect_proxy_header();
    let server = builder.start().unwrap();
    for header in [VERSION_1.to_vec(), version_2()] {
        let mut all = header;
        all.extend(request("/", "").into_bytes());
        all.extend(WireFrame::text("hello").masked(KEY).encode());
        for piece in [all.len(), 1, 20] {
            let mut peer = Peer::new(dial(&server));
            for piece in all.chunks(piece) {
                peer.write(piece);
            }
            assert_eq!(status(&peer.head()), 101);
            peer.expect_text("hello");
            assert_eq!(next(&told), (ip("203.0.113.7"), ip("127.0.0.1")));
            peer.leave();
        }
    }
}

/// SERVE-05, SERVE-02
#[test]
fn a_proxy_header_comes_before_tls() {
    let authority = Authority::new();
    let (handler, told) = asked();
    let builder = Server::builder(handler).listen_tls("127.0.0.1:0", authority.tls()).unwrap();
    let server = builder.expect_proxy_header().start().unwrap();
    for header in [VERSION_1.to_vec(), version_2()] {
        let mut stream = dial_tls(server.address().unwrap(), &authority.client(None));
        // In one segment with what TLS says first.
        let mut first = header;
        stream.conn.write_tls(&mut first).unwrap();
        std::io::Write::write_all(&mut stream.sock, &first).unwrap();
        let mut peer = Peer::over(stream, "/", "");
        assert_eq!(next(&told), (ip("203.0.113.7"), ip("127.0.0.1")));
        peer.text("hello");
        peer.expect_text("hello");
        peer.leave();
    }
}

/// SERVE-05, SEC-01: whoever does not say for whom it speaks is not answered.
#[test]
fn a_connection_without_the_proxy_header_that_is_expected_is_dropped() {
    let (handler, told) = asked();
    let builder = Server::builder(handler).listen("127.0.0.1:0").unwrap().expect_proxy_header();
    let server = builder.start().unwrap();
    for bad in [request("/", "").into_bytes(), b"PROXY TCP4 here there 1 2\r\n".to_vec()] {
        let mut peer = Peer::new(dial(&server));
        peer.write(&bad);
        let mut answer = vec![];
        // The end, or a reset.
        let _reset = std::io::Read::read_to_end(&mut peer.stream, &mut answer);
        assert!(answer.is_empty());
    }
    until(|| server.connections() == 0);
    assert!(told.try_recv().is_err());
}
