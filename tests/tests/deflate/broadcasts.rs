//! Broadcasts: compressed once, for whoever understands it.

use ws_core::testing::WireFrame;
use ws_std::{Compression, Server, Takeover, Threads, WindowBits};
use ws_tests::peer::Peer;
use ws_tests::squeezer::{Squeezer, start, with, words};

/// Joins whoever says so, and tells everybody what others say.
fn room(compression: Compression, threads: Threads) -> Server {
    let handler = ws_std::on_message(|ctx, message| match message.text() {
        Some("join") => {
            ctx.join("all").unwrap();
            ctx.send("joined");
        }
        Some("thrice") => {
            for seed in 0..3 {
                ctx.broadcast("all", &words(2000, seed));
            }
        }
        _ => {
            ctx.broadcast("all", message);
        }
    });
    let builder = Server::builder(handler).compression(compression).threads(threads);
    builder.listen("127.0.0.1:0").unwrap().start().unwrap()
}

fn join(mut peer: Squeezer) -> Squeezer {
    peer.peer.text("join");
    peer.expect_plain("joined");
    peer
}

/// EXT-01, ROOM-03
#[test]
fn each_member_gets_a_broadcast_as_it_understands_it() {
    for threads in [Threads::Fixed(1), Threads::Fixed(3)] {
        let server = room(with(Takeover::Keep), threads);
        let mut plain = Peer::open(&server);
        plain.text("join");
        plain.expect_text("joined");
        let window = |bits| WindowBits::new(bits).unwrap();
        let mut members: Vec<_> =
            [(Takeover::Keep, 15), (Takeover::Forget, 15), (Takeover::Keep, 9)]
                .into_iter()
                .chain([(Takeover::Forget, 8), (Takeover::Forget, 12), (Takeover::Keep, 15)])
                .map(|(takeover, bits)| join(Squeezer::open_with(&server, takeover, window(bits))))
                .collect();
        let mut sender = Squeezer::open(&server, Takeover::Keep);
        for seed in 0..4 {
            let text = words(3000 * seed + 100, seed);
            sender.text(&text);
            plain.expect_text(&text);
            for member in &mut members {
                if text.len() < 1024 {
                    member.expect_plain(&text);
                } else {
                    member.expect(&text);
                }
            }
        }
        // Several in one piece.
        sender.text("thrice");
        for seed in 0..3 {
            plain.expect_text(&words(2000, seed));
            members.iter_mut().for_each(|member| {
                member.expect(words(2000, seed));
            });
        }
    }
}

/// EXT-01
#[test]
fn a_member_with_a_history_understands_what_is_for_it_alone_and_what_is_for_all() {
    let handler = ws_std::on_message(|ctx, message| {
        ctx.join("all").unwrap();
        ctx.send(message);
        ctx.broadcast("all", message);
        ctx.handle().send(message);
        ctx.send(message);
    });
    let server = start(Server::builder(handler), with(Takeover::Keep));
    let mut peer = Squeezer::open(&server, Takeover::Keep);
    for seed in 0..20 {
        let text = words(1024 + 100 * seed, seed % 3);
        peer.text(&text);
        for _ in 0..4 {
            peer.expect(&text);
        }
    }
}

/// EXT-01
#[test]
fn those_with_one_window_get_the_same_bytes() {
    let server = room(Compression::default(), Threads::Fixed(1));
    let mut members: Vec<_> =
        (0..3).map(|_| join(Squeezer::open(&server, Takeover::Forget))).collect();
    let text = words(5000, 0);
    members[0].peer.text(&text);
    let frames: Vec<WireFrame> = members.iter_mut().map(|member| member.peer.read()).collect();
    assert!(frames[0].payload.len() < 4000);
    assert!(frames.iter().all(|frame| *frame == frames[0]));
}
