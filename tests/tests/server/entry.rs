//! SERVE-01, SERVE-03, SERVE-04: every way to listen, to serve and to end.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;

use ws_core::frame::CloseCode;
use ws_std::{Limits, Server, State, Threads};

use crate::harness::{GUARD, Peer, echo, ends, next, serve, tells, until};

/// SERVE-01
#[test]
fn serve_takes_any_free_port_and_tells_which() {
    let server = ws_std::serve(echo(), "127.0.0.1:0").unwrap();
    assert_ne!(server.address().unwrap().port(), 0);
    assert_eq!(server.state(), State::Running);
    let mut peer = Peer::open(&server);
    peer.text("hello");
    peer.expect_text("hello");
    // The port is taken, and the error names it.
    let address = server.address().unwrap();
    let error = ws_std::serve(echo(), address).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().starts_with(&format!("{address}: ")), "{error}");
}

/// SERVE-04, SERVE-03, ACTOR-07
#[test]
fn every_way_to_use_threads_serves_the_same() {
    for threads in [
        Threads::PerCore,
        Threads::Fixed(0),
        Threads::Fixed(1),
        Threads::Fixed(3),
        Threads::PerConnection,
    ] {
        let (handler, told) = ends(echo());
        let builder = Server::builder(handler).threads(threads);
        let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
        let mut peers: Vec<Peer> = (0..12).map(|_| Peer::open(&server)).collect();
        for round in 0..3 {
            for (number, peer) in peers.iter_mut().enumerate() {
                peer.text(format!("{round} {number}"));
            }
            for (number, peer) in peers.iter_mut().enumerate() {
                peer.expect_text(&format!("{round} {number}"));
            }
        }
        assert_eq!(server.connections(), 12);
        for peer in peers {
            peer.leave();
            assert_eq!(next(&told).code, CloseCode::NORMAL);
        }
        until(|| server.connections() == 0);
        server.stop();
        assert!(told.try_recv().is_err(), "{threads:?}");
    }
}

/// SERVE-04, ACTOR-07
#[test]
fn with_a_thread_for_each_connection_a_handler_may_block() {
    let (release, wait) = channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let handler = ws_std::on_message(move |ctx, message| {
        if message.text() == Some("block") {
            wait.lock().unwrap().recv().unwrap();
        }
        ctx.send(message);
    });
    let builder = Server::builder(handler).threads(Threads::PerConnection);
    let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
    let mut blocked = Peer::open(&server);
    blocked.text("block");
    let mut other = Peer::open(&server);
    for _ in 0..10 {
        other.text("meanwhile");
        other.expect_text("meanwhile");
    }
    other.leave();
    release.send(()).unwrap();
    blocked.expect_text("block");
    blocked.leave();
}

/// SERVE-04
#[test]
fn several_listeners_at_once_and_one_that_was_inherited() {
    let inherited = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = inherited.local_addr().unwrap();
    // It came before the server was there.
    let early = TcpStream::connect(address).unwrap();
    early.set_read_timeout(Some(GUARD)).unwrap();
    for threads in [Threads::Fixed(1), Threads::Fixed(2)] {
        let server = Server::builder(echo())
            .threads(threads)
            .listen("127.0.0.1:0")
            .unwrap()
            .listen_on(inherited.try_clone().unwrap())
            .unwrap()
            .start()
            .unwrap();
        assert_eq!(server.addresses()[1..], [address]);
        for address in server.addresses() {
            let stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(GUARD)).unwrap();
            let mut peer = Peer::over(stream, "/", "");
            peer.text("hello");
            peer.expect_text("hello");
            peer.leave();
        }
        if threads == Threads::Fixed(1) {
            Peer::over(early.try_clone().unwrap(), "/", "").leave();
        }
    }
}

/// SERVE-04
#[cfg(unix)]
#[test]
fn a_unix_socket_serves_beside_tcp() {
    use std::os::unix::net::UnixStream;
    let path = std::env::temp_dir().join(format!("ws-tests-{}.socket", std::process::id()));
    let _not_there = std::fs::remove_file(&path);
    let (tell, told) = tells();
    let handler = echo().on_connect(move |ctx, request| {
        tell.send((ctx.peer(), request.client_ip())).unwrap();
        Ok(())
    });
    let server = Server::builder(handler)
        .listen_unix(&path)
        .unwrap()
        .listen("127.0.0.1:0")
        .unwrap()
        .start()
        .unwrap();
    assert_eq!(server.addresses().len(), 1);
    let stream = UnixStream::connect(&path).unwrap();
    stream.set_read_timeout(Some(GUARD)).unwrap();
    let mut peer = Peer::over(stream, "/", "");
    assert_eq!(next(&told), (None, None));
    peer.text("hello");
    peer.expect_text("hello");
    peer.leave();
    Peer::open(&server).leave();
    assert!(next(&told).0.is_some());
    std::fs::remove_file(&path).unwrap();
}

/// SERVE-04
#[test]
fn a_server_without_a_listener_does_not_start() {
    let error = Server::builder(echo()).start().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

/// SERVE-04
#[cfg(unix)]
#[test]
fn it_is_an_error_to_inherit_listeners_when_none_was_passed() {
    let error = Server::builder(echo()).listen_inherited().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

/// SERVE-04, LIFE-04
#[test]
fn a_server_ends_when_it_is_dropped_stopped_or_told_to_from_elsewhere() {
    type End = fn(Server);
    let ways: [End; 3] = [
        |server| drop(server),
        |server| server.stop(),
        |server| {
            let stopper = server.stopper();
            let waits = thread::spawn(move || server.join());
            stopper.clone().stop();
            waits.join().unwrap().unwrap();
            stopper.stop();
        },
    ];
    for end in ways {
        for threads in [Threads::Fixed(1), Threads::Fixed(2), Threads::PerConnection] {
            let (handler, told) = ends(echo());
            let builder = Server::builder(handler).threads(threads);
            let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
            let address = server.address().unwrap();
            let mut open = Peer::open(&server);
            let mut opening = Peer::new(crate::harness::dial(&server));
            opening.write(b"GET / HT");
            until(|| server.connections() == 2);
            end(server);
            assert_eq!(next(&told).code, CloseCode::GOING_AWAY);
            open.expect_close(CloseCode::GOING_AWAY);
            open.expect_end();
            assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
            // The address is free again.
            drop(TcpListener::bind(address));
        }
    }
}

/// ACTOR-07
#[test]
fn a_silent_client_and_half_a_request_harm_nobody() {
    let server = serve(echo());
    let _silent = crate::harness::dial(&server);
    let mut half = Peer::new(crate::harness::dial(&server));
    half.write(b"GET / HTTP/1.1\r\nHost: local");
    let mut peer = Peer::open(&server);
    peer.text("hello");
    peer.expect_text("hello");
    peer.leave();
    half.write(b"host\r\n\r\n");
    assert_eq!(crate::harness::status(&half.head()), 426);
}

/// SERVE-04
#[test]
fn marks_that_make_no_sense_are_refused_at_the_start() {
    let limits = Limits { outbox_low: 2, outbox_high: 1, ..Limits::default() };
    let builder = Server::builder(echo()).limits(limits).listen("127.0.0.1:0").unwrap();
    assert_eq!(builder.start().unwrap_err().kind(), ErrorKind::InvalidInput);
}
