//! Connections that end before they have begun, and what they have started.

use std::sync::mpsc::{Sender, channel};

use ws_core::frame::CloseCode;
use ws_std::{Context, Handler, Message, Place, Reject, Request, Server, Threads};

use crate::puppet::{Agent, Peer, Task, next, with};

/// Starts a session for each client, binds it to the one that is called hub, and takes none.
struct Picky {
    told: Sender<String>,
}

impl Handler for Picky {
    type State = ();
    type Info = ();

    fn on_connect(&self, ctx: &mut Context<'_, Self>, request: &Request<'_>) -> Result<(), Reject> {
        let session = Agent { told: self.told.clone(), place: Place::Shard };
        let me = ctx.me();
        me.spawn_link(session).unwrap();
        me.link(me.find::<Task>("hub").unwrap());
        assert_ne!(request.path(), "/panic", "as the client wished");
        Err(Reject::default())
    }

    fn on_message(&self, (): &mut (), _: &mut Context<'_, Self>, _: Message<'_>) {}
}

/// ACTOR-06, LIFE-02
#[test]
fn a_client_that_is_not_taken_leaves_no_session_behind() {
    let (told, tells) = channel();
    let builder = Server::builder(Picky { told }).threads(Threads::Fixed(1));
    let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
    let (hub, hears) = Agent::new();
    let hub = server.actors().spawn(hub).unwrap();
    with(&hub, |ctx| {
        ctx.me().register("hub").unwrap();
        ctx.me().trap_exits();
    });
    let mut refused = Peer::open_at(&server, "/", "");
    refused.expect_close(CloseCode::POLICY);
    assert_eq!(next(&hears), "exit: closed with 1008");
    let mut unlucky = Peer::open_at(&server, "/panic", "");
    unlucky.expect_close(CloseCode::INTERNAL_ERROR);
    let end = next(&hears);
    assert!(end.starts_with("exit: the handler panicked: "), "{end}");
    assert!(end.contains("as the client wished"), "{end}");
    server.stop();
    // The sessions were to end before they began: else they would say now that they have ended.
    assert_eq!(tells.iter().collect::<Vec<_>>(), [""; 0]);
}
