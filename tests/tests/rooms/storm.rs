//! ROOM-05, ROOM-06: clients that do whatever they like, in whatever order, and end somehow.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{Read, Write};
use std::thread;

use ws_core::frame::CloseCode;
use ws_core::testing::{Random, WireFrame};
use ws_std::{Limits, Server, Threads};
use ws_tests::peer::{KEY, Peer, next, until};

use crate::script::{MODELS, Member, World};

const CLIENTS: usize = 64;

const ROOMS: [&str; 5] = ["all", "a", "b", "c", "d"];

/// What a server of rooms should do, with nothing but maps.
#[derive(Default)]
struct Model {
    members: BTreeMap<&'static str, BTreeSet<usize>>,
    /// What each client has heard since it was last asked.
    heard: Vec<Vec<String>>,
}

impl Model {
    fn hears(&mut self, who: usize, text: String) {
        self.heard[who].push(text);
    }

    fn join(&mut self, who: usize, room: &'static str) {
        let members = self.members.entry(room).or_default();
        members.insert(who);
        let count = members.len();
        self.hears(who, format!("{room}: {count}"));
    }

    fn leave(&mut self, who: usize, room: &'static str) {
        let left = self.members.entry(room).or_default().remove(&who);
        self.hears(who, format!("left {left}"));
    }

    fn say(&mut self, room: &'static str, spared: &[usize], text: &str) {
        for who in self.members.entry(room).or_default().clone() {
            if !spared.contains(&who) {
                self.hears(who, text.to_owned());
            }
        }
    }

    fn end(&mut self, who: usize) {
        self.members.values_mut().for_each(|members| _ = members.remove(&who));
        self.heard[who].clear();
    }
}

/// What one client does in a turn, and what the model makes of that.
fn turn(random: &mut Random, who: usize, members: &[Member], model: &mut Model) -> String {
    let mut script = String::new();
    for _ in 0..1 + random.below(4) {
        let room = ROOMS[random.below(ROOMS.len())];
        let text = random.below(1000).to_string();
        script += &match random.below(6) {
            0 | 1 => {
                model.join(who, room);
                format!("join {room}\n")
            }
            2 => {
                model.leave(who, room);
                format!("leave {room}\n")
            }
            3 | 4 => {
                model.say(room, &[], &text);
                format!("say {room} {text}\n")
            }
            _ => {
                let spared: Vec<_> = (0..random.below(4)).map(|_| random.below(CLIENTS)).collect();
                model.say(room, &spared, &text);
                let ids: Vec<_> = spared.iter().map(|who| members[*who].id.to_string()).collect();
                format!("but {} {room} {text}\n", ids.join(","))
            }
        };
    }
    script
}

/// Ends a connection in one of the ways there are.
fn end(member: &mut Member, how: usize) {
    match how {
        0 => member.peer.close(CloseCode::NORMAL, ""),
        1 => member.does("panic"),
        2 => member.peer.shut(),
        _ => {
            member.does("close");
            member.peer.close(CloseCode(4000), "");
        }
    }
}

/// ROOM-01 to ROOM-05
#[test]
fn on_one_thread_everything_is_as_in_an_obvious_model() {
    for seed in 0..8 {
        let mut random = Random::new(seed);
        let world = World::new(Threads::Fixed(1));
        let mut members: Vec<Member> = (0..CLIENTS).map(|_| world.open()).collect();
        let mut model = Model { heard: vec![vec![]; CLIENTS], ..Model::default() };
        for _ in 0..400 {
            let who = random.below(CLIENTS);
            if random.below(12) == 0 {
                end(&mut members[who], random.below(4));
                model.end(who);
                let closed = next(&world.closed);
                assert_eq!(closed.id, members[who].id);
                let left = model.members.get("all").map_or(0, BTreeSet::len);
                assert_eq!((closed.rooms.len(), closed.members), (0, left));
                members[who] = world.open();
            } else {
                let script = turn(&mut random, who, &members, &mut model);
                members[who].does(&script);
                // So that the others' turns begin when this is done: what it hears, and the end.
                model.hears(who, ".".to_owned());
                members[who].does("send .");
                members[who].expect(&std::mem::take(&mut model.heard[who]).join("|"));
            }
        }
        for (member, mut heard) in members.iter_mut().zip(model.heard) {
            heard.push(".".to_owned());
            member.does("send .");
            member.expect(&heard.join("|"));
        }
        let rooms = world.server.rooms();
        for (room, members) in &model.members {
            assert_eq!(rooms.members(room), members.len(), "{room}, seed {seed}");
        }
        assert_eq!(rooms.count(), model.members.values().filter(|room| !room.is_empty()).count());
        drop(members);
        until(|| world.server.connections() == 0);
        assert_eq!(rooms.count(), 0);
        // What was said to nobody may still be on its way.
        until(|| world.server.retained_bytes() == 0);
    }
}

