//! Messages to and fro.

use std::sync::mpsc::channel;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{Compression, Handler, Kind, Piece, Server, Takeover, WindowBits};
use ws_tests::peer::{next, pattern};
use ws_tests::squeezer::{BOTH, RSV1, Squeezer, echo, noise, start, with, words};

/// EXT-01
#[test]
fn messages_of_all_sizes_come_back_compressed_if_that_is_worth_it() {
    for takeover in BOTH {
        let server = start(Server::builder(echo()), with(takeover));
        let mut peer = Squeezer::open(&server, takeover);
        for len in [0, 1, 500, 1023] {
            let text = words(len, len);
            peer.text(&text);
            peer.expect_plain(&text);
        }
        for len in [1024, 5000, 40_000, 300_000, 2_000_000] {
            let text = words(len, len);
            peer.text(&text);
            let squeezed = peer.expect(&text);
            assert!(squeezed < len * 2 / 3, "{len} became {squeezed}");
        }
        // What was not compressed is no part of the history.
        peer.text("short");
        peer.expect_plain("short");
        let text = words(2000, 1);
        peer.peer.text(&text);
        peer.expect(&text);
        peer.peer.leave();
    }
}

/// EXT-01
#[test]
fn with_takeover_a_message_that_was_said_before_is_nearly_nothing() {
    let server = start(Server::builder(echo()), with(Takeover::Keep));
    let mut peer = Squeezer::open(&server, Takeover::Keep);
    let payload = pattern(251).repeat(8);
    let noise = noise(2000, 1);
    peer.binary(&noise);
    let first = peer.expect(&noise);
    peer.binary(&payload);
    peer.expect(&payload);
    peer.binary(&noise);
    let second = peer.expect(&noise);
    assert!(first > 1900 && second < 200, "{first}, then {second}");
}

/// EXT-01
#[test]
fn what_does_not_become_smaller_leaves_as_it_is() {
    let server = start(Server::builder(echo()), Compression::default());
    let mut peer = Squeezer::open(&server, Takeover::Forget);
    let noise = noise(5000, 1);
    peer.binary(&noise);
    peer.expect_plain(&noise);
}

/// EXT-01
#[test]
fn every_window_that_is_agreed_on_is_kept_to() {
    for takeover in BOTH {
        let server = start(Server::builder(echo()), with(takeover));
        for bits in 8..=15 {
            let window = WindowBits::new(bits).unwrap();
            // What inflates there refuses whatever refers further back.
            let mut peer = Squeezer::open_with(&server, takeover, window);
            for seed in 0..8 {
                let text = words(3000 + 5000 * seed, seed);
                peer.text(&text);
                peer.expect(&text);
            }
            peer.peer.leave();
        }
    }
}

/// EXT-01
#[test]
fn a_compressed_message_may_come_in_frames_with_pings_between_them() {
    for takeover in BOTH {
        let server = start(Server::builder(echo()), with(takeover));
        let mut peer = Squeezer::open(&server, takeover);
        for _ in 0..2 {
            let text = words(3000, 3);
            let squeezed = peer.squeeze(text.as_bytes());
            let (first, rest) = squeezed.split_at(1);
            peer.peer.send(WireFrame::text(first).reserved(RSV1).more());
            for byte in rest {
                peer.peer.send(WireFrame::continuation([*byte]).more());
            }
            peer.peer.send(WireFrame::ping("?"));
            assert_eq!(peer.peer.read(), WireFrame::pong("?"));
            peer.peer.send(WireFrame::continuation(""));
            peer.expect(&text);
        }
        peer.peer.leave();
    }
}

/// EXT-01
#[test]
fn a_message_in_parts_is_not_compressed() {
    let handler = ws_std::on_message(|ctx, message| {
        ctx.send_part(message);
        ctx.send_last_part(message);
    });
    let server = start(Server::builder(handler), with(Takeover::Keep));
    let mut peer = Squeezer::open(&server, Takeover::Keep);
    let text = words(2000, 0);
    peer.text(&text);
    peer.expect_plain(text.repeat(2));
}

/// Takes messages in pieces.
struct Pieces(std::sync::mpsc::Sender<(Kind, bool, bool, Vec<u8>)>);

impl Handler for Pieces {
    type State = ();
    type Info = ();

    fn on_connect(
        &self,
        ctx: &mut ws_std::Context<'_, Self>,
        _: &ws_std::Request<'_>,
    ) -> Result<(), ws_std::Reject> {
        ctx.take_pieces();
        Ok(())
    }

    fn on_message(&self, (): &mut (), _: &mut ws_std::Context<'_, Self>, _: ws_std::Message<'_>) {}

    fn on_piece(&self, (): &mut (), _: &mut ws_std::Context<'_, Self>, piece: Piece<'_>) {
        let Piece { kind, begins, ends, bytes } = piece;
        self.0.send((kind, begins, ends, bytes.to_vec())).unwrap();
    }
}

/// EXT-01
#[test]
fn whoever_takes_pieces_gets_them_inflated_as_they_arrive() {
    let (tell, told) = channel();
    let server = start(Server::builder(Pieces(tell)), Compression::default());
    let mut peer = Squeezer::open(&server, Takeover::Forget);
    let text = words(100_000, 5);
    let squeezed = peer.squeeze(text.as_bytes());
    let (first, rest) = squeezed.split_at(1);
    peer.peer.send(WireFrame::text(first).reserved(RSV1).more());
    peer.peer.send(WireFrame::continuation(rest));
    let mut heard = vec![];
    loop {
        let (kind, begins, ends, bytes) = next(&told);
        assert_eq!((kind, begins), (Kind::Text, heard.is_empty()));
        heard.extend(bytes);
        if ends {
            break;
        }
    }
    assert_eq!(heard, text.as_bytes());
    peer.text("");
    assert_eq!(next(&told), (Kind::Text, true, true, vec![]));
}

/// EXT-01
#[test]
fn what_cannot_be_inflated_or_is_no_text_ends_the_connection() {
    let server = start(Server::builder(echo()), Compression::default());
    for (frame, text) in [
        (WireFrame::binary(b"\x06"), "compressed data cannot be inflated"),
        (WireFrame::binary(b"\xf2\x48\xcd"), "compressed data cannot be inflated"),
        (WireFrame::text(b"\x00\x01\x00\xfe\xff\xff\x00"), "text is not UTF-8"),
        // At its first bad byte, though more should come.
        (WireFrame::text(b"\x00\x09\x00\xf6\xff\xff").more(), "text is not UTF-8"),
    ] {
        let mut peer = Squeezer::open(&server, Takeover::Forget).peer;
        peer.send(frame.reserved(RSV1));
        assert_eq!(peer.expect_closed(CloseCode::INVALID_DATA), text);
    }
    // And nobody else's.
    let mut peer = Squeezer::open(&server, Takeover::Forget);
    peer.text(&words(2000, 9));
    peer.expect(words(2000, 9));
}
