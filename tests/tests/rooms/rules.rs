//! ROOM-07: what holds in a room, and who is told why not.

use ws_std::{
    Context, Denied, Handler, JoinError, Limits, Message, Overflow, Reject, Request, RoomRules,
    Server, Threads,
};
use ws_tests::peer::{Peer, until};

use crate::script::MODELS;

/// A message joins the room of its name, or says so many bytes to it: `join ROOM`, `say ROOM LEN`.
struct Doorman;

impl Handler for Doorman {
    type State = ();
    type Info = ();

    fn on_room(&self, name: &str) -> Result<RoomRules, Denied> {
        match name.split_once('-').unwrap_or((name, "")) {
            ("pair", _) => Ok(RoomRules::default().members(2)),
            ("news", _) => Ok(RoomRules::default().overflow(Overflow::DropNewest)),
            ("state", _) => Ok(RoomRules::default().overflow(Overflow::KeepLatest)),
            ("ends", _) => Ok(RoomRules::default().overflow(Overflow::Close)),
            ("bomb", _) => panic!("in on_room"),
            ("plain", _) => Ok(RoomRules::default()),
            _ => Err(Denied::new(format!("nobody knows {name}"))),
        }
    }

    fn on_connect(&self, _: &mut Context<'_, Self>, _: &Request<'_>) -> Result<(), Reject> {
        Ok(())
    }

    fn on_message(&self, (): &mut (), ctx: &mut Context<'_, Self>, message: Message<'_>) {
        let text = message.text().unwrap();
        let words: Vec<_> = text.split(' ').collect();
        match words[..] {
            ["join", room] => {
                let joined = match room {
                    "plain-secret" => Err(JoinError::denied("members only")),
                    _ => ctx.join(room),
                };
                ctx.send(&*joined.map_or_else(|error| error.to_string(), |n| n.to_string()));
            }
            ["say", room, len] => {
                ctx.broadcast_except(room, &[ctx.id()], &vec![0; len.parse().unwrap()]);
                ctx.send("said");
            }
            ["leave", room] => {
                let left = ctx.leave(room);
                ctx.send(&*left.to_string());
            }
            _ => panic!("what is {text}?"),
        }
    }
}

fn serve(threads: Threads, limits: Limits) -> Server {
    let builder = Server::builder(Doorman).threads(threads).limits(limits);
    builder.listen("127.0.0.1:0").unwrap().start().unwrap()
}

fn asks(peer: &mut Peer, text: &str, answer: &str) {
    peer.text(text);
    peer.expect_text(answer);
}

/// ROOM-07, ROOM-01
#[test]
fn who_may_not_join_hears_why_in_the_programs_words() {
    for threads in MODELS {
        let server = serve(threads, Limits::default());
        let mut peers = [(); 3].map(|()| Peer::open(&server));
        asks(&mut peers[0], "join cellar", "nobody knows cellar");
        asks(&mut peers[0], "join plain-secret", "members only");
        assert_eq!(server.rooms().count(), 0);
        asks(&mut peers[0], "join pair-1", "1");
        asks(&mut peers[1], "join pair-1", "2");
        asks(&mut peers[2], "join pair-1", "the room is full");
        asks(&mut peers[1], "join pair-1", "2");
        assert_eq!(server.rooms().members("pair-1"), 2);
        // There is room again, and it is the same room's.
        asks(&mut peers[0], "leave pair-1", "true");
        asks(&mut peers[2], "join pair-1", "2");
        asks(&mut peers[0], "join pair-1", "the room is full");
        asks(&mut peers[0], "join plain", "1");
    }
}

/// ROOM-07, ACTOR-03
#[test]
fn a_panic_on_the_question_what_holds_in_a_room_leaves_no_room() {
    for threads in MODELS {
        let server = serve(threads, Limits::default());
        let (mut bomber, mut other) = (Peer::open(&server), Peer::open(&server));
        asks(&mut bomber, "join plain", "1");
        bomber.text("join bomb");
        assert_eq!(bomber.frame().unwrap().opcode, 8);
        asks(&mut other, "join pair", "1");
        until(|| server.rooms().count() == 1);
        assert_eq!((server.rooms().members("bomb"), server.rooms().members("plain")), (0, 0));
    }
}

/// ROOM-07, ADV-03: the server closes who does not read, unless the room has it otherwise.
#[test]
fn each_room_has_its_own_way_with_those_who_do_not_read() {
    for overflow in [Overflow::Close, Overflow::DropNewest] {
        let limits = Limits { overflow, outbox_limit: 100_000, ..Limits::default() };
        let server = serve(Threads::Fixed(1), limits);
        let mut speaker = Peer::open(&server);
        let [mut patient, mut gone, mut usual, mut watcher] = [(); 4].map(|()| Peer::open(&server));
        asks(&mut watcher, "join state", "1");
        asks(&mut patient, "join news", "1");
        asks(&mut gone, "join ends", "1");
        asks(&mut usual, "join plain", "1");
        let counts = || server.metrics().snapshot();
        let lost = || {
            let counts = counts();
            counts.overflow_newest + counts.overflow_latest + counts.overflow_close
        };
        for (room, closes) in [
            ("news", false),
            ("state", false),
            ("ends", true),
            ("plain", overflow == Overflow::Close),
        ] {
            let before = (lost(), counts().overflow_close);
            while lost() == before.0 {
                asks(&mut speaker, &format!("say {room} 50000"), "said");
                // What it said has been taken up when its next message is.
                asks(&mut speaker, "leave nowhere", "false");
            }
            until(|| server.rooms().members(room) == usize::from(!closes));
            assert_eq!(counts().overflow_close - before.1, u64::from(closes), "{room}");
        }
    }
}
