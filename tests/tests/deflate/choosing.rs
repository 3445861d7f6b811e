//! Messages of which the program says whether they are compressed.

use ws_std::client::Connector;
use ws_std::{Compress, Compression, Message, Server, Takeover};
use ws_tests::squeezer::{BOTH, Squeezer, noise, start, with, words};

const CHOICES: [Compress; 3] = [Compress::ByLength, Compress::Never, Compress::Always];

/// Sends everything back in three ways, by each choice.
fn chooser() -> ws_std::Closures {
    ws_std::on_message(|ctx, message| {
        ctx.join("all").unwrap();
        for compress in CHOICES {
            ctx.send(message.compress(compress));
            ctx.broadcast("all", message.compress(compress));
            ctx.handle().send(message.keyed("key").compress(compress));
        }
    })
}

/// EXT-01
#[test]
fn a_handler_says_of_each_message_whether_it_is_compressed() {
    for takeover in BOTH {
        let server = start(Server::builder(chooser()), with(takeover));
        let mut peer = Squeezer::open(&server, takeover);
        for len in [500, 2000] {
            let text = words(len, 1);
            peer.text(&text);
            let mut squeezed = [0; CHOICES.len()];
            for _ in 0..3 * CHOICES.len() {
                let (message, is_squeezed) = peer.message();
                assert_eq!(message, text.as_bytes());
                squeezed[usize::from(is_squeezed.is_some())] += 1;
            }
            // Never, and by its length the short one.
            let plain = if len < 1024 { 6 } else { 3 };
            assert_eq!(squeezed[..2], [plain, 9 - plain], "{len} bytes, {takeover:?}");
        }
        peer.peer.leave();
    }
}

/// EXT-01: where nothing was agreed on, the choice says nothing.
#[test]
fn nobody_gets_compressed_what_he_does_not_understand() {
    let server = start(Server::builder(chooser()), Compression::default());
    let mut peer = ws_tests::peer::Peer::open(&server);
    let text = words(2000, 1);
    peer.text(&text);
    (0..9).for_each(|_| peer.expect_text(&text));
}

/// EXT-01
#[test]
fn a_client_says_of_each_message_whether_it_is_compressed() {
    // The length of what arrives on the wire is not told to handlers, but limits see it.
    let limits = ws_std::Limits {
        bytes: Some(ws_std::Rate { per_second: 0, burst: 30_000 }),
        ..ws_std::Limits::default()
    };
    let server =
        start(Server::builder(ws_tests::squeezer::echo()).limits(limits), with(Takeover::Keep));
    let url = format!("ws://{}/", server.address().unwrap());
    let mut socket = Connector::new().compression(with(Takeover::Keep)).connect(&url).unwrap();
    let text = words(3000, 2);
    for compress in CHOICES {
        socket.send(Message::from(&text).compress(compress)).unwrap();
        let echoed = socket.receive().unwrap().unwrap();
        assert_eq!(echoed.text(), Some(&*text));
        socket.send(&echoed).unwrap();
        assert_eq!(socket.receive().unwrap().as_ref(), Some(&echoed));
    }
}

/// EXT-01: what others send to one client is compressed with what that was told before.
#[test]
fn a_handles_message_refers_to_what_was_said_before() {
    let handler = ws_std::on_message(|ctx, message| {
        ctx.handle().send(message);
    });
    let server = start(Server::builder(handler), with(Takeover::Keep));
    let mut peer = Squeezer::open(&server, Takeover::Keep);
    let noise = noise(2000, 1);
    peer.binary(&noise);
    let first = peer.expect(&noise);
    peer.binary(&noise);
    let second = peer.expect(&noise);
    assert!(second * 4 < first, "{first}, then {second}");
}
