//! What compression costs a connection that says nothing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ws_core::testing::WireFrame;
use ws_std::{Compression, Server, Takeover, Threads};
use ws_tests::counting::live;
use ws_tests::peer::until;
use ws_tests::squeezer::{RSV1, Squeezer, echo, start, with, words};

/// What is counted is the whole process.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// EXT-01
#[test]
fn what_a_connection_keeps_for_compression_is_counted() {
    let _alone = alone();
    let keeps = |takeover| {
        let server = start(Server::builder(echo()), with(takeover));
        let mut peer = Squeezer::open(&server, takeover);
        let text = words(5000, 0);
        peer.text(&text);
        peer.expect(&text);
        peer.peer.echo("a turn later");
        let mut counts = vec![server.retained_bytes()];
        // In the middle of a message somebody has to remember where it is.
        let squeezed = peer.squeeze(text.as_bytes());
        peer.peer.send(WireFrame::text(&squeezed[..20]).reserved(RSV1).more());
        until(|| server.retained_bytes() > 30_000);
        counts.push(server.retained_bytes());
        peer.peer.send(WireFrame::continuation(&squeezed[20..]));
        peer.expect(&text);
        peer.peer.leave();
        until(|| server.retained_bytes() == 0);
        counts
    };
    let [idle, busy] = keeps(Takeover::Forget)[..] else { unreachable!() };
    assert_eq!(idle, 0, "nothing between two messages");
    assert!((32 << 10..48 << 10).contains(&busy), "{busy}: a window");
    let [idle, _] = keeps(Takeover::Keep)[..] else { unreachable!() };
    assert!((400_000..430_000).contains(&idle), "{idle}: a window and a compressor");
}

/// EXT-01
#[test]
fn the_memory_of_a_compressor_is_what_is_said_of_it() {
    let _alone = alone();
    let server = start(Server::builder(echo()), with(Takeover::Keep));
    let mut first = Squeezer::open(&server, Takeover::Keep);
    let text = words(5000, 0);
    first.text(&text);
    first.expect(&text);
    let mut second = Squeezer::open(&server, Takeover::Keep);
    first.peer.echo("");
    let (before, counted) = (live(), server.retained_bytes());
    let squeezed = second.squeeze(text.as_bytes());
    let frame = WireFrame::text(squeezed).reserved(RSV1);
    second.peer.send(&frame);
    drop(frame);
    second.expect(&text);
    first.peer.echo("");
    until(|| server.retained_bytes() > counted);
    let (kept, counted) = (live() - before, server.retained_bytes() - counted);
    assert!(kept.abs_diff(counted) < 20_000, "{kept} are kept, {counted} are counted");
}

/// EXT-01
#[test]
fn a_connection_at_rest_costs_what_it_does_without_compression() {
    let _alone = alone();
    const CROWD: usize = 64;
    let at_rest = |compression: Option<Compression>| {
        let mut builder = Server::builder(echo()).threads(Threads::Fixed(1));
        if let Some(compression) = compression {
            builder = builder.compression(compression);
        }
        let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
        let mut peers = Vec::with_capacity(2 * CROWD);
        peers.extend((0..CROWD).map(|_| plain(&server)));
        let before = live();
        peers.extend((0..CROWD).map(|_| plain(&server)));
        let all = live() - before;
        drop(peers);
        all / CROWD
    };
    let (with, without) = (at_rest(Some(Compression::default())), at_rest(None));
    println!("{with} B with compression, {without} B without");
    assert!(with.abs_diff(without) < 64, "{with} B with it, {without} B without");
}

/// A client that has said something, compressed if the server likes.
fn plain(server: &Server) -> ws_tests::peer::Peer {
    let offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    let mut peer = ws_tests::peer::Peer::open_at(server, "/", offer);
    peer.text(words(3000, 1));
    peer.message();
    // What the test keeps is not the server's.
    peer.unread = vec![];
    peer
}
