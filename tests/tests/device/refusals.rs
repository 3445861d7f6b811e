//! Servers that want no client, or are none.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use ws_core::handshake::accept_key;
use ws_core::testing::WireFrame;
use ws_tests::peer::GUARD;

use crate::{EVERYWHERE, Readings, dialing, port};

/// Longer than the longest delay between two attempts, 30 s.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that says this and hangs up; empty, it does not even read.
const ANSWERS: [(&str, &str); 5] = [
    ("nothing", ""),
    (
        "a refusal",
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
    ),
    ("another protocol", "220 mail.example.com ESMTP\r\n"),
    (
        "a key that is not the answer to that of the request",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    ),
    ("half an answer", "HTTP/1.1 101 Switching Protocols\r\nUpgra"),
];

/// The device's next call. The standard library has no accept that gives up.
fn pick_up(listener: &TcpListener) -> TcpStream {
    let (tell, told) = std::sync::mpsc::channel();
    let listener = listener.try_clone().unwrap();
    std::thread::spawn(move || tell.send(listener.accept()));
    let (stream, _) = told.recv_timeout(PATIENCE).expect("the device dials").unwrap();
    stream.set_read_timeout(Some(GUARD)).unwrap();
    stream
}

/// The device's request, and the key in it.
fn key(stream: &TcpStream) -> String {
    let mut key = None;
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        if line.is_empty() {
            break;
        }
        key = key.or(line.strip_prefix("Sec-WebSocket-Key: ").map(str::to_owned));
    }
    key.expect("a key")
}

/// At least so long is the delay after so many failures: half of its limit, which begins with 250 ms
/// and doubles.
fn shortest(failures: usize) -> Duration {
    Duration::from_millis(125 << failures)
}

/// A server that refuses is asked less and less often, whatever it says; one that has come to its senses
/// is taken. EMB-06
#[test]
fn whatever_a_server_answers_the_device_asks_again_and_less_and_less_often() {
    std::thread::scope(|scope| {
        for place in EVERYWHERE {
            scope.spawn(move || {
                let (listener, address) = port();
                let _device = dialing(place, address.port());
                let mut stream = pick_up(&listener);
                let (begin, mut wait) = (Instant::now(), Duration::ZERO);
                for (failures, (what, answer)) in ANSWERS.into_iter().enumerate() {
                    if !answer.is_empty() {
                        key(&stream);
                        stream.write_all(answer.as_bytes()).unwrap();
                    }
                    drop(stream);
                    stream = pick_up(&listener);
                    // However slow this machine is, that makes it later. The clock of the device may
                    // be a tick behind each time that it looks.
                    wait += shortest(failures) - Duration::from_millis(5);
                    assert!(begin.elapsed() >= wait, "{place:?} spins after {what}");
                }
                exchange(stream);
            });
        }
    });
}

/// The conversation that it was about.
fn exchange(mut stream: TcpStream) {
    let accept = accept_key(key(&stream).as_bytes().try_into().unwrap());
    let accept = std::str::from_utf8(&accept).unwrap();
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    // A command in the same segment, as a server may that has something to say.
    let command = WireFrame::text("output on").encode();
    stream.write_all(&[response.as_bytes(), &command].concat()).unwrap();
    let (mut unread, mut heard) = (vec![], String::new());
    while !heard.contains(r#""output":true"#) {
        let mut bytes = [0; 1000];
        let len = stream.read(&mut bytes).unwrap();
        assert!(len > 0, "it hangs up after {heard}");
        unread.extend_from_slice(&bytes[..len]);
        while let Some((frame, len)) = WireFrame::decode(&unread) {
            assert!(frame.mask.is_some(), "a client masks: {frame:?}");
            heard = String::from_utf8(frame.payload).unwrap();
            unread.drain(..len);
        }
    }
}

/// A port at which nobody is costs no more than a call now and then: the device sleeps. EMB-06
#[test]
fn a_server_that_is_not_there_does_not_keep_the_device_busy() {
    std::thread::scope(|scope| {
        for place in EVERYWHERE {
            scope.spawn(move || {
                let (listener, address) = port();
                // Nobody listens where a client is, and nobody else gets its port.
                let client = TcpStream::connect(address).unwrap();
                let device = dialing(place, client.local_addr().unwrap().port());
                let mut readings = Readings::of(&device);
                // One that spins never sleeps; on a busy machine one that sleeps wakes late.
                let least = (0..5).map(|_| readings.next("load_permille")).min().unwrap();
                assert!(least < 900, "{place:?}: {least} per mille");
                drop(listener);
            });
        }
    });
}
