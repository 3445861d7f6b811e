//! ROOM-03, ACTOR-04: what one sender sends arrives in the order in which it was sent.

use std::fmt::Write;

use ws_core::testing::Random;
use ws_std::Threads;

use crate::script::{MODELS, Member, World};

/// A sender that does this and that, and what everybody is to hear of it.
#[derive(Default)]
struct Plan {
    script: String,
    /// In which of the rooms the sender is.
    is_in: [bool; 2],
    own: Vec<String>,
    others: Vec<Vec<String>>,
}

const ROOMS: [&str; 2] = ["a", "b"];

impl Plan {
    /// Another thing to do. Whoever speaks is in the rooms that `is_in` says; the others in both.
    fn step(&mut self, random: &mut Random, number: usize, ids: &[u64]) {
        let at = random.below(2);
        let (room, others) = (ROOMS[at], ids.len());
        match random.below(9) {
            0..=3 => {
                writeln!(self.script, "say {room} {number}").unwrap();
                self.others.iter_mut().for_each(|heard| heard.push(number.to_string()));
                self.own.extend(self.is_in[at].then(|| number.to_string()));
            }
            4 => {
                let spared = random.below(others);
                writeln!(self.script, "but {} {room} {number}", ids[spared]).unwrap();
                for (place, heard) in self.others.iter_mut().enumerate() {
                    heard.extend((place != spared).then(|| number.to_string()));
                }
                self.own.extend(self.is_in[at].then(|| number.to_string()));
            }
            5 => {
                let to = random.below(others);
                writeln!(self.script, "whisper {} {number}", ids[to]).unwrap();
                self.others[to].push(number.to_string());
            }
            6 => {
                writeln!(self.script, "send {number}").unwrap();
                self.own.push(number.to_string());
            }
            7 if !self.is_in[at] => {
                writeln!(self.script, "join {room}").unwrap();
                self.own.push(format!("{room}: {}", others + 1));
                self.is_in[at] = true;
            }
            _ => {
                writeln!(self.script, "leave {room}").unwrap();
                self.own.push(format!("left {}", self.is_in[at]));
                self.is_in[at] = false;
            }
        }
    }
}

/// ROOM-03, ROOM-04, ACTOR-04
#[test]
fn broadcasts_and_direct_messages_of_one_sender_arrive_in_order_at_everybody() {
    for threads in MODELS {
        let world = World::new(threads);
        let mut sender = world.open();
        let mut others: Vec<Member> = (0..5).map(|_| world.open()).collect();
        for (number, other) in others.iter_mut().enumerate() {
            other.asks("join a\njoin b", &format!("a: {0}|b: {0}", number + 1));
        }
        let ids: Vec<u64> = others.iter().map(|other| other.id).collect();
        let mut is_in = [false; 2];
        for seed in 0..40 {
            let mut random = Random::new(seed);
            let mut plan = Plan { is_in, others: vec![vec![]; ids.len()], ..Plan::default() };
            for number in 0..200 {
                plan.step(&mut random, number, &ids);
            }
            // Some in one turn, some in many.
            let turns = [1, 10, 200][random.below(3)];
            let lines: Vec<_> = plan.script.lines().collect();
            lines.chunks(200 / turns).for_each(|lines| sender.does(&lines.join("\n")));
            sender.does("send end");
            sender.tells(&others, "end");
            plan.own.push("end".to_owned());
            sender.expect(&plan.own.join("|"));
            for (other, mut heard) in others.iter_mut().zip(plan.others) {
                heard.push("end".to_owned());
                other.expect(&heard.join("|"));
            }
            is_in = plan.is_in;
        }
    }
}

/// ROOM-03: a client hears nothing of its own from before it joined, and nothing out of order.
#[test]
fn who_speaks_to_a_room_and_then_joins_it_does_not_hear_that_later() {
    for threads in MODELS {
        let world = World::new(threads);
        let mut others = world.members(3);
        let mut late = world.open();
        late.does("say all 1\njoin all\nsend 2\nsay all 3");
        late.expect("all: 4|2|3");
        others.iter_mut().for_each(|other| other.expect("1|3"));
        late.sync();
    }
}

/// ROOM-03
#[test]
fn turns_between_rooms_keep_their_order() {
    for threads in MODELS {
        let world = World::new(threads);
        let mut sender = world.open();
        let mut both: Vec<Member> = (0..4).map(|_| world.open()).collect();
        for member in &mut both {
            member.does("join a\njoin b\njoin c");
            for _ in 0..3 {
                member.peer.message();
            }
        }
        let mut script = String::new();
        let mut heard = vec![];
        // Runs of one, two, three and so on, to one room after the other.
        for (run, room) in ["a", "b", "a", "c", "b", "b", "a", "c"].into_iter().enumerate() {
            for number in 0..=run {
                writeln!(script, "say {room} {room}{run}.{number}").unwrap();
                heard.push(format!("{room}{run}.{number}"));
            }
        }
        sender.does(&script);
        both.iter_mut().for_each(|member| member.expect(&heard.join("|")));
    }
}

/// ROOM-03, FRAG-04: a message that a member is sent in parts is not torn apart by broadcasts.
#[test]
fn broadcasts_wait_for_the_end_of_a_message_in_parts() {
    for threads in MODELS {
        let world = World::new(threads);
        let mut members = world.members(2);
        let mut sender = world.open();
        let mut one = members.remove(0);
        for _ in 0..3 {
            one.does("part once");
            assert_eq!(one.peer.frame().unwrap().payload, b"once");
            sender.does("say all a");
            sender.does("say all b\nsay all c");
            let id = one.id;
            sender.does(&format!("whisper {id} d\nsay all e"));
            members[0].expect("a|b|c|e");
            // Its own, and a control frame, which does not wait.
            one.does("say all f");
            one.peer.send(ws_tests::WireFrame::ping("ping"));
            members[0].expect("f");
            sender.tells([&one], "g");
            sender.sync();
            one.does("part  upon\nlast  a time");
            let mut frames: Vec<_> = (0..3).map(|_| one.peer.frame().unwrap()).collect();
            let pong = frames.iter().position(|frame| frame.opcode == 10).unwrap();
            assert_eq!(frames.remove(pong).payload, b"ping");
            assert_eq!(frames[0].payload, b" upon");
            assert_eq!((&frames[1].payload[..], frames[1].fin), (&b" a time"[..], true));
            if threads == Threads::Fixed(1) {
                one.expect("a|b|c|d|e|f|g");
            } else {
                // Its own is on no other thread, and what comes from there may come before or
                // after it.
                let heard: Vec<_> = (0..7).map(|_| one.peer.message().payload[0]).collect();
                let theirs: Vec<u8> = heard.iter().copied().filter(|&byte| byte != b'f').collect();
                assert_eq!((theirs, heard.len()), (b"abcdeg".to_vec(), 7));
            }
            one.sync();
        }
    }
}
