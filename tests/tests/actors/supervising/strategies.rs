//! Who else is stopped and started again when a child fails.

use ws_std::supervisor::{Child, Supervisor};
use ws_std::{Place, Reason, Threads};

use super::family::{CRASH, FIVE, Family, Job, Worker, crash, find, finish, making, states};
use crate::puppet::until;

/// ACTOR-08
#[test]
fn one_for_one_starts_only_the_one_that_failed_again() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one();
    let supervisor =
        ["a", "b", "c"].iter().fold(supervisor, |it, id| it.child(family.permanent(id)));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+c"]);
    let (a, b) = (find(&supervisor, "a"), find(&supervisor, "b"));
    crash(&supervisor, "b");
    family.expect(&[&format!("-b: {CRASH}"), "+b"]);
    assert_ne!(find(&supervisor, "b"), b);
    assert_eq!(find(&supervisor, "a"), a);
    assert_eq!(states(&supervisor), "a running, b running, c running");
    family.expect_nothing_more(&supervisor);
}

/// ACTOR-08
#[test]
fn one_for_all_stops_all_others_from_the_last_and_starts_all_from_the_first() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_all();
    let supervisor =
        ["a", "b", "c", "d"].iter().fold(supervisor, |it, id| it.child(family.permanent(id)));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+c", "+d"]);
    crash(&supervisor, "b");
    let stop = ["-d: shut down", "-c: shut down", "-a: shut down"];
    family.expect(&[&format!("-b: {CRASH}")]);
    family.expect(&stop);
    family.expect(&["+a", "+b", "+c", "+d"]);
    family.expect_nothing_more(&supervisor);
}

/// ACTOR-08
#[test]
fn rest_for_one_does_so_with_those_that_came_after() {
    let family = Family::new();
    let supervisor = Supervisor::rest_for_one();
    let supervisor =
        ["a", "b", "c", "d"].iter().fold(supervisor, |it, id| it.child(family.permanent(id)));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+c", "+d"]);
    let a = find(&supervisor, "a");
    crash(&supervisor, "b");
    family.expect(&[&format!("-b: {CRASH}"), "-d: shut down", "-c: shut down"]);
    family.expect(&["+b", "+c", "+d"]);
    assert_eq!(find(&supervisor, "a"), a);
    family.expect_nothing_more(&supervisor);
}

/// ACTOR-08: what has done what it had to is no failure, but starts again with all others.
#[test]
fn a_group_takes_those_with_it_that_are_done_and_loses_those_that_are_temporary() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_all()
        .child(family.permanent("a"))
        .child(family.transient("b"))
        .child(family.temporary("c"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b", "+c"]);
    finish(&supervisor, "b");
    family.expect(&["-b: done"]);
    crash(&supervisor, "a");
    family.expect(&[&format!("-a: {CRASH}"), "-c: shut down", "+a", "+b"]);
    find(&supervisor, "b");
    assert_eq!(states(&supervisor), "a running, b running");
    family.expect_nothing_more(&supervisor);
}

/// ACTOR-08: both have ended, but it was one restart, since the second would have been stopped.
#[test]
fn two_that_fail_at_once_are_started_again_once() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_all()
        .intensity(1, FIVE)
        .child(family.permanent("a"))
        .child(making(Child::permanent, family.stubborn("b")));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b"]);
    let b = find(&supervisor, "b");
    let a = find(&supervisor, "a").address::<Job>().unwrap();
    // It ends while it is asked to.
    a.tell(Box::new(move |_| {
        b.kill();
        panic!("oh no");
    }))
    .map_err(|error| error.to_string())
    .unwrap();
    family.expect(&[&format!("-a: {CRASH}"), "-b: killed", "+a", "+b"]);
    find(&supervisor, "b");
    assert_eq!(states(&supervisor), "a running, b running");
    family.expect_nothing_more(&supervisor);
    assert_eq!(family.stage.server.metrics().snapshot().restarts, 1);
}

/// ACTOR-08: also where every actor has a thread of its own, and where children want one.
#[test]
fn groups_keep_their_order_wherever_their_members_live() {
    let threads = [Threads::Fixed(1), Threads::Fixed(3), Threads::PerConnection];
    for (threads, place) in
        threads.into_iter().flat_map(|it| [(it, Place::Shard), (it, Place::Thread)])
    {
        let family = Family::on(threads);
        let supervisor = Supervisor::one_for_all().intensity(10, FIVE);
        let supervisor = ["a", "b", "c"].into_iter().fold(supervisor, |it, name| {
            it.child(making(Child::permanent, Worker { place, ..family.worker(name) }))
        });
        let supervisor = family.start(supervisor);
        family.expect(&["+a", "+b", "+c"]);
        for _ in 0..5 {
            find(&supervisor, "c");
            crash(&supervisor, "b");
            family.expect(&[&format!("-b: {CRASH}"), "-c: shut down", "-a: shut down"]);
            family.expect(&["+a", "+b", "+c"]);
        }
        find(&supervisor, "c");
        supervisor.actor().exit(Reason::Shutdown);
        family.expect(&["-c: shut down", "-b: shut down", "-a: shut down"]);
        until(|| supervisor.is_gone());
    }
}
