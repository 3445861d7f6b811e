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

/// What is said comes back.
pub(crate) fn echo(socket: &mut Socket, text: &str) {
    socket.send_text(text).unwrap();
    hear(socket, Kind::Text, text.as_bytes());
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

/// The number of this name in the next text.
pub(crate) fn next(socket: &mut Socket, name: &str) -> u64 {
    let message = socket.receive().unwrap().expect("no Close");
    let text = message.text().expect("text");
    let (_, rest) = text.split_once(&format!(r#""{name}":"#)).expect(text);
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).expect(text)
}
