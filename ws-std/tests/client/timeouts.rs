//! Deadlines. Where nothing happens, a test waits for the deadline: some milliseconds.

use std::io::{Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use ws_core::connection::Expired;
use ws_core::frame::CloseCode;
use ws_std::WebSocket;
use ws_std::client::{ConnectError, Connector, Stage};
use ws_std::socket::Error;

use super::support::{Authority, LONG, echo, open_by_hand, read_frame, serve, text};

const SHORT: Duration = Duration::from_millis(50);

/// A server that reads and says nothing.
fn silent(prelude: &'static [u8]) -> (String, std::thread::JoinHandle<()>) {
    serve(move |mut stream| {
        stream.write_all(prelude).unwrap();
        while stream.read(&mut [0; 1024]).is_ok_and(|len| len > 0) {}
    })
}

#[track_caller]
fn check_times_out(connector: &Connector, url: &str, stage: Stage) {
    match connector.connect(url) {
        Err(ConnectError::TimedOut(found)) => assert_eq!(found, stage),
        other => panic!("{other:?}"),
    }
}

/// ADV-05
#[test]
fn a_server_that_says_nothing_is_not_waited_for() {
    let connector = Connector::new().handshake_timeout(SHORT).roots(Authority::new().roots());
    let (address, server) = silent(b"");
    check_times_out(&connector, &format!("ws://{address}/"), Stage::Handshake);
    server.join().unwrap();
    let (address, server) = silent(b"");
    check_times_out(&connector, &format!("wss://{address}/"), Stage::Tls);
    server.join().unwrap();
    let (address, server) = silent(b"");
    let connector = connector.proxy(&format!("http://{address}"));
    check_times_out(&connector, "ws://h/", Stage::Proxy);
    server.join().unwrap();
}

/// ADV-05: the deadline is for all of the handshake; half an answer wins no time.
#[test]
fn a_server_that_stops_in_the_middle_is_not_waited_for() {
    let (address, server) = silent(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: web");
    let connector = Connector::new().handshake_timeout(SHORT);
    check_times_out(&connector, &format!("ws://{address}/"), Stage::Handshake);
    server.join().unwrap();
}

/// ADV-05, SEC-01: a byte now and then wins no time either.
#[test]
fn a_server_that_trickles_is_not_waited_for() {
    let (address, server) = serve(|mut stream| {
        stream.set_read_timeout(Some(SHORT / 10)).unwrap();
        let head =
            b"HTTP/1.1 101 Switching Protocols\r\nX: ".iter().chain(std::iter::repeat(&b'y'));
        for byte in head {
            if stream.write_all(&[*byte]).is_err()
                || stream.read(&mut [0; 1024]).is_ok_and(|len| len == 0)
            {
                return;
            }
        }
    });
    let connector = Connector::new().handshake_timeout(SHORT);
    check_times_out(&connector, &format!("ws://{address}/"), Stage::Handshake);
    server.join().unwrap();
}

/// ADV-05
#[test]
fn no_time_to_connect_is_too_little() {
    let connector = Connector::new().connect_timeout(Duration::ZERO);
    check_times_out(&connector, "ws://127.0.0.1:9/", Stage::Connect);
    let error = connector.connect("ws://localhost:9/").unwrap_err();
    assert!(matches!(error, ConnectError::TimedOut(Stage::Resolve | Stage::Connect)));
}

/// ADV-05
#[test]
fn a_read_timeout_loses_no_byte() {
    let (go_on, wait) = mpsc::channel();
    let (address, server) = serve(move |mut stream| {
        open_by_hand(&mut stream);
        for part in [&b"\x01\x03o"[..], b"ne", b"\x80\x05, tw", b"o\x81"] {
            stream.write_all(part).unwrap();
            wait.recv_timeout(LONG).unwrap();
        }
        stream.write_all(b"\0").unwrap();
    });
    let connector = Connector::new().read_timeout(Duration::from_millis(20));
    let mut socket = connector.connect(&format!("ws://{address}/")).unwrap();
    for _ in 0..3 {
        assert!(matches!(socket.receive(), Err(Error::TimedOut)));
        go_on.send(()).unwrap();
    }
    socket.set_read_timeout(None);
    assert_eq!(socket.receive().unwrap(), text("one, two"));
    go_on.send(()).unwrap();
    assert_eq!(socket.receive().unwrap(), text(""));
    server.join().unwrap();
}

/// ADV-05: and neither does one of a half.
#[test]
fn a_read_timeout_of_a_half_loses_no_byte() {
    let (go_on, wait) = mpsc::channel();
    let (address, server) = serve(move |mut stream| {
        open_by_hand(&mut stream);
        stream.write_all(b"\x81\x03o").unwrap();
        wait.recv_timeout(LONG).unwrap();
        stream.write_all(b"ne").unwrap();
        stream
    });
    let connector = Connector::new().read_timeout(Duration::from_millis(20));
    let socket = connector.connect(&format!("ws://{address}/")).unwrap();
    let (mut reader, _writer) = socket.split().unwrap();
    assert!(matches!(reader.receive(), Err(Error::TimedOut)));
    go_on.send(()).unwrap();
    reader.set_read_timeout(None).unwrap();
    assert_eq!(reader.receive().unwrap(), text("one"));
    drop(server.join().unwrap());
}

/// BEAT-04
#[test]
fn a_server_that_answers_no_ping_is_dead() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        [read_frame(&mut stream), read_frame(&mut stream)]
    });
    let connector = Connector::new().heartbeat(SHORT / 5, SHORT);
    let mut socket = connector.connect(&format!("ws://{address}/")).unwrap();
    assert!(matches!(socket.receive(), Err(Error::Expired(Expired::Heartbeat))));
    let [ping, close] = server.join().unwrap();
    assert_eq!((ping.0, ping.1.len()), (0x89, 8));
    assert_eq!((close.0, &close.1[..2]), (0x88, &1001_u16.to_be_bytes()[..]));
}

