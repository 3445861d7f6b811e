//! ROOM-07: who is there, as it is told to those who are.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use ws_core::connection::Timing;
use ws_core::testing::Random;
use ws_std::{
    Clock, CloseCode, Context, Entry, Hand, Handler, Limits, Message, OwnedMessage, Presence,
    Reject, Request, Server, Threads,
};
use ws_tests::peer::{Peer, until};

use crate::script::MODELS;

/// Messages are `as KEY META`, `leave`, `close` and `say TEXT`, all about one room.
struct Lobby;

impl Handler for Lobby {
    type State = ();
    type Info = ();

    fn on_connect(&self, _: &mut Context<'_, Self>, _: &Request<'_>) -> Result<(), Reject> {
        Ok(())
    }

    fn on_message(&self, (): &mut (), ctx: &mut Context<'_, Self>, message: Message<'_>) {
        let text = message.text().unwrap();
        match text.split(' ').collect::<Vec<_>>()[..] {
            ["as", key, meta] => {
                if let Err(error) = ctx.join_as("lobby", key, meta) {
                    ctx.send(&*error.to_string());
                }
            }
            ["leave"] => {
                let left = ctx.leave("lobby");
                ctx.send(&*format!("left {left} {}", ctx.present("lobby")));
            }
            ["close"] => ctx.close(CloseCode(4000), ""),
            ["say", text] => _ = ctx.broadcast("lobby", text),
            _ => panic!("what is {text}?"),
        }
    }

    fn on_presence(&self, room: &str, presence: &Presence<'_>) -> Option<OwnedMessage> {
        assert_eq!(room, "lobby");
        let one = |entry: &Entry| format!("{}={}", entry.key, entry.meta);
        let words = match presence {
            Presence::Enters(entry) if &*entry.key == "bomb" => panic!("in on_presence"),
            Presence::Enters(entry) => format!("+{}", one(entry)),
            Presence::Leaves(entry) => format!("-{}", one(entry)),
            Presence::Changes(entry) => format!("~{}", one(entry)),
            Presence::Here { entries, count } => {
                let mut all: Vec<_> = entries.iter().map(one).collect();
                all.sort();
                format!("{count} {}", all.join(","))
            }
            _ => return None,
        };
        Some(words.into())
    }
}

fn serve(threads: Threads, limits: Limits) -> (Server, Hand) {
    let (clock, hand) = Clock::manual();
    let timing = Timing { ping_every: None, ..Timing::DEFAULT };
    let builder = Server::builder(Lobby).threads(threads).limits(limits).clock(clock);
    (builder.timing(timing).listen("127.0.0.1:0").unwrap().start().unwrap(), hand)
}

fn asks(peer: &mut Peer, text: &str, answer: &str) {
    peer.text(text);
    peer.expect_text(answer);
}

/// ROOM-07
#[test]
fn who_joins_hears_who_is_there_and_the_others_hear_of_it() {
    for threads in MODELS {
        let (server, _hand) = serve(threads, Limits::default());
        let [mut ann, mut bob, mut phone] = [(); 3].map(|()| Peer::open(&server));
        asks(&mut ann, "as ann a", "1 ann=a");
        asks(&mut bob, "as bob b", "2 ann=a,bob=b");
        ann.expect_text("+bob=b");
        // Another of her devices is nothing new, but it knows something else of her.
        asks(&mut phone, "as ann x", "2 ann=x,bob=b");
        ann.expect_text("~ann=x");
        bob.expect_text("~ann=x");
        assert_eq!((server.rooms().present("lobby"), server.rooms().members("lobby")), (2, 3));
        asks(&mut ann, "leave", "left true 2");
        asks(&mut bob, "as bob c", "~bob=c");
        phone.expect_text("~bob=c");
        // To say the same again says nothing; to be somebody else begins anew.
        bob.text("as bob c");
        asks(&mut bob, "as rob r", "2 ann=x,rob=r");
        phone.expect_text("-bob=c");
        phone.expect_text("+rob=r");
        asks(&mut phone, "leave", "left true 1");
        bob.expect_text("-ann=x");
        asks(&mut bob, "leave", "left true 0");
        assert_eq!((server.rooms().count(), server.rooms().present("lobby")), (0, 0));
    }
}

