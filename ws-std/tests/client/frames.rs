//! What is on the wire.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ws_core::frame::Kind;
use ws_core::{Misuse, Rule};
use ws_std::WebSocket;
use ws_std::client::Connector;
use ws_std::socket::Error;

use super::support::{open_by_hand, read_frame, serve, text};

/// A stream that counts its writes.
struct Counted(TcpStream, Arc<AtomicUsize>);

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_small_frame_is_one_write() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        [read_frame(&mut stream), read_frame(&mut stream), read_frame(&mut stream)]
    });
    let count = Arc::new(AtomicUsize::new(0));
    let stream = Counted(TcpStream::connect(address).unwrap(), Arc::clone(&count));
    let mut socket = Connector::new().connect_over(stream, "ws://any.example/").unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 1, "the request");
    socket.send_text("hello").unwrap();
    socket.send_binary(&[1; 60_000]).unwrap();
    socket.ping(b"?").unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 4);
    let frames = server.join().unwrap();
    assert_eq!(frames[0], (0x81, b"hello".to_vec()));
    assert_eq!(frames[1], (0x82, vec![1; 60_000]));
    assert_eq!(frames[2], (0x89, b"?".to_vec()));
}

/// FRAG-04: so that there are places where a control frame can leave.
#[test]
fn a_large_message_leaves_in_fragments() {
    const FRAGMENT: usize = 256 * 1024;
    let payload: Vec<u8> = (0..2 * FRAGMENT + 1).map(|i| i.to_le_bytes()[0] ^ 5).collect();
    let expected = payload.clone();
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        (0..4).map(|_| read_frame(&mut stream)).collect::<Vec<_>>()
    });
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    socket.send_binary(&payload).unwrap();
    socket.send_binary(&payload[..FRAGMENT]).unwrap();
    let frames = server.join().unwrap();
    let heads: Vec<_> = frames.iter().map(|(first, payload)| (*first, payload.len())).collect();
    assert_eq!(heads, [(0x02, FRAGMENT), (0x00, FRAGMENT), (0x80, 1), (0x82, FRAGMENT)]);
    let all: Vec<u8> = frames.into_iter().take(3).flat_map(|(_, payload)| payload).collect();
    assert!(all == expected);
}

/// PROTO-04
#[test]
fn every_frame_has_another_mask() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        let mut masks = std::collections::HashSet::new();
        for _ in 0..200 {
            let mut frame = [0; 6];
            stream.read_exact(&mut frame).unwrap();
            masks.insert(frame[2..].to_vec());
        }
        masks.len()
    });
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    for _ in 0..200 {
        socket.send_text("").unwrap();
    }
    assert!(server.join().unwrap() >= 199, "two of 200 may be the same, by chance");
}

#[test]
fn a_message_may_be_sent_in_parts() {
    let (address, server) = serve(|stream| WebSocket::accept(stream).unwrap().receive().unwrap());
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    socket.send_part(Kind::Text, b"one, ").unwrap();
    socket.ping(b"").unwrap();
    let misuse = socket.send_text("whole").unwrap_err();
    assert!(matches!(misuse, Error::Misuse(Misuse::MessageOpen)));
    socket.send_part(Kind::Text, b"two, ").unwrap();
    socket.send_last_part(Kind::Text, b"three").unwrap();
    assert_eq!(server.join().unwrap(), text("one, two, three"));
}

/// FRAG-02
#[test]
fn a_ping_is_answered_between_the_fragments_of_a_message() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        stream.write_all(b"\x01\x02on\x89\x03abc\x80\x01e").unwrap();
        read_frame(&mut stream)
    });
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    assert_eq!(socket.receive().unwrap(), text("one"));
    assert_eq!(server.join().unwrap(), (0x8A, b"abc".to_vec()));
}

/// PROTO-10: each breach is answered with the right code, in a Close that the server gets to read
/// although it has more to say.
#[test]
fn a_broken_rule_is_answered_with_its_code() {
    for (bytes, rule, code) in [
        (&b"\x81\x81\0\0\0\0x"[..], Rule::Masked, 1002),
        (b"\x83\0", Rule::UnknownOpcode, 1002),
        (b"\xC1\0", Rule::ReservedBits, 1002),
        (b"\x80\0", Rule::StrayContinuation, 1002),
        (b"\x81\x01\xFF", Rule::InvalidUtf8, 1007),
        (b"\x82\x7F\0\0\0\0\0\x01\0\0", Rule::TooBig, 1009),
        (b"\x88\x02\x03\xED", Rule::CloseCodeInvalid, 1002),
    ] {
        let (address, server) = serve(move |mut stream| {
            open_by_hand(&mut stream);
            stream.write_all(bytes).unwrap();
            let _ = stream.write_all(&[0; 50_000]);
            read_frame(&mut stream)
        });
        let connector = Connector::new().max_message(1024);
        let mut socket = connector.connect(&format!("ws://{address}/")).unwrap();
        match socket.receive() {
            Err(Error::Violation(violation)) => assert_eq!(violation.rule, rule),
            other => panic!("{other:?}"),
        }
        let (first, payload) = server.join().unwrap();
        assert_eq!((first, &payload[..2]), (0x88, &u16::to_be_bytes(code)[..]), "{rule:?}");
        assert!(matches!(socket.receive(), Err(Error::Violation(_))), "and for ever");
        assert!(matches!(socket.send_text(""), Err(Error::Misuse(Misuse::Closed))));
    }
}

/// FRAG-03
#[test]
fn a_message_of_exactly_the_limit_is_taken() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        stream.write_all(b"\x82\x7E\x04\0").unwrap();
        stream.write_all(&[9; 1024]).unwrap();
        stream
    });
    let connector = Connector::new().max_message(1024);
    let mut socket = connector.connect(&format!("ws://{address}/")).unwrap();
    assert_eq!(socket.receive().unwrap().unwrap().into_bytes(), [9; 1024]);
    drop(server.join().unwrap());
}
