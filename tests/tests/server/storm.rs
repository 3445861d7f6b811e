//! LIFE-04, ROOM-05: a storm of clients that end in every way there is.

use std::collections::{HashMap, HashSet};
use std::sync::mpsc::Sender;
use std::thread;

use ws_core::frame::CloseCode;
use ws_core::testing::{Random, WireFrame};
use ws_std::{
    ConnectionId, Context, Ended, Handle, Handler, Message, Reject, Request, Server, Threads,
};

use crate::harness::{KEY, Peer, next, tells, until};

enum Told {
    Connected(ConnectionId, Handle),
    Ended(ConnectionId, CloseCode),
    Dropped(ConnectionId),
}

struct Counted(Sender<Told>);

/// Tells when it is dropped.
struct State(ConnectionId, Sender<Told>);

impl Drop for State {
    fn drop(&mut self) {
        self.1.send(Told::Dropped(self.0)).unwrap();
    }
}

impl Handler for Counted {
    type State = State;
    type Info = ();

    fn on_connect(
        &self,
        ctx: &mut Context<'_, Self>,
        request: &Request<'_>,
    ) -> Result<State, Reject> {
        match request.path() {
            "/reject" => return Err(Reject::default()),
            "/panic" => panic!("in on_connect"),
            _ => {}
        }
        self.0.send(Told::Connected(ctx.id(), ctx.handle())).unwrap();
        Ok(State(ctx.id(), self.0.clone()))
    }

    fn on_message(&self, _: &mut State, ctx: &mut Context<'_, Self>, message: Message<'_>) {
        match message.text() {
            Some("close") => ctx.close(CloseCode(4000), "as told"),
            Some("panic") => panic!("as told"),
            Some("work") => ctx.blocking(|| (), |_, _, ctx, ()| drop(ctx.handle())).unwrap(),
            Some("work and panic") => {
                ctx.blocking(|| panic!("as told"), |_, _, _, ()| {}).unwrap();
                ctx.close(CloseCode(4000), "");
            }
            _ => drop(ctx.handle().send(message)),
        }
    }

    fn on_close(&self, _: &mut State, ctx: &mut Context<'_, Self>, ended: &Ended) {
        self.0.send(Told::Ended(ctx.id(), ended.code)).unwrap();
        if ended.code == CloseCode(3003) {
            panic!("in on_close");
        }
    }
}

/// One client's life. Nothing is expected of the socket but that it may break.
fn live(server: &Server, fate: usize) {
    match fate {
        0 => return drop(Peer::open_at(server, "/reject", "")),
        1 => return drop(Peer::open_at(server, "/panic", "")),
        _ => {}
    }
    let mut peer = Peer::open(server);
    let text = |text: &str| WireFrame::text(text).masked(KEY);
    let large = WireFrame::binary(vec![0; 300_000]).masked(KEY);
    let frames = match fate {
        2 => vec![text("a"), WireFrame::close(CloseCode(3003), "").masked(KEY)],
        3 => vec![WireFrame::raw_close("").masked(KEY), text("late")],
        4 => vec![text("close")],
        5 => vec![text("panic"), text("late"), text("panic")],
        6 => vec![text("a"), WireFrame::text("unmasked")],
        7 => vec![text("close"), WireFrame::close(CloseCode::NORMAL, "").masked(KEY)],
        8 => vec![text("work"), text("panic")],
        9 => vec![text("work and panic"), text("late")],
        10 => vec![large.clone(), large.clone(), large],
        11 => vec![text("a").more(), text("stray")],
        _ => vec![text("half").claiming(1000)],
    };
    let bytes = WireFrame::encode_all(&frames);
    // It may have been closed in the middle.
    let _cut = std::io::Write::write_all(&mut peer.stream, &bytes);
    // Whoever has sent half a frame would wait for ever.
    if fate.is_multiple_of(2) && fate != 12 {
        let mut some = [0; 64];
        let _nothing = std::io::Read::read(&mut peer.stream, &mut some);
    }
}

/// LIFE-04, ACTOR-06
#[test]
fn on_close_follows_every_on_connect_exactly_once() {
    const CLIENTS: usize = 200;
    for threads in [Threads::Fixed(1), Threads::Fixed(3), Threads::PerConnection] {
        let (tell, told) = tells();
        let builder = Server::builder(Counted(tell)).threads(threads);
        let server = builder.listen("127.0.0.1:0").unwrap().start().unwrap();
        let mut random = Random::new(0x5EED);
        let fates: Vec<usize> = (0..CLIENTS).map(|_| random.below(13)).collect();
        let expected = fates.iter().filter(|fate| **fate > 1).count();
        thread::scope(|scope| {
            for fates in fates.chunks(CLIENTS / 4) {
                let server = &server;
                scope.spawn(move || fates.iter().for_each(|fate| live(server, *fate)));
            }
        });
        let (mut connected, mut ended, mut dropped) = (HashMap::new(), HashSet::new(), 0);
        while dropped < expected {
            match next(&told) {
                Told::Connected(id, handle) => assert!(connected.insert(id, handle).is_none()),
                Told::Ended(id, code) => {
                    assert_ne!(code, CloseCode(0));
                    assert!(connected.contains_key(&id), "{id} was never open");
                    assert!(ended.insert(id), "{id} has ended twice");
                }
                Told::Dropped(id) => {
                    assert!(ended.contains(&id), "{id} was dropped before its end was told");
                    dropped += 1;
                }
            }
        }
        assert_eq!((connected.len(), ended.len()), (expected, expected));
        until(|| server.connections() == 0);
        assert_eq!(server.retained_bytes(), 0, "{threads:?}");
        assert!(connected.values().all(Handle::is_gone));
        server.stop();
        assert!(told.try_recv().is_err());
    }
}
