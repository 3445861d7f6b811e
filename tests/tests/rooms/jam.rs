//! A member whose shard is held up by a handler, until it is let go.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use ws_core::connection::Timing;
use ws_std::{
    Context, Handler, Limits, Message, OwnedMessage, Presence, Reject, Request, Server, Threads,
};
use ws_tests::peer::Peer;

/// What waits for a shard before its senders do.
pub(crate) const MANY: usize = 4 << 20;

/// Clients `JOIN`, ask `where` they are, come `as` somebody and `leave`, `hold` up their thread; all
/// else is for the members.
struct Hall {
    release: Mutex<Receiver<()>>,
}

impl Handler for Hall {
    type State = ();
    type Info = ();

    fn on_connect(&self, _: &mut Context<'_, Self>, _: &Request<'_>) -> Result<(), Reject> {
        Ok(())
    }

    fn on_message(&self, (): &mut (), ctx: &mut Context<'_, Self>, message: Message<'_>) {
        let text = message.text().unwrap();
        match text.split_once(' ').unwrap_or((text, "")) {
            ("JOIN", _) => {
                ctx.join("all").unwrap();
                ctx.send("OK");
            }
            ("where", _) => _ = ctx.send(thread::current().name().unwrap()),
            ("as", key) => _ = ctx.join_as("all", key, "").unwrap(),
            ("leave", _) => assert!(ctx.leave("all")),
            ("hold", _) => {
                ctx.send("held");
                // Out of the cork, so that the client knows.
                ctx.send(&vec![0; 300 << 10]);
                self.release.lock().unwrap().recv().unwrap();
            }
            _ => _ = ctx.broadcast("all", message),
        }
    }

    fn on_presence(&self, _: &str, presence: &Presence<'_>) -> Option<OwnedMessage> {
        match presence {
            Presence::Enters(entry) => Some(format!("+{}", entry.key).into()),
            Presence::Leaves(entry) => Some(format!("-{}", entry.key).into()),
            _ => None,
        }
    }
}

/// A server, a member on a shard that is held up, clients that are on another one, and what lets the
/// shard go on.
pub(crate) struct Jam {
    pub(crate) server: Server,
    pub(crate) member: Peer,
    pub(crate) elsewhere: Vec<Peer>,
    pub(crate) release: Sender<()>,
}

/// Of so many clients, those are elsewhere who are not on the member's shard.
pub(crate) fn jam(threads: Threads, clients: usize) -> Jam {
    let (release, released) = channel();
    let hall = Hall { release: Mutex::new(released) };
    let timing = Timing { ping_every: None, ..Timing::DEFAULT };
    let limits = Limits { outbox_limit: usize::MAX, ..Limits::default() };
    let builder = Server::builder(hall).threads(threads).limits(limits).timing(timing);
    let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
    let mut peers: Vec<_> = (0..clients).map(|_| Peer::open(&server)).collect();
    let whereabouts = peers.iter_mut().map(|peer| {
        peer.text("where");
        peer.message().payload
    });
    let at: Vec<_> = whereabouts.collect();
    let mut member = peers.remove(0);
    let mut places = at[1..].iter();
    peers.retain(|_| *places.next().unwrap() != at[0] || threads == Threads::PerConnection);
    member.text("JOIN");
    member.expect_text("OK");
    member.text("hold");
    member.expect_text("held");
    assert_eq!(member.message().payload.len(), 300 << 10);
    Jam { server, member, elsewhere: peers, release }
}
