//! What becomes much takes no more than a connection's share of a turn.

use std::sync::mpsc::{Receiver, Sender, channel};

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{
    Compression, Context, Density, Handler, Limits, Message, Piece, Rate, Reject, Request, Server,
    Takeover,
};
use ws_tests::peer::{GUARD, Peer, next, until};
use ws_tests::squeezer::{RSV1, Squeezer, bomb, echo, start, with};

/// Takes what is compressed in pieces, and tells of each event; works at the first piece of a message
/// for as long as the test says.
struct Slow {
    told: Sender<&'static str>,
    begun: Sender<Sender<()>>,
}

impl Handler for Slow {
    type State = bool;
    type Info = ();

    fn on_connect(&self, ctx: &mut Context<'_, Self>, _: &Request<'_>) -> Result<bool, Reject> {
        ctx.take_pieces();
        Ok(false)
    }

    fn on_message(&self, _: &mut bool, _: &mut Context<'_, Self>, _: Message<'_>) {}

    fn on_piece(&self, works: &mut bool, ctx: &mut Context<'_, Self>, piece: Piece<'_>) {
        assert!(!*works, "nothing is told while the handler works");
        if piece.bytes == b"other" {
            return self.told.send("other").unwrap();
        }
        if piece.begins {
            let (go, wait) = channel();
            self.begun.send(go).unwrap();
            *works = true;
            let work = move || wait.recv_timeout(GUARD).is_ok();
            ctx.blocking(work, |_, works, _, has_gone: bool| *works = !has_gone).unwrap();
        }
        if piece.ends {
            self.told.send("end").unwrap();
        }
    }
}

type Told = (Server, Receiver<&'static str>, Receiver<Sender<()>>);

fn slow() -> Told {
    let (told, events) = channel();
    let (begun, works) = channel();
    let any = Density { most: 2000, from: 0 };
    let compression = Compression { density: any, ..Compression::default() };
    (start(Server::builder(Slow { told, begun }), compression), events, works)
}

/// EXT-01, ACTOR-07: nothing is told of a message while its handler works, however much of it is there.
#[test]
fn a_handler_that_works_is_told_no_piece_of_what_has_arrived() {
    let (server, events, works) = slow();
    let mut peer = Squeezer::open(&server, Takeover::Forget).peer;
    for _ in 0..2 {
        peer.send(WireFrame::binary(bomb(300_000)).reserved(RSV1));
        let go = next(&works);
        // Others are served meanwhile.
        let mut other = Peer::open(&server);
        other.send(WireFrame::binary("other"));
        assert_eq!(next(&events), "other");
        assert!(server.retained_bytes() > 32 << 10, "the window, and what is left");
        go.send(()).unwrap();
        assert_eq!(next(&events), "end");
        other.leave();
    }
    peer.leave();
    until(|| server.retained_bytes() == 0);
}

/// EXT-01, SEC-01: a megabyte, and it is somebody else's turn.
#[test]
fn others_have_their_turn_while_much_is_inflated() {
    let (server, events, works) = slow();
    let mut other = Peer::open(&server);
    let mut peer = Squeezer::open(&server, Takeover::Forget).peer;
    peer.send(WireFrame::binary(bomb(15 << 20)).reserved(RSV1));
    let go = next(&works);
    // It lies in the other's socket before the shard goes on.
    other.send(WireFrame::binary("other"));
    assert_eq!(next(&events), "other");
    other.send(WireFrame::binary("other"));
    go.send(()).unwrap();
    assert_eq!(next(&events), "other");
    assert_eq!(next(&events), "end");
    peer.leave();
}

/// EXT-01: also where messages are whole, and many.
#[test]
fn many_small_bombs_in_one_read_are_served_in_turns() {
    let server = start(
        Server::builder(ws_std::on_message(|ctx, message| {
            ctx.send(&format!("{}", message.bytes().len()));
        })),
        Compression::default(),
    );
    let mut peer = Squeezer::open(&server, Takeover::Forget).peer;
    let frame =
        WireFrame::binary(bomb(1 << 20)).reserved(RSV1).masked(ws_tests::peer::KEY).encode();
    peer.write(frame.repeat(20));
    (0..20).for_each(|_| peer.expect_text("1048576"));
    peer.text("four");
    peer.expect_text("4");
    peer.leave();
}

/// EXT-01, ADV-04
#[test]
fn what_is_inflated_counts_for_the_rate_of_bytes() {
    let bytes = Some(Rate { per_second: 0, burst: 100_000 });
    let limits = Limits { bytes, ..Limits::default() };
    let server = start(Server::builder(echo()).limits(limits), with(Takeover::Forget));
    let mut peer = Squeezer::open(&server, Takeover::Forget);
    for _ in 0..3 {
        peer.binary(&[0; 30_000]);
        peer.expect([0; 30_000]);
    }
    peer.binary(&[0; 30_000]);
    let reason = peer.peer.expect_closed(CloseCode::POLICY);
    assert_eq!(reason, "too many bytes");
}