/// The messages that have arrived in whole; there may be part of one behind them.
fn judge(own: u64, bytes: &[u8]) {
    let (mut at, mut last) = (0, HashMap::new());
    while let Some((frame, len)) = WireFrame::decode(&bytes[at..]) {
        at += len;
        let text = String::from_utf8_lossy(&frame.payload);
        if frame.opcode != 1 || !text.starts_with('#') {
            continue;
        }
        let mut words = text[1..].split(' ').map(|word| word.parse::<u64>().unwrap());
        let (from, number) = (words.next().unwrap(), words.next().unwrap());
        let before = last.insert(from, number);
        assert!(before < Some(number), "{own} hears {number} of {from} after {before:?}");
    }
}

/// A client's life. What it says to rooms is numbered.
fn live(server: &Server, seed: u64) {
    let mut random = Random::new(seed);
    let mut member = Member::greeted(Peer::open(server));
    let id = member.id;
    let mut script = vec![];
    for number in 0..150 {
        let room = ROOMS[random.below(ROOMS.len())];
        let line = match random.below(8) {
            0..=1 => format!("join {room}"),
            2 => format!("leave {room}"),
            3 => format!("but {},{} {room} #{id} {number}", id - 1, id + 1),
            4 => format!("whisper {id} {number}"),
            5 => format!("rooms\nmembers {room}"),
            _ => format!("say {room} #{id} {number}"),
        };
        script.push(line);
    }
    for lines in script.chunks(1 + random.below(20)) {
        member.does(&lines.join("\n"));
    }
    let how = random.below(6);
    match how {
        0..=3 => end(&mut member, how),
        // It vanishes, in the middle of a message or not.
        4 => member.peer.write(WireFrame::text("half").claiming(1000).masked(KEY).encode()),
        _ => {}
    }
    if how == 5 {
        return;
    }
    if how == 4 {
        member.peer.shut();
    }
    // Whatever has come: it may be reset.
    let mut bytes = std::mem::take(&mut member.peer.unread);
    let _cut = member.peer.stream.read_to_end(&mut bytes);
    judge(id, &bytes);
    let _gone = member.peer.stream.flush();
}

/// ROOM-05, ROOM-06, LIFE-04
#[test]
fn after_a_storm_every_room_is_empty() {
    for threads in MODELS {
        let limits = Limits { outbox_limit: usize::MAX, ..Limits::default() };
        let world = World::with(threads, limits);
        for round in 0..3 {
            thread::scope(|scope| {
                for client in 0..CLIENTS as u64 {
                    let server = &world.server;
                    scope.spawn(move || live(server, client + 1000 * round));
                }
            });
            for _ in 0..CLIENTS {
                let closed = next(&world.closed);
                assert_eq!(closed.rooms.len(), 0, "{closed:?}");
            }
            until(|| world.server.connections() == 0);
            let rooms = world.server.rooms();
            assert_eq!((rooms.count(), rooms.list("", 9).len()), (0, 0), "{threads:?}");
            until(|| world.server.retained_bytes() == 0);
        }
    }
}
