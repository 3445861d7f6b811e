//! Connecting again.

use std::io::Write;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use ws_core::frame::CloseCode;
use ws_std::WebSocket;
use ws_std::client::{Advice, Backoff, ConnectError, Stop, reconnecting};

use super::support::{answering, read_head};

fn at_once() -> Backoff {
    Backoff::new().initial(Duration::from_millis(1)).max(Duration::from_millis(1))
}

/// ADV-05
#[test]
fn a_client_comes_back_until_the_server_says_goodbye() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\n\r\n").unwrap();
        for code in [CloseCode::RESTART, CloseCode::NORMAL] {
            let stream = listener.accept().unwrap().0;
            WebSocket::accept(stream).unwrap().close(code, "").unwrap();
        }
    });
    let mut sessions = 0;
    let outcome = reconnecting(at_once(), &Stop::new(), || {
        sessions += 1;
        let mut socket = ws_std::connect(&url)?;
        Ok(match socket.receive() {
            Ok(_) => socket.ended().map_or(Advice::GiveUp, Advice::of_close),
            Err(error) => Advice::of_error(&error),
        })
    });
    assert!(outcome.is_ok());
    assert_eq!(sessions, 3);
    server.join().unwrap();
}

/// ADV-05
#[test]
fn a_server_that_does_not_want_us_is_left_alone() {
    let (address, server) = answering("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
    let outcome = reconnecting(at_once(), &Stop::new(), || {
        ws_std::connect(&format!("ws://{address}/")).map(|_| Advice::Retry)
    });
    assert!(matches!(outcome, Err(ConnectError::Refused(_))));
    server.join().unwrap();
}

/// ADV-05
#[test]
fn a_refusal_tells_whether_to_come_back() {
    for (answer, advice) in [
        ("HTTP/1.1 429 Slow\r\nRetry-After: 3\r\n\r\n", Advice::RetryAfter(Duration::from_secs(3))),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", Advice::Retry),
        ("HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", Advice::GiveUp),
        ("HTTP/1.1 404 Not Found\r\nRetry-After: 3\r\n\r\n", Advice::GiveUp),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", Advice::GiveUp),
        ("HTTP/1.1 101 Sw", Advice::Retry),
    ] {
        let (address, server) = answering(answer);
        let error = ws_std::connect(&format!("ws://{address}/")).unwrap_err();
        assert_eq!(Advice::of_refusal(&error), advice, "{answer}");
        server.join().unwrap();
    }
}

/// ADV-05
#[test]
fn a_wait_ends_when_somebody_says_stop() {
    let stop = Stop::new();
    let (tried, told) = std::sync::mpsc::channel();
    let waiting = thread::spawn({
        let stop = stop.clone();
        move || {
            let mut backoff = Backoff::new();
            backoff.hint(super::support::LONG);
            reconnecting(backoff, &stop, || {
                tried.send(()).unwrap();
                Ok(Advice::Retry)
            })
        }
    });
    told.recv().unwrap();
    stop.stop();
    waiting.join().unwrap().unwrap();
    assert!(told.recv().is_err(), "there was no second attempt");
    assert!(stop.is_stopped());
}
