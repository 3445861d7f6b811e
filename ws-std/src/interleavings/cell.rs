//! Mailboxes, links and monitors.

use std::sync::Arc;

use super::{Shard, in_any_order};
use crate::actor::cell::{self, Cell, Event, Home, MAILBOX, Refused, Signal, Taken};
use crate::actor::{ActorId, Down, Exit, Reason};
use crate::server::Command;
use crate::sync::thread;

/// An actor of this number on a shard.
fn actor(id: u64, shard: &Shard) -> Arc<Cell> {
    Cell::new::<u64>(ActorId(id), Home::on_shard(shard.port.clone()))
}

fn error() -> Reason {
    Reason::error(std::fmt::Error)
}

fn number(event: Event) -> u64 {
    match event {
        Event::Info(info) => *info.downcast().unwrap(),
        _ => panic!("a message"),
    }
}

/// Everything that is in a mailbox, and why the actor must end, if it must.
fn left(cell: &Cell) -> (Vec<Event>, Option<Reason>) {
    let doomed = cell.doomed();
    (cell.close().into(), doomed)
}

/// ACTOR-02
#[test]
fn an_actor_that_has_found_nothing_is_woken_by_the_next_message() {
    in_any_order(|| {
        let mut shard = Shard::new();
        let cell = actor(1, &shard);
        let tellers: Vec<_> = (0..2_u64)
            .map(|who| {
                let cell = cell.clone();
                thread::spawn(move || {
                    (0..3).for_each(|at| assert!(cell.tell(who * 10 + at).is_ok()));
                })
            })
            .collect();
        let mut heard = vec![];
        shard.turns_until(|told| {
            // It is looked at when the shard is told to, and not otherwise.
            for command in told.drain(..) {
                assert!(matches!(command, Command::Look(ActorId(1))));
                while let Taken::Event(event) = cell.take() {
                    heard.push(number(event));
                }
            }
            heard.len() == 6
        });
        tellers.into_iter().for_each(|teller| teller.join().unwrap());
        for who in 0..2 {
            let of_one: Vec<_> = heard.iter().filter(|heard| *heard / 10 == who).collect();
            assert_eq!(of_one, [&(who * 10), &(who * 10 + 1), &(who * 10 + 2)]);
        }
    });
}

/// ACTOR-02
#[test]
fn no_more_messages_are_taken_than_there_is_room_for() {
    in_any_order(|| {
        let shard = Shard::new();
        let cell = actor(1, &shard);
        (2..MAILBOX as u64).for_each(|number| assert!(cell.tell(number).is_ok()));
        let tellers: Vec<_> = (0..2)
            .map(|_| {
                let cell = cell.clone();
                thread::spawn(move || {
                    let taken = |number: &u64| match cell.tell(*number) {
                        Ok(()) => true,
                        Err(Refused::Full(_)) => false,
                        Err(Refused::Gone(_)) => panic!("it is there"),
                    };
                    [1000, 1001].iter().filter(|number| taken(number)).count()
                })
            })
            .collect();
        let heard = usize::from(matches!(cell.take(), Taken::Event(_)));
        let taken: usize = tellers.into_iter().map(|teller| teller.join().unwrap()).sum();
        assert!((2..=2 + heard).contains(&taken));
        assert_eq!(left(&cell).0.len(), MAILBOX - 2 + taken - heard);
    });
}

/// ACTOR-08
#[test]
fn what_was_told_before_a_kill_is_given_back_and_what_comes_after_it_refused() {
    in_any_order(|| {
        let mut shard = Shard::new();
        let cell = actor(1, &shard);
        let told = cell.clone();
        let teller = thread::spawn(move || {
            let taken = |number: &u64| told.tell(*number).is_ok();
            (0..3).take_while(taken).collect::<Vec<_>>()
        });
        let killed = cell.clone();
        let killer = thread::spawn(move || killed.signal(Signal::Kill));
        let mut heard = vec![];
        let mut is_doomed = false;
        shard.turns_until(|told| {
            for _ in told.drain(..) {
                loop {
                    match cell.take() {
                        Taken::Event(event) => heard.push(number(event)),
                        Taken::Doomed(reason) => {
                            assert!(matches!(reason, Reason::Killed));
                            is_doomed = true;
                            break;
                        }
                        Taken::Nothing => break,
                    }
                }
            }
            is_doomed
        });
        let undelivered = cell.close().into_iter().map(number);
        let all: Vec<_> = heard.into_iter().chain(undelivered).collect();
        killer.join().unwrap();
        assert_eq!(all, teller.join().unwrap());
        assert!(cell.is_gone());
    });
}

