//! How often a supervisor tries.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ws_std::supervisor::{Child, ChildState, Command, Failure, Supervisor};
use ws_std::{Actor, ActorContext, ActorRef, Address, Down, Reason};

use super::family::{CRASH, FIVE, Family, ask, count, crash, find, list, states};
use crate::puppet::{SECOND, next, until, with};

/// Tells how whoever it watches has ended.
struct Watch(Sender<Reason>, ActorRef);

impl Actor for Watch {
    type Info = ();

    fn on_start(&mut self, ctx: &mut ActorContext<'_, Self>) {
        ctx.me().monitor(&self.1);
    }

    fn on_info(&mut self, _: &mut ActorContext<'_, Self>, (): ()) {}

    fn on_down(&mut self, _: &mut ActorContext<'_, Self>, down: Down) {
        self.0.send(down.reason).unwrap();
    }
}

/// How it will have ended.
pub(super) fn watch<M: Send + 'static>(family: &Family, other: &Address<M>) -> Receiver<Reason> {
    let (tell, told) = channel();
    family.stage.server.actors().spawn(Watch(tell, other.actor().clone())).unwrap();
    // It watches once it has been told something, since it began before.
    let (agent, _) = family.stage.agent();
    with(&agent, |_| ());
    told
}

pub(super) fn failure(reason: &Reason) -> &Failure {
    let Reason::Error(error) = reason else { panic!("{reason}") };
    error.downcast_ref().unwrap()
}

/// ACTOR-08
#[test]
fn a_supervisor_gives_up_with_one_restart_more_than_it_bears_and_leaves_nobody() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .intensity(2, FIVE)
        .named("boss")
        .child(family.permanent("a").named("the a"))
        .child(family.permanent("b"))
        .child(family.permanent("c"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+c"]);
    let ended = watch(&family, &supervisor);
    let dead = format!("-a: {CRASH}");
    for _ in 0..2 {
        crash(&supervisor, "a");
        family.expect(&[&dead, "+a"]);
    }
    crash(&supervisor, "a");
    family.expect(&[&dead, "-c: shut down", "-b: shut down"]);
    let reason = next(&ended);
    assert!(
        matches!(failure(&reason), Failure::GaveUp { child, reason: Reason::Panic(_), .. } if child == "a")
    );
    assert!(supervisor.is_gone());
    let actors = family.stage.server.actors();
    assert_eq!((actors.find_any("the a"), actors.find_any("boss")), (None, None));
    let counted = family.stage.server.metrics().snapshot();
    assert_eq!((counted.restarts, counted.gave_up), (2, 1));
}

/// ACTOR-08
#[test]
fn what_is_long_enough_ago_does_not_count() {
    let family = Family::new();
    let supervisor =
        family.start(Supervisor::one_for_one().intensity(2, FIVE).child(family.permanent("a")));
    family.expect(&["+a"]);
    for _ in 0..20 {
        crash(&supervisor, "a");
        family.expect(&[&format!("-a: {CRASH}"), "+a"]);
        find(&supervisor, "a");
        family.advance(Duration::from_millis(2501));
    }
    assert_eq!(states(&supervisor), "a running");
}

/// ACTOR-08: one within five seconds, as in Erlang/OTP.
#[test]
fn one_restart_is_borne_if_nothing_is_said() {
    let family = Family::new();
    let supervisor = family.start(Supervisor::one_for_one().child(family.permanent("a")));
    family.expect(&["+a"]);
    crash(&supervisor, "a");
    family.expect(&[&format!("-a: {CRASH}"), "+a"]);
    family.advance(FIVE);
    crash(&supervisor, "a");
    until(|| supervisor.is_gone());
}

/// ACTOR-08
#[test]
fn restarts_are_put_off_longer_each_time() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .intensity(10, Duration::from_secs(60))
        .backoff(SECOND, 3 * SECOND)
        .child(family.permanent("a"))
        .child(family.permanent("b"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b"]);
    let dead = format!("-a: {CRASH}");
    crash(&supervisor, "a");
    family.expect(&[&dead, "+a"]);
    for seconds in [1, 2, 3, 3] {
        crash(&supervisor, "a");
        family.expect(&[&dead]);
        until(|| states(&supervisor) == "a restarting, b running");
        family.advance(seconds * SECOND - Duration::from_millis(1));
        family.expect_nothing_more(&supervisor);
        family.advance(Duration::from_millis(1));
        family.expect(&["+a"]);
    }
}

/// ACTOR-08: more than an actor may wait for at a time.
#[test]
fn any_number_of_children_may_fail_at_once() {
    for backoff in [Duration::ZERO, SECOND] {
        let family = Family::new();
        let mut supervisor =
            Supervisor::one_for_one().intensity(u32::MAX, FIVE).backoff(backoff, backoff);
        for number in 0..1500 {
            let worker = family.worker("some");
            supervisor = supervisor
                .child(Child::permanent(format!("child {number}"), move || worker.clone()));
        }
        let supervisor = family.start(supervisor);
        until(|| count(&supervisor).running == 1500);
        let before = list(&supervisor);
        for child in &before {
            let ChildState::Running(actor) = &child.state else { panic!("{child:?}") };
            actor.kill();
        }
        let restarts = || family.stage.server.metrics().snapshot().restarts;
        until(|| restarts() == 1500);
        family.advance(backoff);
        until(|| count(&supervisor).running == 1500);
        assert_eq!(restarts(), 1500);
    }
}

/// ACTOR-08: each of them is tried as often as it has to be, and no more.
#[test]
fn any_number_of_children_may_fail_to_start_at_once() {
    let family = Family::new();
    let mut supervisor = Supervisor::one_for_one().intensity(u32::MAX, FIVE);
    for number in 0..1100 {
        let (worker, mut made) = (family.worker("some"), 0);
        supervisor = supervisor.child(Child::permanent(format!("child {number}"), move || {
            made += 1;
            assert_ne!(made, 2, "not now");
            worker.clone()
        }));
    }
    let supervisor = family.start(supervisor);
    until(|| count(&supervisor).running == 1100);
    // All at once: while it does this it hears nothing.
    let running = list(&supervisor);
    let all = running.len();
    let (agent, _) = family.stage.agent();
    with(&agent, move |_| {
        for child in running {
            let ChildState::Running(actor) = child.state else { panic!("{child:?}") };
            actor.kill();
        }
    });
    until(|| family.stage.server.metrics().snapshot().restarts >= 2 * all as u64);
    until(|| count(&supervisor).running == all);
    assert_eq!(family.stage.server.metrics().snapshot().restarts, 2 * all as u64);
}

/// ACTOR-08: whoever bears everything must not be deaf.
#[test]
fn a_supervisor_that_tries_for_ever_hears_others_meanwhile() {
    let family = Family::new();
    let (worker, mut made) = (family.worker("a"), 0);
    let broken = Child::permanent("a", move || {
        made += 1;
        assert_eq!(made, 1, "made once");
        worker.clone()
    });
    let supervisor = Supervisor::one_for_one().intensity(u32::MAX, FIVE).child(broken);
    let supervisor = family.start(supervisor);
    crash(&supervisor, "a");
    until(|| family.stage.server.metrics().snapshot().restarts > 1100);
    assert_eq!(states(&supervisor), "a restarting");
    ask(&supervisor, |reply| Command::Stop("a".into(), reply)).unwrap();
    assert_eq!(states(&supervisor), "a stopped");
    let tried = family.stage.server.metrics().snapshot().restarts;
    states(&supervisor);
    assert_eq!(family.stage.server.metrics().snapshot().restarts, tried);
}
