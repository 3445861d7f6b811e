//! Supervisors of supervisors.

use ws_std::Address;
use ws_std::supervisor::{Child, Command, Supervisor};

use super::family::{CRASH, FIVE, Family, Worker, crash, find, making, states};
use crate::puppet::{next, until, with};

/// A child that is a supervisor of two, the second of which traps exits.
fn inner(id: &'static str, first: Worker, second: Worker) -> Child {
    Child::transient(id, move || {
        Supervisor::rest_for_one()
            .intensity(1, FIVE)
            .child(making(Child::permanent, first.clone()))
            .child(making(Child::permanent, second.clone()))
    })
}

fn below(supervisor: &Address<Command>, id: &'static str) -> Address<Command> {
    find(supervisor, id).address().unwrap()
}

/// ACTOR-08: a child that is a supervisor has begun when its own children have.
#[test]
fn a_tree_starts_in_order_and_stops_in_reverse() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .child(family.permanent("a"))
        .child(inner("left", family.worker("b"), family.worker("c")))
        .child(inner("right", family.worker("d"), family.stubborn("e")))
        .child(family.permanent("f"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+c", "+d", "+e", "+f"]);
    find(&supervisor, "f");
    supervisor.actor().exit(ws_std::Reason::Shutdown);
    family.expect(&["-f: shut down", "e hears: shut down"]);
    assert_eq!(states(&supervisor), "a running, left running, right stopping, f stopped");
    family.advance(FIVE);
    family.expect(&["-e: killed"]);
    let stops = ["-d", "-c", "-b", "-a"].map(|name| format!("{name}: shut down"));
    family.expect(&stops.each_ref().map(String::as_str));
    until(|| supervisor.is_gone());
}

/// ACTOR-08: to give up is a failure, also of a child that may end.
#[test]
fn one_that_gives_up_is_started_again_by_the_one_above() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .child(inner("inner", family.worker("a"), family.worker("b")))
        .child(family.permanent("c"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+c"]);
    let dead = format!("-b: {CRASH}");
    crash(&below(&supervisor, "inner"), "b");
    family.expect(&[&dead, "+b"]);
    crash(&below(&supervisor, "inner"), "b");
    family.expect(&[&dead, "-a: shut down", "+a", "+b"]);
    let counted = family.stage.server.metrics().snapshot();
    assert_eq!((counted.gave_up, counted.restarts), (1, 2));
    // And so on, up to the top.
    crash(&below(&supervisor, "inner"), "b");
    family.expect(&[&dead, "+b"]);
    crash(&below(&supervisor, "inner"), "b");
    family.expect(&[&dead, "-a: shut down", "-c: shut down"]);
    until(|| supervisor.is_gone());
    assert_eq!(family.stage.server.metrics().snapshot().gave_up, 3);
}

/// ACTOR-08
#[test]
fn one_whose_child_does_not_start_is_a_child_that_does_not_start() {
    let family = Family::new();
    let (agent, told) = family.stage.agent();
    let bad = Child::permanent("bad", || -> Worker { panic!("oh no") });
    let mut bad = Some(bad);
    let inner =
        Child::permanent("inner", move || Supervisor::one_for_one().child(bad.take().unwrap()));
    let supervisor = Supervisor::one_for_one().child(family.permanent("a")).child(inner);
    with(&agent, move |ctx| {
        ctx.me().trap_exits();
        ctx.me().spawn_link(supervisor).unwrap();
    });
    family.expect(&["+a", "-a: shut down"]);
    assert_eq!(
        next(&told),
        "exit: the child inner did not start: the child bad did not start: the handler panicked: oh no"
    );
}

/// ACTOR-08: in a tree nobody is left either.
#[test]
fn a_kill_at_the_top_ends_the_whole_tree() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .child(inner("left", family.worker("a"), family.stubborn("b")))
        .child(inner("right", family.worker("c"), family.stubborn("d")));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+c", "+d"]);
    let (left, right) = (below(&supervisor, "left"), below(&supervisor, "right"));
    supervisor.actor().kill();
    let ends = ["-d: killed", "-c: killed", "-b: killed", "-a: killed"];
    let mut said: Vec<String> = ends.iter().map(|_| next(&family.said)).collect();
    said.sort_by(|one, other| other.cmp(one));
    assert_eq!(said, ends);
    until(|| left.is_gone() && right.is_gone());
}
