//! Which ends are followed by another beginning.

use ws_std::supervisor::Supervisor;
use ws_std::{Address, Reason};

use super::family::{CRASH, FIVE, Family, Job, crash, find, finish, states, tell};

/// ACTOR-08
#[test]
fn a_permanent_child_is_started_again_however_it_ended() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one().intensity(10, FIVE).child(family.permanent("a"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a"]);
    crash(&supervisor, "a");
    family.expect(&[&format!("-a: {CRASH}"), "+a"]);
    finish(&supervisor, "a");
    family.expect(&["-a: done", "+a"]);
    find(&supervisor, "a").kill();
    family.expect(&["-a: killed", "+a"]);
    find(&supervisor, "a").exit(Reason::Shutdown);
    family.expect(&["-a: shut down", "+a"]);
    assert_eq!(family.stage.server.metrics().snapshot().restarts, 4);
}

/// ACTOR-08
#[test]
fn a_transient_child_is_started_again_if_it_failed() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .intensity(10, FIVE)
        .child(family.transient("a"))
        .child(family.transient("b"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b"]);
    crash(&supervisor, "a");
    family.expect(&[&format!("-a: {CRASH}"), "+a"]);
    find(&supervisor, "a").kill();
    family.expect(&["-a: killed", "+a"]);
    tell(&supervisor, "a", |ctx| ctx.me().exit(Reason::error(std::fmt::Error)));
    family.expect(&[&format!("-a: {}", std::fmt::Error), "+a"]);
    finish(&supervisor, "a");
    family.expect(&["-a: done"]);
    find(&supervisor, "b").exit(Reason::Shutdown);
    family.expect(&["-b: shut down"]);
    family.expect_nothing_more(&supervisor);
    assert_eq!(states(&supervisor), "a stopped, b stopped");
}

/// ACTOR-08
#[test]
fn a_temporary_child_is_never_started_again_and_forgotten() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .intensity(0, FIVE)
        .child(family.temporary("a"))
        .child(family.temporary("b"));
    let supervisor = family.start(supervisor);
    family.expect(&["+a", "+b"]);
    crash(&supervisor, "a");
    family.expect(&[&format!("-a: {CRASH}")]);
    finish(&supervisor, "b");
    family.expect(&["-b: done"]);
    family.expect_nothing_more(&supervisor);
    assert_eq!(states(&supervisor), "");
}

/// ACTOR-08: the old one has ended, and given its name back, before there is a new one.
#[test]
fn a_name_finds_whichever_incarnation_there_is() {
    let family = Family::new();
    let supervisor =
        Supervisor::one_for_one().intensity(200, FIVE).child(family.permanent("a").named("the a"));
    let supervisor = family.start(supervisor);
    let actors = family.stage.server.actors();
    family.expect(&["+a"]);
    let mut before: Option<Address<Job>> = None;
    for _ in 0..100 {
        let child = find(&supervisor, "a");
        let named: Address<Job> = actors.find("the a").unwrap();
        assert_eq!(named.actor(), &child);
        assert_ne!(before.replace(named), actors.find("the a"));
        crash(&supervisor, "a");
        family.expect(&[&format!("-a: {CRASH}"), "+a"]);
    }
}

/// ACTOR-08
#[test]
fn what_one_incarnation_has_not_heard_is_not_told_the_next() {
    let family = Family::new();
    let supervisor = family.start(Supervisor::one_for_one().child(family.permanent("a")));
    family.expect(&["+a"]);
    let a: Address<Job> = find(&supervisor, "a").address().unwrap();
    let itself = a.clone();
    let job: Job = Box::new(move |_| {
        itself.tell(Box::new(|_| unreachable!())).map_err(|error| error.to_string()).unwrap();
        panic!("oh no");
    });
    a.tell(job).map_err(|error| error.to_string()).unwrap();
    family.expect(&["a has not heard", &format!("-a: {CRASH}"), "+a"]);
    assert!(a.tell(Box::new(|_| ())).is_err(), "it is another one now");
}
