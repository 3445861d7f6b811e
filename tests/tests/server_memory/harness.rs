//! Clients that are sockets and nothing else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const GUARD: Duration = Duration::from_secs(10);

pub(crate) const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// What is counted is the whole process: one test at a time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets the only shard turn: the third request is accepted after the turn that answered the second.
pub(crate) fn turn(address: SocketAddr) {
    for _ in 0..3 {
        let mut stream = connect(address);
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
    }
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(GUARD)).unwrap();
    stream
}

pub(crate) fn open(address: SocketAddr) -> TcpStream {
    let mut stream = connect(address);
    shake_hands(&mut stream);
    stream
}

/// Opens a WebSocket over this stream.
pub(crate) fn shake_hands(stream: &mut (impl Read + Write)) {
    stream.write_all(REQUEST.as_bytes()).unwrap();
    let mut response = vec![];
    let mut bytes = [0; 512];
    while !response.ends_with(b"\r\n\r\n") {
        let count = stream.read(&mut bytes).unwrap();
        assert!(count > 0);
        response.extend_from_slice(&bytes[..count]);
    }
    assert!(response.starts_with(b"HTTP/1.1 101 "));
}

pub(crate) fn until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < GUARD, "it never came to that");
        std::thread::yield_now();
    }
}
