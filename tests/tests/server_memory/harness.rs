//! What both tests need.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use ws_tests::peer::{Peer, REQUEST, dial as connect, masked, until};

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
