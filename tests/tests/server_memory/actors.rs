//! Actors of whom much was wanted at once.

use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use ws_std::{Actor, ActorContext, Address, Clock, Down, Server, Threads};
use ws_tests::counting::live;
use ws_tests::peer::{GUARD, next, until};

use crate::harness::{alone, turn};

/// What an actor may keep of that.
const MOST_KEPT: usize = 1000;

/// So many actors.
const CROWD: usize = 200;

/// So much of each kind waits for each of them.
const MESSAGES: usize = 64;
const MOMENTS: usize = 500;
const MONITORS: usize = 300;

type Task = Box<dyn FnOnce(&mut ActorContext<'_, Obedient>) + Send>;

/// Does what it is told.
struct Obedient;

impl Actor for Obedient {
    type Info = Task;

    fn on_info(&mut self, ctx: &mut ActorContext<'_, Self>, task: Task) {
        task(ctx);
    }

    fn on_down(&mut self, _: &mut ActorContext<'_, Self>, _: Down) {}
}

fn spawn(server: &Server) -> Address<Task> {
    server.actors().spawn(Obedient).unwrap()
}

fn tell(
    actor: &Address<Task>,
    task: impl FnOnce(&mut ActorContext<'_, Obedient>) + Send + 'static,
) {
    assert!(actor.tell(Box::new(task)).is_ok());
}

/// Waits until it has done all that it was told before.
fn sync(actor: &Address<Task>) {
    let task = |reply: ws_std::Reply<()>| -> Task { Box::new(move |_| reply.send(())) };
    // Its mailbox may be full.
    until(|| actor.ask(task, GUARD).is_ok());
}

/// Has the only shard do nothing until the sender is dropped.
fn hold(idler: &Address<Task>) -> Sender<()> {
    let ((begin, begun), (release, held)) = (channel(), channel::<()>());
    tell(idler, move |_| {
        begin.send(()).unwrap();
        held.recv().unwrap_err();
    });
    next(&begun);
    release
}

/// SEC-01, ACTOR-08
#[test]
fn what_a_burst_takes_of_an_actor_is_given_back() {
    let _alone = alone();
    let (clock, hand) = Clock::manual();
    let handler = ws_std::on_message(|_, _| {});
    let server = Server::builder(handler).threads(Threads::Fixed(1)).clock(clock);
    let server = server.listen("127.0.0.1:0").unwrap().start().unwrap();
    let (idler, victim) = (spawn(&server), spawn(&server));
    let crowd: Vec<_> = (0..CROWD).map(|_| spawn(&server)).collect();
    crowd.iter().for_each(sync);
    turn(server.address().unwrap());
    let before = live();

    let second = Duration::from_secs(1);
    for actor in &crowd {
        let watched = victim.clone();
        tell(actor, move |ctx| {
            (0..MONITORS).for_each(|_| _ = ctx.me().monitor(&watched));
            (0..MOMENTS).for_each(|_| _ = ctx.after(second, |_, _| ()).unwrap());
        });
        sync(actor);
    }
    let release = hold(&idler);
    for actor in &crowd {
        (0..MESSAGES).for_each(|_| tell(actor, |_| ()));
    }
    victim.actor().kill();
    hand.advance(second);
    let during = (live() - before) / CROWD;
    drop(release);
    for _ in 0..MOMENTS.div_ceil(MESSAGES) + 1 {
        crowd.iter().for_each(sync);
        turn(server.address().unwrap());
    }
    let after = live().saturating_sub(before) / CROWD;
    println!("{during} B more for each of {CROWD} actors, and then {after} B");
    assert!(during > 10 * MOST_KEPT, "{during} B");
    assert!(after <= MOST_KEPT, "{after} B");
}
