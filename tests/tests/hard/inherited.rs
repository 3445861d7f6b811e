//! A program whose sockets are made and passed by a service manager.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use ws_tests::example::Example;

use crate::harness::{GUARD, Peer};

/// SERVE-04
#[test]
fn a_listener_that_the_service_manager_passes_serves() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // This one waits while the program starts.
    let mut early = TcpStream::connect(address).unwrap();
    early.set_read_timeout(Some(GUARD)).unwrap();
    early.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let echo = Example::inherit("echo", listener).unwrap_or_else(|said| panic!("{said}"));
    assert_eq!(echo.address, address);
    Peer::open(address).echo(b"hello");
    let mut answer = [0; 12];
    early.read_exact(&mut answer).unwrap();
    assert_eq!(answer, *b"HTTP/1.1 200");
}

/// SERVE-04
#[test]
fn a_passed_connection_is_no_listener() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let connection = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let said = Example::inherit("echo", connection).err().unwrap();
    assert!(said.contains("does not listen"), "{said}");
}
