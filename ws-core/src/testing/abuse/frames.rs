//! What is sent after the opening handshake.

use alloc::vec;
use alloc::vec::Vec;

use super::{Abuse, Answer, MAX_MESSAGE};
use crate::frame::CloseCode;
use crate::testing::WireFrame;

const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

const PROTOCOL: CloseCode = CloseCode::PROTOCOL_ERROR;
const DATA: CloseCode = CloseCode::INVALID_DATA;
const BIG: CloseCode = CloseCode::TOO_BIG;

/// Every script that begins after the opening handshake: frames of a client.
pub fn after_handshake() -> Vec<Abuse> {
    let mut all = headers();
    all.append(&mut fragments());
    all.append(&mut sizes());
    all.append(&mut texts());
    all.append(&mut closes());
    all
}

fn headers() -> Vec<Abuse> {
    vec![
        refused("a frame that is not masked", &["PROTO-03"], &[WireFrame::text("hello")], PROTOCOL),
        refused("RSV1 without an extension", &["PROTO-09"], &[hello().reserved(0x40)], PROTOCOL),
        refused("RSV2", &["PROTO-09"], &[hello().reserved(0x20)], PROTOCOL),
        refused("RSV3", &["PROTO-09"], &[hello().reserved(0x10)], PROTOCOL),
        refused("an unknown data opcode", &["PROTO-09"], &[masked(3, "hello")], PROTOCOL),
        refused("an unknown control opcode", &["PROTO-09"], &[masked(11, "hello")], PROTOCOL),
        refused(
            "a length of 5 in two bytes",
            &["PROTO-02"],
            &[hello().with_length_bytes(2)],
            PROTOCOL,
        ),
        refused(
            "a length of 5 in eight bytes",
            &["PROTO-02"],
            &[hello().with_length_bytes(8)],
            PROTOCOL,
        ),
        refused(
            "a length with its top bit set",
            &["PROTO-02"],
            &[hello().claiming(u64::MAX)],
            PROTOCOL,
        ),
        answered(
            "a Ping between good messages",
            &["PROTO-09", "BEAT-02"],
            &[hello(), masked(9, "there?"), hello()],
            &[WireFrame::text("hello"), WireFrame::pong("there?"), WireFrame::text("hello")],
        ),
        answered("a Pong that nobody asked for", &["BEAT-03"], &[masked(10, "here")], &[]),
        refused("a Ping of 126 bytes", &["PROTO-09"], &[masked(9, [0; 126])], PROTOCOL),
        refused("a Pong of 126 bytes", &["PROTO-09"], &[masked(10, [0; 126])], PROTOCOL),
        refused("a Ping without FIN", &["PROTO-09"], &[masked(9, "there?").more()], PROTOCOL),
        after(
            "a bad frame behind a good one in the same read",
            &["PROTO-10"],
            &[hello(), hello().reserved(0x40)],
            &[WireFrame::text("hello")],
            Some(PROTOCOL),
        ),
    ]
}

fn fragments() -> Vec<Abuse> {
    vec![
        answered(
            "a Ping between fragments",
            &["FRAG-02", "PROTO-09"],
            &[masked(1, "hel").more(), masked(9, "there?"), masked(0, "lo")],
            &[WireFrame::pong("there?"), WireFrame::text("hello")],
        ),
        answered(
            "three empty fragments",
            &["FRAG-03"],
            &[masked(1, "").more(), masked(0, "").more(), masked(0, "")],
            &[WireFrame::text("")],
        ),
        refused(
            "a new text inside a fragmented text",
            &["PROTO-09"],
            &[masked(1, "hel").more(), hello()],
            PROTOCOL,
        ),
        refused("a continuation of nothing", &["PROTO-09"], &[masked(0, "lo")], PROTOCOL),
        after(
            "a continuation behind a message that has ended",
            &["PROTO-09"],
            &[hello(), masked(0, "lo")],
            &[WireFrame::text("hello")],
            Some(PROTOCOL),
        ),
    ]
}