/// BEAT-04: of the halves, too, though nobody has a read timeout there.
#[test]
fn a_server_that_answers_no_ping_is_dead_to_both_halves() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        [read_frame(&mut stream), read_frame(&mut stream)].map(|(first, _)| first)
    });
    let connector = Connector::new().heartbeat(SHORT / 5, SHORT);
    let socket = connector.connect(&format!("ws://{address}/")).unwrap();
    let (mut reader, mut writer) = socket.split().unwrap();
    assert!(matches!(reader.receive(), Err(Error::Expired(Expired::Heartbeat))));
    assert_eq!(server.join().unwrap(), [0x89, 0x88]);
    assert!(writer.send_text("").is_err());
}

/// BEAT-03: a Pong that repeats the Ping is what counts.
#[test]
fn a_server_that_answers_lives() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        for _ in 0..5 {
            let (first, payload) = read_frame(&mut stream);
            assert_eq!(first, 0x89);
            stream.write_all(&[0x8A, 8]).unwrap();
            stream.write_all(&payload).unwrap();
        }
        stream.write_all(b"\x81\x04done").unwrap();
        stream
    });
    let connector = Connector::new().heartbeat(Duration::from_millis(5), LONG);
    let mut socket = connector.connect(&format!("ws://{address}/")).unwrap();
    assert_eq!(socket.receive().unwrap(), text("done"));
    drop(server.join().unwrap());
}

/// PROTO-07
#[test]
fn a_server_that_does_not_answer_our_close_is_left() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        while stream.read(&mut [0; 1024]).is_ok_and(|len| len > 0) {}
    });
    let connector = Connector::new().close_timeout(SHORT);
    let mut socket = connector.connect(&format!("ws://{address}/")).unwrap();
    let error = socket.close(CloseCode::NORMAL, "").unwrap_err();
    assert!(matches!(error, Error::Expired(Expired::Close)));
    server.join().unwrap();
}

/// PROTO-07
#[test]
fn a_reader_does_not_wait_for_ever_for_the_answer_to_our_close() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        while stream.read(&mut [0; 1024]).is_ok_and(|len| len > 0) {}
    });
    let connector = Connector::new().close_timeout(SHORT);
    let socket = connector.connect(&format!("ws://{address}/")).unwrap();
    let (mut reader, mut writer) = socket.split().unwrap();
    let reading = std::thread::spawn(move || reader.receive());
    writer.send_close(CloseCode::NORMAL, "").unwrap();
    let result = reading.join().unwrap();
    assert!(matches!(result, Err(Error::Expired(Expired::Close))), "{result:?}");
    server.join().unwrap();
}

/// A peer that does not read is not waited for, if we say so.
#[test]
fn a_write_timeout_ends_a_send_and_all_after_it() {
    let (done, wait) = mpsc::channel::<()>();
    let (address, server) = serve(move |stream| {
        let socket = WebSocket::accept(stream).unwrap();
        let _ = wait.recv_timeout(LONG);
        drop(socket);
    });
    let connector = Connector::new().write_timeout(SHORT);
    let mut socket = connector.connect(&format!("ws://{address}/")).unwrap();
    let large = vec![0; 64 << 20];
    assert!(matches!(socket.send_binary(&large), Err(Error::Io(_))));
    assert!(matches!(socket.send_text("x"), Err(Error::Misuse(ws_core::Misuse::Poisoned))));
    drop(done);
    server.join().unwrap();
}

/// The clock of the heartbeat stands still while the program does something else.
#[test]
fn a_program_that_is_busy_does_not_lose_its_server() {
    let (address, server) = serve(|stream| echo(WebSocket::accept(stream).unwrap()));
    let connector = Connector::new().heartbeat(Duration::from_millis(1), SHORT);
    let mut socket = connector.connect(&format!("ws://{address}/")).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(20)));
    assert!(matches!(socket.receive(), Err(Error::TimedOut)), "pings and pongs");
    std::thread::park_timeout(SHORT * 2);
    socket.send_text("back").unwrap();
    socket.set_read_timeout(None);
    assert_eq!(socket.receive().unwrap(), text("back"));
    socket.close(CloseCode::NORMAL, "").unwrap();
    server.join().unwrap().unwrap();
}
