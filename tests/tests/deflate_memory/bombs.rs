//! SEC-01: little that would become much takes no memory.

use ws_core::deflate::{Density, Inflate};
use ws_core::frame::{CloseCode, Kind};
use ws_core::handshake::{Flow, Takeover, WindowBits};
use ws_core::testing::WireFrame;
use ws_std::{Compression, Limits, Server};
use ws_tests::counting::{live, peak, taken_here};
use ws_tests::fuzzed::deflate::inflate;
use ws_tests::peer::until;
use ws_tests::squeezer::{RSV1, Squeezer, bomb, echo, start, with};

use crate::resting::alone;

/// EXT-01, SEC-01
#[test]
fn bombs_take_no_more_of_the_servers_memory_than_messages_may() {
    let _alone = alone();
    const MESSAGE: usize = 2 << 20;
    let limits = Limits { message: MESSAGE, ..Limits::default() };
    let server = start(Server::builder(echo()).limits(limits), Compression::default());
    let warm = Squeezer::open(&server, Takeover::Forget);
    warm.peer.leave();
    let bombs = [(bomb(8 << 20), CloseCode::POLICY), (bomb(2 * MESSAGE), CloseCode::POLICY)];
    let small = Compression { density: Density { most: 2000, from: 0 }, ..Compression::default() };
    let limits = Limits { message: MESSAGE, ..Limits::default() };
    let lenient = start(Server::builder(echo()).limits(limits), small);
    for (server, code) in [(&server, None), (&lenient, Some(CloseCode::TOO_BIG))] {
        for (bomb, strict) in &bombs {
            let before = live();
            let mut peer = Squeezer::open(server, Takeover::Forget).peer;
            // Its end is never sent: what counts is what came before.
            let frame = WireFrame::binary(&bomb[..bomb.len() - 1]).reserved(RSV1).more();
            peer.send(&frame);
            let reason = peer.expect_closed(code.unwrap_or(*strict));
            let words = ["the message is too big", "the message inflates too much"];
            assert!(words.contains(&&*reason), "{reason}");
            drop((peer, frame));
            until(|| server.retained_bytes() == 0);
            let kept = live().saturating_sub(before);
            assert!(kept < 1 << 20, "{kept} bytes are kept");
        }
    }
}

/// EXT-01, SEC-01
#[test]
fn a_bomb_takes_no_more_than_a_message_may_wherever_it_is_cut() {
    let _alone = alone();
    const MESSAGE: usize = 100_000;
    let limits = Limits { message: MESSAGE, ..Limits::default() };
    let server = start(Server::builder(echo()).limits(limits), with(Takeover::Forget));
    let bomb = bomb(2 * MESSAGE);
    Squeezer::open(&server, Takeover::Forget).peer.leave();
    for cut in 0..bomb.len() {
        let (front, back) = bomb.split_at(cut);
        let before = live();
        let most = peak(|| {
            let mut peer = Squeezer::open(&server, Takeover::Forget).peer;
            peer.send(WireFrame::binary(front).reserved(RSV1).more());
            // What has arrived is dealt with before more of it is there.
            peer.send(WireFrame::ping(""));
            let answer = peer.read();
            if answer.close_code() != Some(CloseCode::TOO_BIG) {
                assert_eq!(answer, WireFrame::pong(""));
                peer.send(WireFrame::continuation(back));
                peer.expect_closed(CloseCode::TOO_BIG);
            }
        });
        until(|| server.retained_bytes() == 0);
        // The message as far as it may grow, twice while it moves; a window; and what the test has.
        let taken = most - before;
        assert!(taken < 4 * MESSAGE + (128 << 10), "{taken} bytes, cut at {cut}");
    }
}

/// EXT-01
#[test]
fn inflating_allocates_nothing() {
    let flow = Flow { window: WindowBits::MAX, takeover: Takeover::Forget };
    let bomb = bomb(1 << 20);
    let mut inflater = Inflate::new([0; 1 << 15], flow).unwrap();
    let mut made = Vec::with_capacity(1 << 20);
    let before = taken_here();
    inflate(&mut inflater, Kind::Binary, &bomb, || 100, &mut made).unwrap();
    assert_eq!(taken_here(), before);
    assert_eq!(made.len(), 1 << 20);
}
