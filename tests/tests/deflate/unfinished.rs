//! What becomes of a connection while the rest of a message waits for its next turn.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{
    Clock, Compression, Context, Density, Ended, Handle, Handler, Message, Piece, Reject, Request,
    Server, Takeover,
};
use ws_tests::peer::{next, until};
use ws_tests::squeezer::{RSV1, Squeezer, bomb, start, with, words};

/// What is inflated of one connection in one turn.
const SHARE: usize = 1 << 20;

/// What the tests send: fifteen shares.
const LONG: usize = 15 * SHARE;

/// Does something at the first piece of a message that is longer than a share, and says how much it was
/// told until when. Whole messages it sends back.
struct Acts<F> {
    act: F,
    told: Sender<Told>,
}

/// How much was told of a message that has ended; or when its connection has, and why.
type Told = (usize, Option<String>);

impl<F: Fn(&Handle) + Send + Sync + 'static> Handler for Acts<F> {
    type State = usize;
    type Info = ();

    fn on_connect(&self, ctx: &mut Context<'_, Self>, _: &Request<'_>) -> Result<usize, Reject> {
        ctx.take_pieces();
        Ok(0)
    }

    fn on_message(&self, _: &mut usize, _: &mut Context<'_, Self>, _: Message<'_>) {}

    fn on_piece(&self, heard: &mut usize, ctx: &mut Context<'_, Self>, piece: Piece<'_>) {
        if piece.begins {
            *heard = 0;
        }
        *heard += piece.bytes.len();
        match (piece.begins, piece.ends) {
            (true, true) => drop(ctx.send(piece.bytes)),
            (true, false) => (self.act)(&ctx.handle()),
            (false, true) => self.told.send((*heard, None)).unwrap(),
            (false, false) => {}
        }
    }

    fn on_close(&self, heard: &mut usize, _: &mut Context<'_, Self>, ended: &Ended) {
        self.told.send((*heard, Some(ended.reason.to_string()))).unwrap();
    }
}

fn acting(
    takeover: Takeover,
    clock: Clock,
    act: impl Fn(&Handle) + Send + Sync + 'static,
) -> (Server, Receiver<Told>) {
    let (told, heard) = channel();
    let any = Density { most: 2000, from: 0 };
    let builder = Server::builder(Acts { act, told }).clock(clock);
    (start(builder, Compression { density: any, ..with(takeover) }), heard)
}

/// EXT-01, PROTO-07: whoever has closed hears nothing any more, whatever is left of a message.
#[test]
fn a_handler_that_was_closed_in_the_middle_of_a_message_hears_no_more_of_it() {
    let close = |handle: &Handle| {
        handle.close(CloseCode(4000), "enough");
    };
    let (server, heard) = acting(Takeover::Forget, Clock::system(), close);
    let mut peer = Squeezer::open(&server, Takeover::Forget).peer;
    peer.send(WireFrame::binary(bomb(LONG)).reserved(RSV1));
    assert_eq!(peer.expect_close(CloseCode(4000)), "enough");
    peer.close(CloseCode(4000), "");
    peer.expect_end();
    assert_eq!(next(&heard), (SHARE, Some("done".into())));
    until(|| server.retained_bytes() == 0);
}

/// EXT-01, BEAT-03: a Pong that has arrived is behind what is inflated in the next turns: who sent it is
/// alive, however long those take.
#[test]
fn nobody_dies_of_a_pong_that_waits_behind_what_is_inflated() {
    let (clock, hand) = Clock::manual();
    let later = hand.clone();
    let sleep = move |_: &Handle| later.advance(Duration::from_secs(3600));
    let (server, heard) = acting(Takeover::Forget, clock, sleep);
    // In one message, and behind many.
    for (count, len) in [(1, LONG), (30, SHARE / 2)] {
        let mut peer = Squeezer::open(&server, Takeover::Forget).peer;
        hand.advance(Duration::from_secs(61));
        let nonce = peer.expect_ping();
        let bomb = WireFrame::binary(bomb(len)).reserved(RSV1);
        let mut bytes = ws_tests::peer::masked(bomb).repeat(count);
        bytes.extend(ws_tests::peer::masked(WireFrame::pong(nonce)));
        peer.write(bytes);
        (0..count).for_each(|_| assert_eq!(next(&heard), (len, None)));
        peer.echo("still there");
        peer.leave();
        assert!(next(&heard).1.is_some());
    }
}

/// EXT-01, ACTOR-05: what was taken from the others is given back, and nobody else notices.
#[test]
fn a_handler_that_panics_in_the_middle_of_a_message_takes_nothing_with_it() {
    for takeover in [Takeover::Forget, Takeover::Keep] {
        let panic = |_: &Handle| panic!("in the middle");
        let (server, heard) = acting(takeover, Clock::system(), panic);
        let mut other = Squeezer::open(&server, takeover);
        // Less than a window in all: so each text is one piece.
        for seed in 0..5 {
            let mut peer = Squeezer::open(&server, takeover).peer;
            peer.send(WireFrame::binary(bomb(LONG)).reserved(RSV1));
            peer.expect_closed(CloseCode::INTERNAL_ERROR);
            let why = "the handler panicked: in the middle".to_owned();
            assert_eq!(next(&heard), (32_768, Some(why)));
            let text = words(5000, seed);
            other.text(&text);
            other.expect(&text);
        }
        other.peer.leave();
        until(|| server.retained_bytes() == 0);
    }
}
