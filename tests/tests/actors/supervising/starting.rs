//! Children that fail to start.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ws_std::supervisor::{Child, ChildError, Command, Failure, Supervisor};
use ws_std::{Actor, ActorContext, Reason};

use super::family::{CRASH, FIVE, Family, ask, crash, find, finish, making, states};
use super::often::{failure, watch};
use crate::puppet::{next, until, with};

/// One that does not get far.
struct Stillborn(Reason);

impl Actor for Stillborn {
    type Info = ();

    fn on_start(&mut self, ctx: &mut ActorContext<'_, Self>) {
        match &self.0 {
            Reason::Panic(_) => panic!("oh no"),
            reason => ctx.me().exit(reason.clone()),
        }
    }

    fn on_info(&mut self, _: &mut ActorContext<'_, Self>, (): ()) {}
}

fn stillborn(id: &'static str, reason: Reason) -> Child {
    Child::permanent(id, move || Stillborn(reason.clone()))
}

/// ACTOR-08
#[test]
fn a_supervisor_whose_child_does_not_start_stops_those_before_it_and_ends() {
    let panic = Reason::Panic("".into());
    let unmade = |_: &Family| Child::permanent("bad", || -> Stillborn { panic!("oh no") });
    let kinds: [&dyn Fn(&Family) -> Child; 5] = [
        &move |_| stillborn("bad", panic.clone()),
        &|_| stillborn("bad", Reason::NoConnection),
        &unmade,
        &|family| {
            let (agent, _) = family.stage.agent();
            with(&agent, |ctx| ctx.me().register("taken").unwrap());
            family.permanent("bad").named("taken")
        },
        &|family| family.permanent("bad").named(&"x".repeat(256)),
    ];
    for kind in kinds {
        let family = Family::new();
        let supervisor = Supervisor::one_for_one()
            .intensity(10, FIVE)
            .child(family.permanent("a"))
            .child(family.permanent("b"))
            .child(kind(&family))
            .child(family.permanent("never"));
        let (agent, told) = family.stage.agent();
        let supervisor = with(&agent, move |ctx| {
            ctx.me().trap_exits();
            ctx.me().spawn_link(supervisor).unwrap()
        });
        family.expect(&["+a", "+b", "-b: shut down", "-a: shut down"]);
        let exit = next(&told);
        assert!(exit.starts_with("exit: the child bad did not start: "), "{exit}");
        assert!(supervisor.is_gone());
    }
}

/// ACTOR-08: every attempt is a restart, and others go on meanwhile.
#[test]
fn a_child_that_does_not_start_again_is_tried_until_it_is_too_often() {
    let family = Family::new();
    let made = Arc::new(AtomicU32::new(0));
    let (worker, making) = (family.worker("a"), made.clone());
    let flaky = Child::permanent("a", move || {
        assert_eq!(making.fetch_add(1, Ordering::SeqCst), 0, "made once");
        worker.clone()
    });
    let supervisor =
        Supervisor::one_for_one().intensity(7, FIVE).child(flaky).child(family.permanent("b"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b"]);
    find(&supervisor, "b");
    let ended = watch(&family, &supervisor);
    crash(&supervisor, "a");
    family.expect(&[&format!("-a: {CRASH}"), "-b: shut down"]);
    let reason = next(&ended);
    assert!(
        matches!(failure(&reason), Failure::GaveUp { child, reason: Reason::Panic(_), .. } if child == "a")
    );
    assert_eq!(made.load(Ordering::SeqCst), 8);
}

/// ACTOR-08
#[test]
fn a_group_whose_middle_does_not_start_again_is_tried_as_a_group() {
    for (all, supervisor) in
        [(true, Supervisor::one_for_all()), (false, Supervisor::rest_for_one())]
    {
        let family = Family::new();
        let made = Arc::new(AtomicU32::new(0));
        let worker = family.worker("b");
        // The second time it fails.
        let flaky = Child::permanent("b", move || {
            assert_ne!(made.fetch_add(1, Ordering::SeqCst), 1, "not now");
            worker.clone()
        });
        let supervisor = supervisor
            .intensity(2, FIVE)
            .child(family.permanent("a"))
            .child(flaky)
            .child(family.permanent("c"));
        let supervisor = family.start(supervisor);
        family.expect(&["+a", "+b", "+c"]);
        find(&supervisor, "c");
        crash(&supervisor, "a");
        let stopped = ["-c: shut down", "-b: shut down", "+a"];
        family.expect(&[&format!("-a: {CRASH}")]);
        family.expect(&stopped);
        if all {
            family.expect(&["-a: shut down", "+a"]);
        }
        family.expect(&["+b", "+c"]);
        until(|| states(&supervisor) == "a running, b running, c running");
        assert_eq!(family.stage.server.metrics().snapshot().restarts, 2);
    }
}

/// ACTOR-08
#[test]
fn a_child_that_is_done_before_it_has_begun_has_not_failed() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .child(Child::transient("short", || Stillborn(Reason::Normal)))
        .child(family.permanent("a"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a"]);
    find(&supervisor, "a");
    until(|| states(&supervisor) == "short stopped, a running");
}

/// ACTOR-08
#[test]
fn what_fails_to_start_when_it_is_added_is_not_added() {
    let family = Family::new();
    let supervisor = family.start(Supervisor::one_for_one().child(family.transient("a")));
    let bad = stillborn("bad", Reason::NoConnection);
    let started = ask(&supervisor, |reply| Command::Start(bad, reply));
    assert!(matches!(started, Err(ChildError::NotStarted(Reason::NoConnection))), "{started:?}");
    let bad = Child::temporary("bad", || -> Stillborn { panic!("oh no") });
    let started = ask(&supervisor, |reply| Command::Start(bad, reply));
    assert!(matches!(started, Err(ChildError::NotStarted(Reason::Panic(_)))), "{started:?}");
    assert_eq!(states(&supervisor), "a running");
    finish(&supervisor, "a");
    family.expect(&["+a", "-a: done"]);
    family.expect_nothing_more(&supervisor);
}

/// ACTOR-08
#[test]
fn two_children_of_one_name_are_a_mistake_that_is_told() {
    let family = Family::new();
    let (agent, told) = family.stage.agent();
    let supervisor = Supervisor::one_for_one()
        .child(family.permanent("a"))
        .child(making(Child::temporary, family.worker("a")));
    with(&agent, move |ctx| {
        ctx.me().trap_exits();
        ctx.me().spawn_link(supervisor).unwrap();
    });
    assert_eq!(next(&told), "exit: two children are called a");
}
