//! Inputs that are nearly right: what chance alone would take too long to find.

use ws_core::frame::{Header, Kind, Mask, Opcode, Reserved};

use super::Dice;

/// Adds a sample to an input.
pub type Sample = fn(&mut Dice, &mut Vec<u8>);

/// Characters of every length, and bytes that are none.
const PIECES: [&[u8]; 10] = [
    b"a",
    b"plain text",
    "é".as_bytes(),
    "\u{7FF}€\u{FFFF}".as_bytes(),
    "😀\u{10FFFF}".as_bytes(),
    b"\xE2\x82",
    b"\xED\xA0\x80",
    b"\xF4\x90",
    b"\xC0\x80",
    b"\xFF",
];

/// Text, now and then broken.
pub fn text(dice: &mut Dice, input: &mut Vec<u8>) {
    for _ in 0..dice.len(60) {
        let broken = dice.once_in(40);
        let end = if broken { PIECES.len() } else { 5 };
        input.extend_from_slice(PIECES[dice.below(end)]);
    }
}

/// A few frames of either side, now and then broken.
pub fn frames(dice: &mut Dice, input: &mut Vec<u8>) {
    let masked = dice.once_in(2);
    for _ in 0..dice.below(8) {
        frame(dice, input, masked);
    }
    spoil(dice, input, 8);
}

/// What a peer says to a driver: perhaps a handshake, then frames.
pub fn conversation(dice: &mut Dice, input: &mut Vec<u8>) {
    if dice.once_in(3) {
        request(dice, input);
    }
    let masked = !dice.once_in(3);
    for _ in 0..dice.below(12) {
        frame(dice, input, masked);
    }
    spoil(dice, &mut input[8..], 4);
}

fn frame(dice: &mut Dice, input: &mut Vec<u8>, masked: bool) {
    const OPCODES: [Opcode; 8] = [
        Opcode::Text,
        Opcode::Text,
        Opcode::Binary,
        Opcode::Continuation,
        Opcode::Continuation,
        Opcode::Ping,
        Opcode::Pong,
        Opcode::Close,
    ];
    let opcode = dice.pick(&OPCODES);
    let mut payload = Vec::new();
    match opcode {
        Opcode::Close if dice.once_in(4) => {}
        Opcode::Close => payload.extend([3, 0xE8, b'b', b'y', b'e']),
        Opcode::Ping | Opcode::Pong => payload.resize(dice.len(125), b'p'),
        _ if dice.once_in(6) => payload.resize(dice.len(70_000), b'x'),
        _ => text(dice, &mut payload),
    }
    let mut mask = masked.then(|| Mask::new(dice.next().to_le_bytes()[..4].try_into().unwrap()));
    let header = Header {
        fin: opcode.is_control() || !dice.once_in(3),
        reserved: if dice.once_in(20) { Reserved::RSV1 } else { Reserved::NONE },
        opcode,
        mask,
        len: payload.len() as u64,
    };
    if let Some(mask) = &mut mask {
        mask.apply(&mut payload);
    }
    input.extend_from_slice(header.encode().as_slice());
    input.extend_from_slice(&payload);
}

/// A request for a WebSocket, now and then broken.
pub fn request(dice: &mut Dice, input: &mut Vec<u8>) {
    const LINES: [&str; 12] = [
        "Host: example.com",
        "Upgrade: websocket",
        "Connection: keep-alive, Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: chat, superchat",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        "Origin: http://example.com",
        "Cookie: a=b",
        "Content-Length: 0",
        "connection: close",
        "Upgrade: h2c, websocket/13",
    ];
    head(
        dice,
        input,
        &["GET /chat HTTP/1.1", "GET http://a/b?c HTTP/1.1", "POST / HTTP/1.0"],
        &LINES,
    );
}

/// A server's response, now and then broken.
pub fn response(dice: &mut Dice, input: &mut Vec<u8>) {
    const LINES: [&str; 8] = [
        "Upgrade: WebSocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: chat",
        "Sec-WebSocket-Extensions: permessage-deflate",
        "Server: any",
        "Content-Length: 4",
    ];
    if dice.once_in(6) {
        input.extend_from_slice(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    }
    let first = ["HTTP/1.1 101 Switching Protocols", "HTTP/1.1 101 ", "HTTP/1.1 302 Found"];
    head(dice, input, &first, &LINES);
}

fn head(dice: &mut Dice, input: &mut Vec<u8>, first: &[&str], lines: &[&str]) {
    let start = input.len();
    let line = if dice.once_in(6) { dice.pick(first) } else { first[0] };
    input.extend_from_slice(line.as_bytes());
    for (index, line) in lines.iter().enumerate() {
        let (usual, times) = if index < 5 { (1, 12) } else { (0, 4) };
        let count = if dice.once_in(times) { dice.below(3) } else { usual };
        for _ in 0..count {
            input.extend_from_slice(b"\r\n");
            input.extend_from_slice(line.as_bytes());
            if dice.once_in(12) {
                input.resize(input.len() + dice.len(700), dice.pick(b" \tx,;"));
            }
        }
    }
    input.extend_from_slice(b"\r\n\r\n");
    spoil(dice, &mut input[start..], 4);
}

/// A list of tokens and parameters.
pub fn list(dice: &mut Dice, input: &mut Vec<u8>) {
    const PIECES: [&str; 12] = [
        "chat",
        "chat.v2",
        ", ",
        ",",
        ";",
        "=",
        "\"",
        "\\",
        " ",
        "10",
        "permessage-deflate",
        "server_max_window_bits",
    ];
    for _ in 0..dice.below(20) {
        input.extend_from_slice(dice.pick(&PIECES).as_bytes());
    }
    spoil(dice, input, 8);
}

/// Compressed data, now and then broken: of text that repeats itself, by all means of compression.
pub fn compressed(dice: &mut Dice, input: &mut Vec<u8>) {
    let mut plain = Vec::new();
    for _ in 0..dice.below(6) {
        match dice.below(3) {
            0 => text(dice, &mut plain),
            1 => plain.extend((0..dice.len(600)).map(|_| dice.next() as u8)),
            _ => plain.resize(plain.len() + dice.len(3000), b'z'),
        }
        let again = plain.len().saturating_sub(dice.len(2000));
        plain.extend_from_within(again..);
    }
    let level = dice.below(10) as i32;
    let mut deflate = zlib_rs::Deflate::new(level, false, 9 + dice.below(7) as u8);
    input.extend(super::deflate::compress(&mut deflate, &plain));
    spoil(dice, &mut input[8..], 2);
}

/// Once in so many times, changes a byte.
fn spoil(dice: &mut Dice, bytes: &mut [u8], times: usize) {
    if dice.once_in(times) && !bytes.is_empty() {
        let at = dice.below(bytes.len());
        bytes[at] ^= 1 << dice.below(8);
    }
}

/// A payload to send.
pub fn payload(dice: &mut Dice, max: usize) -> (Kind, Vec<u8>) {
    (dice.pick(&[Kind::Text, Kind::Binary]), vec![b'o'; dice.len(max)])
}