fn sizes() -> Vec<Abuse> {
    let most = [b'm'; MAX_MESSAGE];
    let half = [b'h'; MAX_MESSAGE / 2];
    vec![
        answered(
            "a message of exactly the cap",
            &["FRAG-03"],
            &[masked(2, most)],
            &[WireFrame::binary(most)],
        ),
        refused(
            "a message of one byte more than the cap",
            &["FRAG-03"],
            &[masked(2, [b'm'; MAX_MESSAGE + 1])],
            BIG,
        ),
        refused("a message of 70,000 bytes", &["FRAG-03"], &[masked(2, vec![b'm'; 70_000])], BIG),
        refused(
            "fragments that together are above the cap",
            &["FRAG-03"],
            &[masked(2, half).more(), masked(0, half).more(), masked(0, "m")],
            BIG,
        ),
        refused(
            "a header that claims 60 MB, and nothing behind it",
            &["FRAG-03"],
            &[masked(2, "").claiming(60_000_000)],
            BIG,
        ),
        refused(
            "a header that claims 2^62 bytes, and nothing behind it",
            &["FRAG-03"],
            &[masked(2, "").claiming(1 << 62)],
            BIG,
        ),
    ]
}

fn texts() -> Vec<Abuse> {
    vec![
        refused("text that is not UTF-8", &["PROTO-05"], &[masked(1, b"h\xFFllo")], DATA),
        refused(
            "text that is not UTF-8 in the first fragment, and no second",
            &["PROTO-05"],
            &[masked(1, b"h\xFFl").more()],
            DATA,
        ),
        refused(
            "a bad third byte in a frame of which no more is sent",
            &["PROTO-05"],
            &[masked(1, b"he\xFF").claiming(1000)],
            DATA,
        ),
        refused("text that ends inside a character", &["PROTO-05"], &[masked(1, b"\xC3")], DATA),
        answered(
            "a character cut by two fragments",
            &["PROTO-05"],
            &[masked(1, b"\xC3").more(), masked(0, b"\xA9")],
            &[WireFrame::text("\u{E9}")],
        ),
        answered(
            "bytes that are not UTF-8, and need not be",
            &["PROTO-06"],
            &[masked(2, b"\xFF\xFE")],
            &[WireFrame::binary(b"\xFF\xFE")],
        ),
    ]
}

fn closes() -> Vec<Abuse> {
    let close = |payload: &[u8]| masked(8, payload);
    vec![
        after("a Close that is empty", &["PROTO-07"], &[close(b"")], &[], None),
        after(
            "a Close with a code and a reason",
            &["PROTO-07"],
            &[close(b"\x03\xE8bye")],
            &[],
            Some(CloseCode::NORMAL),
        ),
        refused("a Close of one byte", &["PROTO-07"], &[close(b"\x03")], PROTOCOL),
        refused("a Close with code 1005", &["PROTO-07"], &[close(&[0x03, 0xED])], PROTOCOL),
        refused("a Close with code 999", &["PROTO-07"], &[close(&[0x03, 0xE7])], PROTOCOL),
        refused("a Close with code 5000", &["PROTO-07"], &[close(&[0x13, 0x88])], PROTOCOL),
        refused("a reason that is not UTF-8", &["PROTO-07"], &[close(b"\x03\xE8\xFF")], DATA),
        refused("a Close of 126 bytes", &["PROTO-07"], &[close(&[3; 126])], PROTOCOL),
        after(
            "a message behind the Close",
            &["PROTO-07"],
            &[close(b"\x03\xE8"), hello()],
            &[],
            Some(CloseCode::NORMAL),
        ),
        after(
            "a Close inside a fragmented message",
            &["PROTO-07"],
            &[masked(1, "hel").more(), close(b"\x03\xE8")],
            &[],
            Some(CloseCode::NORMAL),
        ),
    ]
}

fn masked(opcode: u8, payload: impl AsRef<[u8]>) -> WireFrame {
    WireFrame::new(opcode, payload).masked(KEY)
}

fn hello() -> WireFrame {
    masked(1, "hello")
}

fn abuse(
    name: &'static str,
    requirements: &'static [&'static str],
    frames: &[WireFrame],
    answer: Answer,
) -> Abuse {
    Abuse { name, requirements, bytes: WireFrame::encode_all(frames), answer }
}

fn answered(
    name: &'static str,
    requirements: &'static [&'static str],
    frames: &[WireFrame],
    answer: &[WireFrame],
) -> Abuse {
    abuse(name, requirements, frames, Answer::Frames(answer.to_vec()))
}

fn refused(
    name: &'static str,
    requirements: &'static [&'static str],
    frames: &[WireFrame],
    code: CloseCode,
) -> Abuse {
    after(name, requirements, frames, &[], Some(code))
}

fn after(
    name: &'static str,
    requirements: &'static [&'static str],
    frames: &[WireFrame],
    answer: &[WireFrame],
    close: Option<CloseCode>,
) -> Abuse {
    abuse(name, requirements, frames, Answer::FramesThenClose(answer.to_vec(), close))
}
