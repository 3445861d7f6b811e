//! LIFE-03: messages of every size and shape, whole and in pieces.

use std::io::Write;
use std::sync::mpsc::Sender;

use ws_core::frame::{CloseCode, Kind};
use ws_core::testing::WireFrame;
use ws_std::{Context, Ended, Handler, Limits, Message, Piece, Reject, Request, Server, Threads};

use crate::harness::{KEY, Peer, dial, echo, ends, next, pattern, request, serve, start, tells};

/// LIFE-03, PROTO-02, PROTO-06
#[test]
fn messages_of_every_length_come_back_as_they_were() {
    let server = serve(echo());
    let mut peer = Peer::open(&server);
    for len in [0, 1, 125, 126, 127, 16_000, 65_535, 65_536, 262_144, 262_145, (1 << 20) + 7] {
        let bytes = pattern(len);
        peer.send(WireFrame::binary(&bytes));
        let message = peer.message();
        assert_eq!((message.opcode, message.payload.len()), (2, len));
        assert!(message.payload == bytes, "{len}");
        let text = "ü".repeat(len / 2);
        peer.send(WireFrame::text(&text));
        let message = peer.message();
        assert_eq!(message.opcode, 1);
        assert!(message.payload == text.as_bytes(), "{len}");
    }
    peer.leave();
}

/// LIFE-03, FRAG-01, FRAG-02
#[test]
fn a_message_in_fragments_with_pings_between_is_told_whole() {
    let server = serve(echo());
    let mut peer = Peer::open(&server);
    let frames = [
        WireFrame::text("").more(),
        WireFrame::ping("1"),
        WireFrame::continuation(&"ü".as_bytes()[..1]).more(),
        WireFrame::ping("2"),
        WireFrame::continuation(&"ü".as_bytes()[1..]).more(),
        WireFrame::continuation(""),
    ];
    for frame in &frames {
        peer.send(frame);
    }
    assert_eq!(peer.frame(), Some(WireFrame::pong("1")));
    assert_eq!(peer.frame(), Some(WireFrame::pong("2")));
    peer.expect_text("ü");
}

/// FRAG-03
#[test]
fn sixteen_mebibytes_are_taken_and_one_byte_more_is_refused_before_it_comes() {
    let (handler, told) = ends(ws_std::on_message(|ctx, message| {
        let sum = message.bytes().iter().map(|byte| u64::from(*byte)).sum::<u64>();
        ctx.send(&format!("{} {sum}", message.bytes().len()));
    }));
    let server = serve(handler);
    let most = 16 << 20;
    let mut peer = Peer::open(&server);
    let bytes = pattern(most);
    let sum = bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    peer.send(WireFrame::binary(&bytes));
    peer.expect_text(&format!("{most} {sum}"));
    // In two frames, the second declaring one byte too many.
    peer.send(WireFrame::binary(&bytes[..most / 2]).more());
    peer.write(WireFrame::continuation("").claiming(most as u64 / 2 + 1).masked(KEY).encode());
    peer.expect_close(CloseCode::TOO_BIG);
    assert_eq!(next(&told).code, CloseCode::TOO_BIG);

    let mut peer = Peer::open(&server);
    peer.write(WireFrame::binary("").claiming(most as u64 + 1).masked(KEY).encode());
    peer.expect_close(CloseCode::TOO_BIG);
    peer.expect_end();
}

/// FRAG-04
#[test]
fn a_large_answer_leaves_in_frames_of_the_size_that_was_set() {
    let limits = Limits { fragment: 1000, ..Limits::default() };
    let server = start(Server::builder(echo()).limits(limits));
    let mut peer = Peer::open(&server);
    peer.send(WireFrame::binary(pattern(2500)));
    let frames: Vec<WireFrame> = (0..3).map(|_| peer.frame().unwrap()).collect();
    let shape: Vec<_> = frames.iter().map(|frame| (frame.opcode, frame.fin)).collect();
    assert_eq!(shape, [(2, false), (0, false), (0, true)]);
    let lengths: Vec<_> = frames.iter().map(|frame| frame.payload.len()).collect();
    assert_eq!(lengths, [1000, 1000, 500]);
    let whole: Vec<u8> = frames.into_iter().flat_map(|frame| frame.payload).collect();
    assert_eq!(whole, pattern(2500));
}

/// PROTO-08: bytes after the head feed the parser.
#[test]
fn frames_right_behind_the_request_are_answered() {
    let server = serve(echo());
    let mut peer = Peer::new(dial(&server));
    let mut all = request("/", "").into_bytes();
    for index in 0..100 {
        all.extend(WireFrame::text(format!("{index}")).masked(KEY).encode());
    }
    all.extend(WireFrame::close(CloseCode(4000), "bye").masked(KEY).encode());
    peer.write(&all);
    assert!(peer.head().starts_with("HTTP/1.1 101"));
    for index in 0..100 {
        peer.expect_text(&format!("{index}"));
    }
    peer.expect_close(CloseCode(4000));
    peer.expect_end();
}

