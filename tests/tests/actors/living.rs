//! Where actors live, and what becomes of many.

use std::sync::mpsc::{Sender, channel};

use ws_std::{Actor, ActorContext, Limits, Place, Reason, Threads};

use crate::puppet::{Agent, Stage, Task, at, next, until, with};

/// ACTOR-08
#[test]
fn a_storm_of_ends_leaves_nobody() {
    let stage = Stage::on(2);
    let (tell, told) = channel();
    let mut all = vec![];
    for place in [Place::Shard, Place::Shard, Place::Thread].iter().cycle().take(90) {
        let agent = Agent { told: tell.clone(), place: *place };
        all.push(stage.server.actors().spawn(agent).unwrap());
    }
    for (at, agent) in all.iter().enumerate() {
        let next = all[(at + 1) % all.len()].clone();
        with(agent, move |ctx| ctx.me().link(&next));
    }
    let panic: Task = Box::new(|_| panic!("one for all"));
    all[45].tell(panic).map_err(|error| error.to_string()).unwrap();
    for _ in 0..90 {
        assert_eq!(next(&told), "stopped: the handler panicked: one for all");
    }
    until(|| all.iter().all(ws_std::Address::is_gone));
}

/// ACTOR-08
#[test]
fn a_server_that_stops_ends_its_actors_wherever_they_live() {
    for threads in [Threads::Fixed(2), Threads::PerConnection] {
        let stage = Stage::with(|builder| builder.threads(threads));
        let (tell, told) = channel();
        for place in [Place::Shard, Place::Thread] {
            let agent = Agent { told: tell.clone(), place };
            stage.server.actors().spawn(agent).unwrap();
        }
        let actors = stage.server.actors().clone();
        stage.server.stop();
        let ends: Vec<String> = told.try_iter().collect();
        assert_eq!(ends, ["stopped: shut down"; 2], "{threads:?}");
        assert!(actors.spawn(Agent { told: tell, place: Place::Shard }).is_err());
    }
}

/// ACTOR-08
#[test]
fn whoever_starts_an_actor_linked_hears_of_its_end_however_soon() {
    let stage = Stage::on(2);
    let (_peer, connection) = stage.client();
    at(&connection, |ctx| {
        ctx.me().trap_exits();
        let (agent, _told) = Agent::new();
        let agent = ctx.me().spawn_link(agent).unwrap();
        agent.actor().exit(Reason::NoConnection);
        let (agent, _told) = Agent::new();
        let me = ctx.me();
        me.monitor(me.spawn(agent).unwrap());
        let (agent, _told) = Agent::new();
        let gone = ctx.me().spawn_link(agent).unwrap();
        ctx.me().unlink(&gone);
        gone.actor().kill();
    });
    assert_eq!(next(&stage.told), "exit: its node cannot be reached");
    drop(stage.server);
    // The one that was only watched ended after its watcher, or before: it is told or not.
    let told: Vec<String> =
        stage.told.try_iter().filter(|told| !told.starts_with("down")).collect();
    assert_eq!(told, ["closed: shut down"]);
}

/// Tells what becomes of it.
struct Newborn(Sender<&'static str>);

impl Actor for Newborn {
    type Info = ();

    fn on_start(&mut self, _: &mut ActorContext<'_, Self>) {
        self.0.send("begun").unwrap();
    }

    fn on_info(&mut self, _: &mut ActorContext<'_, Self>, (): ()) {
        self.0.send("told").unwrap();
    }

    fn on_undelivered(&mut self, (): ()) {
        self.0.send("undelivered").unwrap();
    }

    fn on_stop(&mut self, _: &mut ActorContext<'_, Self>, _: &Reason) {
        self.0.send("stopped").unwrap();
    }
}

/// ACTOR-08
#[test]
fn whoever_is_to_end_before_it_begins_never_begins_and_others_hear_why() {
    let stage = Stage::on(1);
    let (agent, told) = stage.agent();
    for reason in [None, Some(Reason::NoConnection)] {
        let (tell, tells) = channel();
        let end = reason.clone().unwrap_or(Reason::Killed);
        with(&agent, move |ctx| {
            let me = ctx.me();
            me.trap_exits();
            let newborn = me.spawn_link(Newborn(tell)).unwrap();
            me.monitor(&newborn);
            newborn.tell(()).unwrap();
            match reason {
                None => newborn.actor().kill(),
                Some(reason) => newborn.actor().exit(reason),
            }
        });
        assert_eq!([next(&told), next(&told)], [format!("exit: {end}"), format!("down: {end}")]);
        assert_eq!(tells.iter().collect::<Vec<_>>(), ["undelivered"]);
    }
}

/// Panics when it is dropped.
#[derive(Debug)]
struct Bomb;

impl std::fmt::Display for Bomb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a bomb")
    }
}

impl std::error::Error for Bomb {}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("as it is dropped");
    }
}

/// ACTOR-01
#[test]
fn a_reason_that_panics_when_it_is_dropped_harms_nobody() {
    let stage = Stage::on(1);
    let (_peer, other) = stage.client();
    let (_victim, connection) = stage.client();
    connection.actor().exit(Reason::error(Bomb));
    assert_eq!(next(&stage.told), "closed: a bomb");
    at(&other, |_| ());
    let (agent, told) = stage.agent();
    with(&agent, |_| ());
    agent.actor().exit(Reason::error(Bomb));
    assert_eq!(next(&told), "stopped: a bomb");
    at(&other, |_| ());
}

/// ACTOR-08, SEC-01: who begins to watch again and again does not fill the memory.
#[test]
fn an_actor_that_monitors_too_many_ends_and_no_other() {
    let limits = Limits { monitors: 3, ..Limits::default() };
    let stage = Stage::with(|builder| builder.threads(Threads::Fixed(1)).limits(limits));
    let (_peer, other) = stage.client();
    let (agent, told) = stage.agent();
    let watched = other.clone();
    // One that is ended, or told, counts no more.
    with(&agent, move |ctx| {
        let me = ctx.me();
        let all = [(); 3].map(|()| me.monitor(&watched));
        assert!(all.iter().all(|monitor| me.demonitor(*monitor)));
        [(); 3].map(|()| me.monitor(&watched))
    });
    other.actor().kill();
    assert_eq!([(); 3].map(|()| next(&told)), ["down: killed"; 3]);
    let (_peer, watched) = stage.client();
    with(&agent, move |ctx| [(); 5].map(|()| ctx.me().monitor(&watched)));
    assert_eq!(next(&told), "stopped: it monitors too many actors");
    // So does a connection.
    let (_victim, connection) = stage.client();
    let (watched, _told) = stage.agent();
    at(&connection, move |ctx| [(); 4].map(|()| ctx.me().monitor(&watched)));
    until(|| stage.told.try_iter().any(|told| told == "closed: it monitors too many actors"));
}
