//! LIFE-01, LIFE-02: a client asks, is taken or refused, and is greeted.

use ws_core::frame::CloseCode;
use ws_core::handshake::Status;
use ws_std::http::Response;
use ws_std::{Answer, Reject, Request, Server, Subprotocol};

use crate::harness::{
    Peer, dial, echo, ends, next, nothing_more, request, serve, start, status, tells,
};

/// What a request is asked for.
fn describe(request: &Request<'_>) -> Vec<String> {
    let text = |value: Option<&str>| value.unwrap_or("-").to_owned();
    vec![
        request.method().to_owned(),
        request.path().to_owned(),
        text(request.query()),
        request.parameter("name").unwrap_or_default().to_string(),
        text(request.host()),
        text(request.origin()),
        text(request.header("x-CUSTOM")),
        text(request.cookie("session")),
        request.subprotocols().collect::<Vec<_>>().join("+"),
        text(request.subprotocol()),
        format!("{:?}", request.tls().is_some()),
    ]
}

/// LIFE-01, ADV-01
#[test]
fn both_callbacks_see_what_the_client_asks_for() {
    let (tell, told) = tells();
    let greeted = tell.clone();
    let handler = echo()
        .on_request(move |request| {
            tell.send((describe(request), request.peer(), request.client_ip())).unwrap();
            Answer::accept()
        })
        .on_connect(move |ctx, request| {
            assert_eq!(ctx.peer(), request.peer());
            greeted.send((describe(request), request.peer(), request.client_ip())).unwrap();
            Ok(())
        });
    let server = start(Server::builder(handler).subprotocols(["best", "second"]));
    let headers = "Origin: http://localhost\r\nX-Custom: one\r\nX-Custom: two\r\n\
        Cookie: a=b; session=s3\r\n\
        Sec-WebSocket-Protocol: other, second\r\nSec-WebSocket-Protocol: best\r\n";
    let mut peer = Peer::new(dial(&server));
    peer.write(request("/chat/room?name=J%C3%BCrgen+K&x", headers).as_bytes());
    let head = peer.head();
    assert!(head.contains("Sec-WebSocket-Protocol: best\r\n"), "{head}");
    let own = peer.stream.local_addr().unwrap();
    for _ in 0..2 {
        let (seen, address, ip) = next(&told);
        let expected = [
            "GET",
            "/chat/room",
            "name=J%C3%BCrgen+K&x",
            "Jürgen K",
            "localhost",
            "http://localhost",
            "one",
            "s3",
            "other+second+best",
            "best",
            "false",
        ];
        assert_eq!(seen, expected);
        assert_eq!((address, ip), (Some(own), Some(own.ip())));
    }
}

/// LIFE-02, ADV-01
#[test]
fn the_handler_chooses_the_subprotocol_and_adds_headers() {
    let handler = echo()
        .on_request(|_| Answer::accept().subprotocol("second").header("X-Served-By", "attic"))
        .on_connect(|ctx, request| {
            ctx.send(request.subprotocol().unwrap());
            Ok(())
        });
    let server = start(Server::builder(handler).subprotocols(["best"]));
    let mut peer = Peer::new(dial(&server));
    peer.write(request("/", "Sec-WebSocket-Protocol: best, second\r\n").as_bytes());
    let head = peer.head();
    assert!(head.contains("Sec-WebSocket-Protocol: second\r\n"), "{head}");
    assert!(head.contains("X-Served-By: attic\r\n"), "{head}");
    peer.expect_text("second");
}

/// ADV-01
#[test]
fn without_a_subprotocol_in_common_a_client_is_taken_or_refused_as_told() {
    for (subprotocol, expected) in [(Subprotocol::Optional, 101), (Subprotocol::Required, 400)] {
        let server = start(Server::builder(echo()).subprotocols(["best"]).subprotocol(subprotocol));
        let mut peer = Peer::new(dial(&server));
        peer.write(request("/", "Sec-WebSocket-Protocol: BEST, bes\r\n").as_bytes());
        let head = peer.head();
        assert_eq!(status(&head), expected);
        assert!(!head.contains("Sec-WebSocket-Protocol"), "{head}");
    }
}

/// LIFE-02
#[test]
fn every_refusal_has_its_status_and_nobody_is_greeted() {
    let (tell, told) = tells::<String>();
    let handler = echo()
        .on_request(|request| match request.path() {
            "/401" => Answer::unauthorized(),
            "/403" => Answer::forbidden(),
            "/404" => Answer::not_found(),
            "/429" => Answer::too_many_requests(7),
            "/503" => Answer::unavailable(9),
            other => panic!("{other}"),
        })
        .on_connect(move |_, request| {
            tell.send(request.path().to_owned()).unwrap();
            Ok(())
        });
    let server = serve(handler);
    for (expected, header) in [
        (401, "WWW-Authenticate: Bearer\r\n"),
        (403, "Connection: close\r\n"),
        (404, "Connection: close\r\n"),
        (429, "Retry-After: 7\r\n"),
        (503, "Retry-After: 9\r\n"),
    ] {
        let mut peer = Peer::new(dial(&server));
        peer.write(request(&format!("/{expected}"), "").as_bytes());
        let head = peer.head();
        assert_eq!(status(&head), expected);
        assert!(head.contains(header), "{head}");
        peer.rest();
    }
    nothing_more(server, &told);
}