/// PROTO-02, PROTO-03, PROTO-05, PROTO-07
#[test]
fn a_whole_session_can_come_byte_by_byte() {
    let (handler, told) = ends(echo());
    let server = serve(handler);
    let mut all = request("/path?query", "X-Long: abcdefghijklmnopqrstuvwxyz\r\n").into_bytes();
    let frames = [
        WireFrame::text("grüße"),
        WireFrame::binary(pattern(126)),
        WireFrame::text("two ").more(),
        WireFrame::ping("ping"),
        WireFrame::continuation("parts"),
        WireFrame::text(""),
        WireFrame::close(CloseCode::NORMAL, "fin"),
    ];
    for frame in frames {
        all.extend(frame.masked(KEY).encode());
    }
    let mut peer = Peer::new(dial(&server));
    for byte in all {
        peer.stream.write_all(&[byte]).unwrap();
    }
    assert!(peer.head().starts_with("HTTP/1.1 101"));
    peer.expect_text("grüße");
    assert_eq!(peer.message().payload, pattern(126));
    assert_eq!(peer.frame(), Some(WireFrame::pong("ping")));
    peer.expect_text("two parts");
    peer.expect_text("");
    assert_eq!(peer.expect_close(CloseCode::NORMAL), "");
    peer.expect_end();
    assert_eq!(next(&told).text, "fin");
}

/// What `Pieces` is told.
#[derive(Debug, PartialEq)]
enum Told {
    Message(Kind, Vec<u8>),
    Piece { kind: Kind, begins: bool, ends: bool, bytes: Vec<u8> },
    Ended(CloseCode),
}

/// Takes pieces from the message "pieces" on, and messages from the one that begins with "whole"
/// on, wherever in that it is.
struct Pieces(Sender<Told>);

impl Handler for Pieces {
    type State = ();
    type Info = ();

    fn on_connect(&self, _: &mut Context<'_, Self>, _: &Request<'_>) -> Result<(), Reject> {
        Ok(())
    }

    fn on_message(&self, (): &mut (), ctx: &mut Context<'_, Self>, message: Message<'_>) {
        if message.bytes() == b"pieces" {
            ctx.take_pieces();
        }
        self.0.send(Told::Message(message.kind(), message.bytes().to_vec())).unwrap();
    }

    fn on_piece(&self, (): &mut (), ctx: &mut Context<'_, Self>, piece: Piece<'_>) {
        if piece.begins && piece.bytes.starts_with(b"whole") {
            ctx.take_messages();
        }
        let Piece { kind, begins, ends, bytes } = piece;
        self.0.send(Told::Piece { kind, begins, ends, bytes: bytes.to_vec() }).unwrap();
        if ends {
            ctx.send("taken");
        }
    }

    fn on_close(&self, (): &mut (), _: &mut Context<'_, Self>, ended: &Ended) {
        self.0.send(Told::Ended(ended.code)).unwrap();
    }
}

/// FRAG-04
#[test]
fn whoever_asks_for_pieces_gets_the_next_message_in_pieces_and_can_go_back() {
    let (tell, told) = tells();
    let server = serve(Pieces(tell));
    let mut peer = Peer::open(&server);
    peer.text("pieces");
    assert_eq!(next(&told), Told::Message(Kind::Text, b"pieces".to_vec()));
    // The first piece is told before the message has ended.
    let bytes = pattern(300_000);
    let frame = WireFrame::binary(&bytes).masked(KEY).encode();
    peer.write(&frame[..1000]);
    let mut whole = vec![];
    let mut sent = 1000;
    loop {
        let Told::Piece { kind, begins, ends, bytes } = next(&told) else { panic!("a message") };
        assert_eq!((kind, begins), (Kind::Binary, whole.is_empty()));
        whole.extend(bytes);
        if ends {
            break;
        }
        peer.write(&frame[sent..]);
        sent = frame.len();
    }
    assert!(whole == bytes);
    peer.expect_text("taken");

    // The wish to have messages again, in the middle of one, is for the next.
    peer.send(WireFrame::text("whole ").more());
    peer.send(WireFrame::continuation("again"));
    peer.text("third");
    let piece = |begins, ends, bytes: &str| Told::Piece {
        kind: Kind::Text,
        begins,
        ends,
        bytes: bytes.into(),
    };
    assert_eq!(next(&told), piece(true, false, "whole "));
    assert_eq!(next(&told), piece(false, true, "again"));
    assert_eq!(next(&told), Told::Message(Kind::Text, b"third".to_vec()));
    peer.leave();
    assert_eq!(next(&told), Told::Ended(CloseCode::NORMAL));
}

/// FRAG-04: a message in more frames than one call to the system takes pieces.
#[test]
fn a_message_in_thousands_of_frames_arrives_though_the_client_says_nothing_more() {
    let limits = Limits { fragment: 10, ..Limits::default() };
    let server = start(Server::builder(echo()).limits(limits));
    let mut peer = Peer::open(&server);
    peer.send(WireFrame::binary(pattern(100_000)));
    assert!(peer.message().payload == pattern(100_000));
}

/// LIFE-03: "many frames in one segment" are answered together.
#[test]
fn many_messages_that_come_at_once_are_answered_in_order() {
    let server = serve(echo());
    let mut peer = Peer::open(&server);
    let frames: Vec<WireFrame> =
        (0..1000).map(|index| WireFrame::text(format!("{index}")).masked(KEY)).collect();
    peer.write(WireFrame::encode_all(&frames));
    for index in 0..1000 {
        peer.expect_text(&format!("{index}"));
    }
}

/// ACTOR-07: more small messages than one connection is told in a turn.
#[test]
fn what_is_more_than_a_share_of_a_turn_is_told_in_the_next() {
    const COUNT: usize = 20_000;
    let server = start(Server::builder(echo()).threads(Threads::Fixed(1)));
    let mut peer = Peer::open(&server);
    let mut other = Peer::open(&server);
    let frame = WireFrame::text("x").masked(KEY).encode();
    peer.write(frame.repeat(COUNT));
    other.echo("in between");
    for _ in 0..COUNT {
        peer.expect_text("x");
    }
    peer.echo("and on");
}
