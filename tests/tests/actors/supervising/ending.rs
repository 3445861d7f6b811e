//! How supervisors end, and that none of their children is left.

use ws_std::supervisor::{Child, ChildError, Command, Shutdown, Supervisor};
use ws_std::{Address, Place, Reason};

use super::family::{CRASH, FIVE, Family, Job, Worker, crash, find, finish, making, states};
use super::often::watch;
use crate::puppet::{GUARD, SECOND, Stage, next, until, with};

/// ACTOR-08
#[test]
fn children_are_stopped_one_at_a_time_from_the_last() {
    let family = Family::new();
    let mut slow = family.stubborn("b");
    slow.name = "b";
    let supervisor = Supervisor::one_for_one()
        .child(family.permanent("a"))
        .child(making(Child::permanent, slow))
        .child(family.permanent("c"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+c"]);
    let ended = watch(&family, &supervisor);
    let b: Address<Job> = find(&supervisor, "b").address().unwrap();
    supervisor.actor().exit(Reason::Shutdown);
    family.expect(&["-c: shut down", "b hears: shut down"]);
    family.expect_nothing_more(&supervisor);
    b.tell(Box::new(|ctx| ctx.stop())).map_err(|error| error.to_string()).unwrap();
    family.expect(&["-b: done", "-a: shut down"]);
    assert!(matches!(next(&ended), Reason::Shutdown));
}

/// ACTOR-08
#[test]
fn a_child_that_does_not_end_in_its_time_is_killed() {
    let family = Family::new();
    let of = |name, shutdown| making(Child::permanent, family.stubborn(name)).shutdown(shutdown);
    let supervisor = Supervisor::one_for_one()
        .child(of("a", Shutdown::Kill))
        .child(of("b", Shutdown::Within(2 * SECOND)))
        .child(of("c", Shutdown::Infinity));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+c"]);
    let c = find(&supervisor, "c");
    supervisor.actor().exit(Reason::Shutdown);
    family.expect(&["c hears: shut down"]);
    family.advance(100 * FIVE);
    family.expect_nothing_more(&supervisor);
    c.kill();
    family.expect(&["-c: killed", "b hears: shut down"]);
    family.advance(2 * SECOND - std::time::Duration::from_millis(1));
    family.expect_nothing_more(&supervisor);
    family.advance(SECOND);
    family.expect(&["-b: killed", "-a: killed"]);
    until(|| supervisor.is_gone());
}

/// ACTOR-08: neither one that traps exits, nor one that has undone its link, nor one on a thread.
#[test]
fn a_supervisor_that_is_killed_leaves_nobody() {
    let family = Family::new();
    let thread = Worker { place: Place::Thread, ..family.stubborn("t") };
    let supervisor = Supervisor::one_for_one()
        .child(family.permanent("a"))
        .child(making(Child::permanent, family.stubborn("b")))
        .child(making(Child::permanent, thread));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+t"]);
    let all = ["a", "b", "t"].map(|id| find(&supervisor, id));
    let b: Address<Job> = all[1].address().unwrap();
    let boss = supervisor.actor().clone();
    let unlink = |reply: ws_std::Reply<()>| -> Job {
        Box::new(move |ctx| {
            ctx.me().unlink(&boss);
            reply.send(());
        })
    };
    b.ask(unlink, GUARD).unwrap();
    supervisor.actor().kill();
    let mut ends: Vec<String> = (0..3).map(|_| next(&family.said)).collect();
    ends.sort();
    assert_eq!(ends, ["-a: killed", "-b: killed", "-t: killed"]);
    until(|| all.iter().all(ws_std::ActorRef::is_gone));
}

/// ACTOR-08
#[test]
fn a_supervisor_ends_with_whoever_has_started_it_and_with_nobody_else() {
    for reason in [Reason::Normal, Reason::NoConnection] {
        let family = Family::new();
        let (parent, _told) = family.stage.agent();
        let supervisor =
            Supervisor::one_for_one().child(family.permanent("a")).child(family.permanent("b"));
        let supervisor = with(&parent, move |ctx| ctx.me().spawn_link(supervisor).unwrap());
        family.expect(&["+a", "+b"]);
        find(&supervisor, "b");
        let (other, _told) = family.stage.agent();
        let linked = supervisor.clone();
        with(&other, move |ctx| ctx.me().link(&linked));
        other.actor().kill();
        until(|| other.is_gone());
        supervisor.actor().exit(Reason::Normal);
        assert_eq!(states(&supervisor), "a running, b running");
        let ended = watch(&family, &supervisor);
        let parents = reason.clone();
        with(&parent, move |ctx| ctx.me().exit(parents));
        family.expect(&["-b: shut down", "-a: shut down"]);
        assert_eq!(next(&ended).to_string(), reason.to_string());
    }
}

/// ACTOR-08: also if the first has been started again, and is the youngest.
#[test]
fn a_server_that_stops_ends_children_from_the_last() {
    let family = Family::new();
    let inner = {
        let (x, y) = (family.worker("x"), family.worker("y"));
        Child::permanent("inner", move || {
            Supervisor::one_for_all()
                .child(making(Child::permanent, x.clone()))
                .child(making(Child::permanent, y.clone()))
        })
    };
    let supervisor = Supervisor::one_for_one()
        .intensity(5, FIVE)
        .child(family.permanent("a"))
        .child(inner)
        .child(family.permanent("b"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+x", "+y", "+b"]);
    find(&supervisor, "b");
    crash(&supervisor, "a");
    family.expect(&[&format!("-a: {CRASH}"), "+a"]);
    find(&supervisor, "inner").kill();
    family.expect(&["-y: killed", "-x: killed", "+x", "+y"]);
    find(&supervisor, "inner");
    let Family { stage, said, .. } = family;
    stage.server.stop();
    let ends: Vec<String> = said.try_iter().collect();
    assert_eq!(ends, ["-b", "-y", "-x", "-a"].map(|end| format!("{end}: shut down")));
}

/// ACTOR-08: one with a thread of its own hears of the stop by itself, and perhaps first.
#[test]
fn nobody_is_started_again_while_the_server_stops() {
    for _ in 0..30 {
        let family = Family::new();
        let workers =
            ["t", "u", "v"].map(|name| Worker { place: Place::Thread, ..family.worker(name) });
        let supervisor = Supervisor::one_for_one().intensity(1000, FIVE);
        let supervisor = workers
            .into_iter()
            .fold(supervisor, |it, worker| it.child(making(Child::permanent, worker)));
        let supervisor = family.start(supervisor);
        find(&supervisor, "v");
        let Family { stage: Stage { server, .. }, said, .. } = family;
        let metrics = server.metrics().clone();
        server.stop();
        let said: Vec<String> = said.try_iter().collect();
        assert_eq!(said[..3], ["+t", "+u", "+v"]);
        assert_eq!(said.len(), 6, "{said:?}");
        assert_eq!(metrics.snapshot().restarts, 0);
    }
}

/// ACTOR-08: what it waits for are its children, also those that have not begun.
#[test]
fn a_supervisor_that_is_asked_to_end_while_a_child_begins_ends_with_it() {
    let family = Family::new();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let blocks = Blocks { wait: Some(wait), worker: family.worker("slow") };
    let mut once = Some(blocks);
    let slow = Child::permanent("slow", move || once.take().unwrap());
    let supervisor = Supervisor::one_for_one()
        .child(family.permanent("a"))
        .child(slow)
        .child(family.permanent("never"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+slow"]);
    assert_eq!(states(&supervisor), "a running, slow starting, never stopped");
    supervisor.actor().exit(Reason::Shutdown);
    until(|| states(&supervisor) == "a running, slow stopping, never stopped");
    drop(go);
    family.expect(&["-slow: shut down", "-a: shut down"]);
    until(|| supervisor.is_gone());
}

/// One that takes its time to begin, on a thread of its own.
struct Blocks {
    wait: Option<std::sync::mpsc::Receiver<()>>,
    worker: Worker,
}

impl ws_std::Actor for Blocks {
    type Info = ();

    fn place(&self) -> Place {
        Place::Thread
    }

    fn on_start(&mut self, _: &mut ws_std::ActorContext<'_, Self>) {
        self.worker.log.send(format!("+{}", self.worker.name)).unwrap();
        self.wait.take().unwrap().recv().unwrap_err();
    }

    fn on_info(&mut self, _: &mut ws_std::ActorContext<'_, Self>, (): ()) {}

    fn on_stop(&mut self, _: &mut ws_std::ActorContext<'_, Self>, reason: &Reason) {
        self.worker.log.send(format!("-{}: {reason}", self.worker.name)).unwrap();
    }
}

/// ACTOR-08: it has been asked once, and has the time that it had.
#[test]
fn a_child_that_ends_already_is_waited_for_before_the_others_are_stopped() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .child(making(Child::permanent, family.stubborn("a")))
        .child(family.permanent("b"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b"]);
    let (agent, _told) = family.stage.agent();
    let (asked, (tell, told)) = (supervisor.clone(), std::sync::mpsc::channel());
    with(&agent, move |ctx| {
        let stop = |reply| Command::Stop("a".into(), reply);
        ctx.ask(&asked, stop, GUARD, move |_, _, stopped| tell.send(stopped).unwrap()).unwrap();
    });
    family.expect(&["a hears: shut down"]);
    family.advance(3 * SECOND);
    supervisor.actor().exit(Reason::Shutdown);
    assert!(matches!(next(&told), Ok(Err(ChildError::Ending))));
    assert_eq!(states(&supervisor), "a stopping, b running");
    family.advance(2 * SECOND);
    family.expect(&["-a: killed", "-b: shut down"]);
    until(|| supervisor.is_gone());
}

/// ACTOR-08
#[test]
fn a_done_child_is_not_stopped_again() {
    let family = Family::new();
    let supervisor =
        Supervisor::one_for_one().child(family.transient("a")).child(family.transient("b"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b"]);
    finish(&supervisor, "b");
    family.expect(&["-b: done"]);
    supervisor.actor().exit(Reason::Shutdown);
    family.expect(&["-a: shut down"]);
    until(|| supervisor.is_gone());
}
