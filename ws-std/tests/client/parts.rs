//! Messages taken in pieces.

use std::io::Write;
use std::sync::mpsc::channel;
use std::time::Duration;

use ws_std::WebSocket;
use ws_std::socket::{Error, Kind, Misuse, Piece};

use super::support::{LONG, open_by_hand, serve, text};

/// FRAG-04
#[test]
fn a_message_larger_than_any_buffer_comes_in_pieces() {
    let payload: Vec<u8> = (0..1_000_000_u32).map(|i| i.to_le_bytes()[1]).collect();
    let expected = payload.clone();
    let (address, server) = serve(move |stream| {
        let mut socket = WebSocket::accept(stream).unwrap();
        socket.send_binary(&payload).unwrap();
        socket.send_text("and a small one").unwrap();
        socket
    });
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    let (mut all, mut begun, mut ended) = (vec![], 0, false);
    while !ended {
        let part = socket.receive_piece().unwrap().unwrap();
        assert_eq!(part.kind, Kind::Binary);
        assert!(part.bytes.len() <= 64 * 1024);
        all.extend_from_slice(part.bytes);
        begun += usize::from(part.begins);
        ended = part.ends;
    }
    assert!(all == expected && begun == 1);
    assert_eq!(socket.receive().unwrap(), text("and a small one"));
    drop(server.join().unwrap());
}

/// FRAG-04
#[test]
fn a_message_that_is_taken_in_pieces_is_taken_so_to_its_end() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        stream.write_all(b"\x01\x02on\x80\x01e\x81\x03two").unwrap();
        stream
    });
    let socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    let (mut reader, _writer) = socket.split().unwrap();
    let part = |bytes, begins, ends| Piece { kind: Kind::Text, bytes, begins, ends };
    assert_eq!(reader.receive_piece().unwrap(), Some(part(b"on", true, false)));
    assert!(matches!(reader.receive(), Err(Error::Misuse(Misuse::MidMessage))));
    assert_eq!(reader.receive_piece().unwrap(), Some(part(b"e", false, true)));
    assert_eq!(reader.receive().unwrap(), text("two"));
    drop(server.join().unwrap());
}

/// FRAG-04
#[test]
fn a_message_that_was_begun_whole_may_go_on_in_pieces() {
    let (go_on, wait) = channel();
    let (address, server) = serve(move |mut stream| {
        open_by_hand(&mut stream);
        stream.write_all(b"\x81\x05he").unwrap();
        wait.recv_timeout(LONG).unwrap();
        stream.write_all(b"ll").unwrap();
        wait.recv_timeout(LONG).unwrap();
        stream.write_all(b"o").unwrap();
        stream
    });
    let mut socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(20)));
    assert!(matches!(socket.receive(), Err(Error::TimedOut)));
    socket.set_read_timeout(None);
    go_on.send(()).unwrap();
    let part = |bytes, begins, ends| Piece { kind: Kind::Text, bytes, begins, ends };
    assert_eq!(socket.receive_piece().unwrap(), Some(part(b"hell", true, false)));
    go_on.send(()).unwrap();
    assert_eq!(socket.receive_piece().unwrap(), Some(part(b"o", false, true)));
    drop(server.join().unwrap());
}
