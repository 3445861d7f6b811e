//! ADV-03: a handler hears when too much waits for its client, whoever has sent it.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use ws_core::connection::{Millis, Timing};
use ws_std::{
    ConnectionId, Context, Handler, Limits, Message, Pressure, Reject, Request, Server, Threads,
};
use ws_tests::peer::{Peer, next, pattern};

use crate::script::MODELS;

/// Tells of pressure. `join` joins, `flood N` sends so many messages to all, `echo` is answered.
struct Pressed(Mutex<Sender<(ConnectionId, Pressure)>>);

const LEN: usize = 10_000;

impl Handler for Pressed {
    type State = ();
    type Info = ();

    fn on_connect(&self, ctx: &mut Context<'_, Self>, _: &Request<'_>) -> Result<(), Reject> {
        ctx.send(&*ctx.id().to_string());
        Ok(())
    }

    fn on_message(&self, (): &mut (), ctx: &mut Context<'_, Self>, message: Message<'_>) {
        let text = message.text().unwrap();
        match text.split_once(' ') {
            Some(("flood", count)) => {
                for _ in 0..count.parse::<usize>().unwrap() {
                    ctx.broadcast_except("all", &[ctx.id()], &pattern(LEN));
                }
                ctx.send("done");
            }
            _ if text == "join" => {
                let count = ctx.join("all").unwrap();
                ctx.send(&*count.to_string());
            }
            _ => _ = ctx.send(message),
        }
    }

    fn on_pressure(&self, (): &mut (), ctx: &mut Context<'_, Self>, pressure: Pressure) {
        self.0.lock().unwrap().send((ctx.id(), pressure)).unwrap();
    }
}

fn serve(threads: Threads) -> (Server, Receiver<(ConnectionId, Pressure)>) {
    let (tell, told) = channel();
    let (ping_every, write_within) = (None, Millis::seconds(7200));
    let timing = Timing { ping_every, write_within, ..Timing::DEFAULT };
    let limits = Limits { outbox_limit: usize::MAX, ..Limits::default() };
    let builder = Server::builder(Pressed(Mutex::new(tell))).threads(threads).limits(limits);
    let server = builder.timing(timing).listen("127.0.0.1:0").unwrap().start().unwrap();
    (server, told)
}

/// ADV-03, ROOM-03, ROOM-06
#[test]
fn a_handler_hears_of_pressure_when_it_is_others_who_fill_the_outbox() {
    for threads in MODELS {
        for by_handler in [true, false] {
            let (server, told) = serve(threads);
            let [mut slow, mut other, mut sender] = [(); 3].map(|()| Peer::open(&server));
            let id = String::from_utf8(slow.message().payload).unwrap().parse().unwrap();
            let [_, _] = [&mut other, &mut sender].map(Peer::message);
            for (member, count) in [(&mut slow, "1"), (&mut other, "2")] {
                member.text("join");
                member.expect_text(count);
            }
            let mut sent = 0;
            let high = loop {
                if by_handler {
                    sender.text("flood 10");
                    sender.expect_text("done");
                } else {
                    (0..10).for_each(|_| _ = server.rooms().broadcast("all", &pattern(LEN)));
                }
                sent += 10;
                // The other one reads, and is in no distress.
                (0..10).for_each(|_| assert_eq!(other.message().payload.len(), LEN));
                if let Ok(high) = told.try_recv() {
                    break high;
                }
                assert!(sent < 10_000, "no pressure");
            };
            assert_eq!(high, (ConnectionId(id), Pressure::High));
            // What it asks for now waits until it has read.
            slow.text("echo");
            sender.text("flood 1");
            sender.expect_text("done");
            assert_eq!(other.message().payload.len(), LEN);
            (0..=sent).for_each(|_| assert_eq!(slow.message().payload.len(), LEN));
            slow.expect_text("echo");
            assert_eq!(next(&told), (ConnectionId(id), Pressure::Drained));
            assert!(told.try_recv().is_err(), "once each, and to no other");
        }
    }
}
