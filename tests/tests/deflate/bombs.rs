//! SEC-01: little that would become much.

use ws_core::Rule;
use ws_core::deflate::{Density, Inflate};
use ws_core::frame::{CloseCode, Kind};
use ws_core::handshake::{Flow, Takeover, WindowBits};
use ws_core::testing::WireFrame;
use ws_std::{Compression, Limits, Server};
use ws_tests::fuzzed::deflate::{compress, inflate};
use ws_tests::squeezer::{RSV1, Squeezer, bomb, echo, start};
use zlib_rs::Deflate;

const FLOW: Flow = Flow { window: WindowBits::MAX, takeover: Takeover::Forget };

/// What an inflater says of it that comes in pieces of this length, and how much it made of it.
fn judge(bomb: &[u8], piece: usize, max_message: u64, density: Density) -> (Rule, usize) {
    let mut inflater = Inflate::new(vec![0; 1 << 15], FLOW)
        .unwrap()
        .with_max_message(max_message)
        .with_density(density);
    let mut made = Vec::with_capacity(4 << 20);
    let rule = inflate(&mut inflater, Kind::Binary, bomb, || piece, &mut made).unwrap_err();
    (rule, made.len())
}

/// EXT-01, SEC-01
#[test]
fn a_bomb_is_refused_while_it_is_inflated_however_it_is_cut() {
    let bomb = bomb(3 << 20);
    assert!(bomb.len() < 3200, "a thousand to one");
    for piece in (1..50).chain([100, 1000, usize::MAX]) {
        let (rule, made) = judge(&bomb, piece, 16 << 20, Density::DEFAULT);
        assert_eq!(rule, Rule::TooDense);
        // No window more than the megabyte that is let pass.
        assert!(made <= 1 << 20, "{made}");
        let (rule, made) = judge(&bomb, piece, 100_000, Density::DEFAULT);
        assert_eq!(rule, Rule::TooBig);
        assert!(made <= 100_000, "{made}");
    }
}

/// EXT-01
#[test]
fn the_limit_of_a_message_is_inclusive_to_the_byte() {
    for len in [1, 4095, 32_768, 100_000] {
        let bomb = bomb(len);
        let judge = |max_message| {
            let inflater = Inflate::new(vec![0; 1 << 15], FLOW).unwrap();
            let mut inflater = inflater.with_max_message(max_message);
            let mut made = vec![];
            inflate(&mut inflater, Kind::Binary, &bomb, || usize::MAX, &mut made)
        };
        assert_eq!(judge(len as u64), Ok(()));
        assert_eq!(judge(len as u64 - 1), Err(Rule::TooBig));
    }
}

/// EXT-01
#[test]
fn what_cannot_be_compressed_may_be_as_large_as_what_can() {
    // Stored blocks of one byte each would be six times as large: nobody does that. Nine bits for a
    // byte are what fixed codes cost at worst.
    let payload = vec![0xFF; 4000];
    let mut deflate = Deflate::new(0, false, 15);
    let stored = compress(&mut deflate, &payload);
    assert!(stored.len() > payload.len());
    let limits = Limits { message: payload.len(), ..Limits::default() };
    let server = start(Server::builder(echo()).limits(limits), Compression::default());
    let mut peer = Squeezer::open(&server, Takeover::Forget);
    peer.peer.send(WireFrame::binary(stored).reserved(RSV1));
    peer.expect(&payload);
    // And no larger.
    let mut peer = peer.peer;
    peer.send(WireFrame::binary(bomb(payload.len() + 1)).reserved(RSV1));
    peer.expect_closed(CloseCode::TOO_BIG);
}
