//! What clients hear.

use ws_core::frame::Kind;

use super::bench::Socket;

/// The next message is this one.
pub(crate) fn hear(socket: &mut Socket, kind: Kind, expected: &[u8]) {
    let mut heard = vec![];
    loop {
        let piece = socket.receive_chunk().unwrap().expect("no Close");
        assert_eq!(piece.kind(), kind);
        heard.extend_from_slice(piece.bytes());
        if piece.ends() {
            break;
        }
    }
    assert!(heard == expected, "{} bytes instead of {}", heard.len(), expected.len());
}

/// One of the next texts has this in it.
pub(crate) fn until(socket: &mut Socket, expected: &str) {
    for _ in 0..1000 {
        let message = socket.receive().unwrap().expect("no Close");
        if message.text().is_some_and(|text| text.contains(expected)) {
            return;
        }
    }
    panic!("never heard: {expected}");
}