/// LIFE-02
#[test]
fn an_answer_that_would_break_the_response_is_a_500() {
    type Break = fn() -> Answer;
    let breaks: [Break; 5] = [
        || Answer::accept().header("X-Split", "a\r\nSet-Cookie: b"),
        || Answer::accept().header("Bad Name", "a"),
        || Answer::accept().header("Sec-WebSocket-Accept", "mine"),
        || Answer::accept().header("", "a"),
        || Answer::accept().subprotocol("never offered"),
    ];
    let handler = echo().on_request(move |request| {
        let index: usize = request.path()[1..].parse().unwrap();
        breaks[index]()
    });
    let server = serve(handler);
    for index in 0..breaks.len() {
        let mut peer = Peer::new(dial(&server));
        peer.write(request(&format!("/{index}"), "").as_bytes());
        assert_eq!(status(&peer.head()), 500, "{index}");
        assert!(!String::from_utf8(peer.rest()).unwrap().contains("Set-Cookie"));
    }
}

/// LIFE-02
#[test]
fn any_other_response_can_be_given_but_no_101() {
    let handler = echo().on_request(|request| match request.path() {
        "/moved" => Answer::respond(Response::redirect("wss://elsewhere.example/")),
        "/teapot" => {
            let teapot = Response::new(Status(418), "short and stout").header("X-Spout", "yes");
            Answer::respond(teapot)
        }
        _ => Answer::respond(Response::new(Status::SWITCHING_PROTOCOLS, "")),
    });
    let server = serve(handler);
    for (path, expected, header, body) in [
        ("/moved", 307, "Location: wss://elsewhere.example/\r\n", ""),
        ("/teapot", 418, "X-Spout: yes\r\n", "short and stout"),
        ("/switch", 500, "Connection: close\r\n", ""),
    ] {
        let mut peer = Peer::new(dial(&server));
        peer.write(request(path, "").as_bytes());
        let head = peer.head();
        assert_eq!(status(&head), expected);
        assert!(head.contains(header), "{head}");
        let rest = String::from_utf8(peer.rest()).unwrap();
        assert!(rest.contains(body), "{rest}");
    }
}

/// LIFE-01
#[test]
fn a_greeting_comes_first_and_right_behind_the_response() {
    let handler = echo().on_connect(|ctx, request| {
        ctx.send(request.path());
        ctx.send(b"\x01\x02");
        Ok(())
    });
    let mut peer = Peer::open_at(&serve(handler), "/hello", "");
    peer.expect_text("/hello");
    assert_eq!(peer.message().payload, [1, 2]);
}

/// LIFE-02, LIFE-04
#[test]
fn a_client_that_on_connect_rejects_reads_the_code_and_on_close_is_not_called() {
    let (handler, told) = ends(echo().on_connect(|ctx, request| {
        ctx.send("not for long");
        match request.path() {
            "/default" => Err(Reject::default()),
            _ => Err(Reject::new(CloseCode(4321), "no seat left")),
        }
    }));
    let server = serve(handler);
    for (path, code, reason) in
        [("/default", CloseCode::POLICY, ""), ("/own", CloseCode(4321), "no seat left")]
    {
        let mut peer = Peer::open_at(&server, path, "");
        peer.expect_text("not for long");
        assert_eq!(peer.expect_close(code), reason);
        peer.close(code, "");
        peer.expect_end();
    }
    nothing_more(server, &told);
}

/// LIFE-02: what the handler had begun does not keep a connection that it did not take.
#[test]
fn a_client_that_is_rejected_while_work_goes_on_leaves_at_once() {
    let (begin, begun) = tells::<()>();
    let (handler, told) = ends(echo().on_connect(move |ctx, _| {
        let begin = begin.clone();
        ctx.blocking(
            move || begin.send(()).unwrap(),
            |_, (), ctx, ()| {
                ctx.send("late");
            },
        )
        .unwrap();
        Err(Reject::default())
    }));
    let (clock, _stands_still) = ws_std::Clock::manual();
    let server = start(Server::builder(handler).clock(clock));
    let mut peer = Peer::open(&server);
    peer.expect_close(CloseCode::POLICY);
    next(&begun);
    peer.close(CloseCode::POLICY, "");
    peer.shut();
    peer.expect_end();
    crate::harness::until(|| server.connections() == 0);
    nothing_more(server, &told);
}