/// How much is in a mailbox, and whether the actor must end.
fn is(cell: &Cell) -> (usize, bool) {
    (cell.waiting(), cell.doomed().is_some())
}

/// ACTOR-08
#[test]
fn after_unlink_has_returned_the_link_neither_ends_nor_tells() {
    for traps in [false, true] {
        in_any_order(move || {
            let shard = Shard::new();
            let [mine, theirs] = [actor(1, &shard), actor(2, &shard)];
            mine.trap_exits(traps);
            cell::link(&mine, &theirs);
            let ending = theirs.clone();
            let ends = thread::spawn(move || ending.end(&error()));
            cell::unlink(&mine, &theirs);
            let (before, doomed) = is(&mine);
            ends.join().unwrap();
            // Whatever the link did, it did before.
            assert_eq!(is(&mine), (before, doomed));
            assert!(before <= usize::from(traps) && (!doomed || !traps));
        });
    }
}

/// ACTOR-08
#[test]
fn a_link_that_meets_an_end_tells_once_how_or_that_there_was_nobody() {
    in_any_order(|| {
        let shard = Shard::new();
        let [mine, theirs] = [actor(2, &shard), actor(1, &shard)];
        mine.trap_exits(true);
        let (linked, ending) = (theirs.clone(), theirs.clone());
        let links = mine.clone();
        let link = thread::spawn(move || cell::link(&links, &linked));
        let ends = thread::spawn(move || ending.end(&error()));
        // From the other side, too: a link is one, whoever makes it.
        cell::link(&theirs, &mine);
        link.join().unwrap();
        ends.join().unwrap();
        let (told, doomed) = left(&mine);
        assert!(doomed.is_none());
        let is_exit = |event: &Event| match event {
            Event::Exit(Exit { from, .. }) => *from == Some(ActorId(1)),
            _ => false,
        };
        assert!(told.iter().all(is_exit));
        assert!((1..=2).contains(&told.len()), "{}", told.len());
        assert!(mine.has_nobody() && theirs.has_nobody());
    });
}

/// ACTOR-08
#[test]
fn each_monitor_tells_once_or_was_ended_in_time() {
    in_any_order(|| {
        let shard = Shard::new();
        let [mine, theirs] = [actor(1, &shard), actor(2, &shard)];
        let ending = theirs.clone();
        let ends = thread::spawn(move || ending.end(&error()));
        let kept = cell::monitor(&mine, &theirs);
        let given_up = cell::monitor(&mine, &theirs);
        let in_time = cell::demonitor(&mine, given_up);
        ends.join().unwrap();
        let mut told: Vec<_> = left(&mine)
            .0
            .into_iter()
            .map(|event| match event {
                Event::Down(Down { monitor, actor, .. }) => (monitor, actor),
                _ => panic!("a down"),
            })
            .collect();
        told.sort_unstable();
        let mut should = vec![(kept, ActorId(2))];
        should.extend((!in_time).then_some((given_up, ActorId(2))));
        assert_eq!(told, should);
        assert!(mine.has_nobody() && theirs.has_nobody());
    });
}

/// ACTOR-06
#[test]
fn ends_links_and_monitors_that_meet_leave_nothing_behind_and_nobody_waiting() {
    in_any_order(|| {
        let shard = Shard::new();
        let cells = [1, 2, 3].map(|id| actor(id, &shard));
        let threads: Vec<_> = (0..3)
            .map(|at| {
                let (mine, next) = (cells[at].clone(), cells[(at + 1) % 3].clone());
                thread::spawn(move || {
                    cell::link(&mine, &next);
                    cell::monitor(&mine, &next);
                    cell::unlink(&next, &mine);
                    cell::link(&next, &mine);
                    mine.end(&Reason::Killed);
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(cells.iter().all(|cell| cell.has_nobody()));
    });
}