/// ROOM-07, SEC-02
#[test]
fn names_are_bounded_and_so_is_the_list() {
    let limits =
        Limits { presence_key: 4, presence_meta: 3, presence_list: 2, ..Limits::default() };
    let (server, _hand) = serve(Threads::Fixed(2), limits);
    let mut peers = [(); 3].map(|()| Peer::open(&server));
    asks(&mut peers[0], "as fives x", "the key is empty or too long");
    asks(&mut peers[0], "as  x", "the key is empty or too long");
    asks(&mut peers[0], "as four four", "the meta is too long");
    assert_eq!(server.rooms().count(), 0);
    asks(&mut peers[0], "as a x", "1 a=x");
    asks(&mut peers[1], "as b x", "2 a=x,b=x");
    asks(&mut peers[2], "as c x", "3 ");
    // Whoever wants to know can look at some at a time.
    let list = |after, most| {
        let entries = server.rooms().presence("lobby", after, most).into_iter();
        entries.map(|entry| entry.key.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(list("", 2), ["a", "b"]);
    assert_eq!(list("b", 2), ["c"]);
    assert_eq!(list("c", 2), [""; 0]);
    let rooms = server.rooms().list("", 9);
    assert_eq!((rooms.len(), rooms[0].members, rooms[0].present), (1, 3, 3));
}

/// ROOM-07, ACTOR-03: nobody hears of it, and it is so.
#[test]
fn a_panic_over_who_is_there_harms_nobody() {
    let (server, _hand) = serve(Threads::Fixed(2), Limits::default());
    let [mut ann, mut bomb] = [(); 2].map(|()| Peer::open(&server));
    asks(&mut ann, "as ann a", "1 ann=a");
    asks(&mut bomb, "as bomb b", "2 ann=a,bomb=b");
    asks(&mut bomb, "say hello", "hello");
    ann.expect_text("hello");
    assert_eq!(server.metrics().snapshot().panics, 1);
}

/// ROOM-07
#[test]
fn who_vanishes_is_awaited_and_who_says_goodbye_is_not() {
    for threads in MODELS {
        let (server, hand) = serve(threads, Limits::default());
        let [mut ann, mut bob] = [(); 2].map(|()| Peer::open(&server));
        asks(&mut ann, "as ann a", "1 ann=a");
        asks(&mut bob, "as bob b", "2 ann=a,bob=b");
        ann.expect_text("+bob=b");
        let rooms = server.rooms();
        // It comes back in time: nobody hears of anything.
        drop(bob);
        until(|| rooms.members("lobby") == 1);
        assert_eq!(rooms.present("lobby"), 2);
        hand.advance(Duration::from_millis(9_999));
        let mut bob = Peer::open(&server);
        asks(&mut bob, "as bob b", "2 ann=a,bob=b");
        hand.advance(Duration::from_secs(1));
        asks(&mut ann, "say here", "here");
        bob.expect_text("here");
        // It does not.
        drop(bob);
        until(|| rooms.members("lobby") == 1);
        hand.advance(Duration::from_secs(10));
        ann.expect_text("-bob=b");
        // Closed by the handler, and by the client.
        for way in ["close", ""] {
            let mut bob = Peer::open(&server);
            asks(&mut bob, "as bob b", "2 ann=a,bob=b");
            ann.expect_text("+bob=b");
            match way {
                "" => bob.close(CloseCode::NORMAL, ""),
                way => bob.text(way),
            }
            ann.expect_text("-bob=b");
        }
        asks(&mut ann, "leave", "left true 0");
        until(|| rooms.count() == 0);
    }
}

/// What a client makes of what it is told.
#[derive(Default, Debug, PartialEq)]
struct View(BTreeMap<String, String>);

impl View {
    fn hears(&mut self, text: &str) {
        let entry = |text: &str| text.split_once('=').map(|(k, m)| (k.to_owned(), m.to_owned()));
        let (sign, rest) = text.split_at(1);
        match sign {
            "+" => {
                let (key, meta) = entry(rest).unwrap();
                assert_eq!(self.0.insert(key, meta), None, "{text} is new");
            }
            "-" => assert_eq!(self.0.remove_entry(rest.split('=').next().unwrap()), entry(rest)),
            "~" => {
                let (key, meta) = entry(rest).unwrap();
                assert!(self.0.insert(key, meta).is_some(), "{text} was there");
            }
            _ => {
                let (count, all) = text.split_once(' ').unwrap();
                self.0 = all.split(',').filter_map(entry).collect();
                assert_eq!(count, self.0.len().to_string());
            }
        }
    }
}

/// ROOM-07, ROOM-05
#[test]
fn after_any_coming_and_going_everybody_knows_who_is_there() {
    const CLIENTS: usize = 6;
    for grace in [Duration::ZERO, Duration::from_secs(10)] {
        let limits = Limits { presence_grace: grace, ..Limits::default() };
        let (server, hand) = serve(Threads::Fixed(2), limits);
        let mut views: Vec<(Peer, View)> = thread::scope(|scope| {
            let churn = |seed: u64| {
                let server = &server;
                scope.spawn(move || {
                    let mut random = Random::new(seed);
                    let (mut peer, mut view) = (Peer::open(server), View::default());
                    for round in 0..150 {
                        // Some are the same user.
                        let key = seed as usize / 2;
                        peer.text(format!("as {key} {round}"));
                        match random.below(6) {
                            0 => peer = Peer::open(server),
                            1 => {
                                peer.text("leave");
                                while !hear(&mut peer, &mut view).starts_with("left") {}
                            }
                            _ => {}
                        }
                    }
                    (peer, view)
                })
            };
            let all: Vec<_> = (0..CLIENTS as u64).map(churn).collect();
            all.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let rooms = server.rooms();
        // What those say who have gone is not the last.
        until(|| server.connections() == CLIENTS);
        for (number, (peer, _)) in views.iter_mut().enumerate() {
            peer.text(format!("as {} last", number / 2));
        }
        until(|| rooms.members("lobby") == CLIENTS);
        let last = |entry: &Entry| &*entry.meta == "last";
        until(|| rooms.presence("lobby", "", 9).iter().filter(|entry| last(entry)).count() == 3);
        rooms.broadcast("lobby", "end");
        let now = rooms.presence("lobby", "", 9).into_iter();
        let now = View(now.map(|entry| (entry.key.to_string(), entry.meta.to_string())).collect());
        for (mut peer, mut view) in views {
            while hear(&mut peer, &mut view) != "end" {}
            assert_eq!(view, now);
        }
        until(|| rooms.members("lobby") == 0);
        hand.advance(grace);
        until(|| rooms.count() == 0);
    }
}

/// Hears one message more.
fn hear(peer: &mut Peer, view: &mut View) -> String {
    let text = String::from_utf8(peer.message().payload).unwrap();
    if text != "end" && !text.starts_with("left") {
        view.hears(&text);
    }
    text
}
