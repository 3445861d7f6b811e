//! ROOM-07: messages for some members, by what is remembered of them.

use ws_std::{Context, Handler, Message, Reject, Request, Server};
use ws_tests::peer::Peer;

use crate::script::MODELS;

/// Remembers the length of a client's path, and sends what it says to those with a longer one.
struct Ranks;

impl Handler for Ranks {
    type State = usize;
    type Info = ();

    fn on_connect(&self, ctx: &mut Context<'_, Self>, r: &Request<'_>) -> Result<usize, Reject> {
        ctx.join("all")?;
        ctx.send("in");
        Ok(r.path().len())
    }

    fn on_message(&self, rank: &mut usize, ctx: &mut Context<'_, Self>, message: Message<'_>) {
        let rank = *rank;
        ctx.broadcast_where("all", move |other| *other > rank, message);
    }
}

/// ROOM-07, ACTOR-03
#[test]
fn a_message_reaches_those_of_whom_it_is_true() {
    for threads in MODELS {
        let builder = Server::builder(Ranks).threads(threads);
        let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
        let mut peers = ["/", "/1", "/22"].map(|path| Peer::open_at(&server, path, ""));
        peers.iter_mut().for_each(|peer| peer.expect_text("in"));
        peers[1].text("from two");
        peers[2].expect_text("from two");
        peers[0].text("from one");
        peers[1].expect_text("from one");
        peers[2].expect_text("from one");
        let rooms = server.rooms();
        rooms.broadcast_where("all", |rank: &usize| *rank < 2, "low");
        rooms.broadcast_where("all", |_: &String| true, "nobody remembers text");
        rooms.broadcast_where("all", |_: &usize| panic!("in a filter"), "bomb");
        rooms.broadcast("all", "end");
        peers[0].expect_text("low");
        peers.iter_mut().for_each(|peer| peer.expect_text("end"));
    }
}
