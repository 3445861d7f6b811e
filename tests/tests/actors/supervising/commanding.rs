//! What a supervisor is told while it runs.

use std::sync::mpsc::channel;

use ws_std::supervisor::{Child, ChildError, Command, Supervisor};
use ws_std::{Address, AskError, Reason};

use super::family::{CRASH, FIVE, Family, ask, count, crash, find, list, making, states};
use crate::puppet::{GUARD, SECOND, at, next, until, with};

/// A child that is stopped, started or forgotten, and what comes of it.
fn stop(supervisor: &Address<Command>, id: &'static str) -> Result<(), String> {
    ask(supervisor, |reply| Command::Stop(id.into(), reply)).map_err(|error| error.to_string())
}

fn restart(supervisor: &Address<Command>, id: &'static str) -> Result<(), String> {
    let restarted = ask(supervisor, |reply| Command::Restart(id.into(), reply));
    restarted.map(|_| ()).map_err(|error| error.to_string())
}

fn delete(supervisor: &Address<Command>, id: &'static str) -> Result<(), String> {
    ask(supervisor, |reply| Command::Delete(id.into(), reply)).map_err(|error| error.to_string())
}

fn add(supervisor: &Address<Command>, child: Child) -> Result<(), String> {
    let started = ask(supervisor, |reply| Command::Start(child, reply));
    started.map(|_| ()).map_err(|error| error.to_string())
}

/// ACTOR-08
#[test]
fn children_are_added_stopped_started_again_and_forgotten() {
    let family = Family::new();
    let supervisor = family.start(Supervisor::one_for_one().child(family.permanent("a")));
    let started = ask(&supervisor, |reply| Command::Start(family.permanent("b"), reply));
    assert_eq!(find(&supervisor, "b"), started.unwrap());
    family.expect(&["+a", "+b"]);
    assert_eq!((count(&supervisor).children, count(&supervisor).running), (2, 2));

    assert_eq!(stop(&supervisor, "a"), Ok(()));
    family.expect(&["-a: shut down"]);
    assert_eq!(states(&supervisor), "a stopped, b running");
    assert_eq!((count(&supervisor).children, count(&supervisor).running), (2, 1));
    assert_eq!(stop(&supervisor, "a"), Ok(()), "so it is");
    assert_eq!(ask(&supervisor, |reply| Command::Find("a".into(), reply)), None);

    assert_eq!(restart(&supervisor, "a"), Ok(()));
    assert_eq!(states(&supervisor), "a running, b running");
    assert_eq!(stop(&supervisor, "b"), Ok(()));
    assert_eq!(delete(&supervisor, "b"), Ok(()));
    assert_eq!(list(&supervisor).len(), 1);
    assert_eq!(add(&supervisor, family.temporary("b")), Ok(()));
    assert_eq!(stop(&supervisor, "b"), Ok(()));
    assert_eq!(states(&supervisor), "a running", "a temporary one is forgotten");
    family.expect(&["+a", "-b: shut down", "+b", "-b: shut down"]);
    family.expect_nothing_more(&supervisor);
}

/// ACTOR-08
#[test]
fn what_cannot_be_done_is_an_error_that_says_why() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .intensity(5, FIVE)
        .backoff(SECOND, SECOND)
        .child(family.permanent("a"))
        .child(family.permanent("b"));
    let supervisor = family.start(supervisor);
    find(&supervisor, "b");
    let not_found = Err(ChildError::NotFound.to_string());
    assert_eq!(stop(&supervisor, "c"), not_found);
    assert_eq!(restart(&supervisor, "c"), not_found);
    assert_eq!(delete(&supervisor, "c"), not_found);
    assert_eq!(add(&supervisor, family.permanent("a")), Err(ChildError::Exists.to_string()));
    let runs = Err(ChildError::Running.to_string());
    assert_eq!((restart(&supervisor, "a"), delete(&supervisor, "a")), (runs.clone(), runs));
    // The first restart comes at once, the second does not.
    crash(&supervisor, "a");
    family.expect(&["+a", "+b", &format!("-a: {CRASH}"), "+a"]);
    crash(&supervisor, "a");
    until(|| states(&supervisor).starts_with("a restarting"));
    let restarts = Err(ChildError::Restarting.to_string());
    assert_eq!((restart(&supervisor, "a"), delete(&supervisor, "a")), (restarts.clone(), restarts));
    // To be stopped is not to be started again.
    assert_eq!(stop(&supervisor, "a"), Ok(()));
    family.advance(SECOND);
    family.expect(&[&format!("-a: {CRASH}")]);
    family.expect_nothing_more(&supervisor);
    assert_eq!(states(&supervisor), "a stopped, b running");
}

/// ACTOR-08: it does one thing after the other, and answers questions meanwhile.
#[test]
fn a_supervisor_that_waits_for_a_child_answers_and_takes_so_much_and_no_more() {
    let family = Family::new();
    let supervisor = Supervisor::one_for_one()
        .child(making(Child::permanent, family.stubborn("a")))
        .child(family.permanent("b"));
    let supervisor = family.start(supervisor);
    find(&supervisor, "b");
    let (sends, answers) = channel();
    let (agent, _told) = family.stage.agent();
    // One is being done, 64 wait, and one is too many.
    for _ in 0..66 {
        let (asked, sends) = (supervisor.clone(), sends.clone());
        with(&agent, move |ctx| {
            let stop = |reply| Command::Stop("a".into(), reply);
            ctx.ask(&asked, stop, GUARD, move |_, _, stopped| {
                sends.send(stopped.unwrap().map_err(|error| error.to_string())).unwrap();
            })
            .unwrap();
        });
        // So its mailbox is empty again.
        count(&supervisor);
    }
    assert_eq!(next(&answers), Err(ChildError::Busy.to_string()));
    assert_eq!(states(&supervisor), "a stopping, b running");
    family.advance(FIVE);
    for _ in 0..65 {
        assert_eq!(next(&answers), Ok(()));
    }
    assert_eq!(states(&supervisor), "a stopped, b running");
}

/// ACTOR-08: found by its name, and asked without waiting.
#[test]
fn a_connection_starts_a_child_without_waiting() {
    let family = Family::new();
    let _supervisor = family.start(Supervisor::one_for_one().named("boss"));
    let (mut peer, connection) = family.stage.client();
    let child = family.temporary("session");
    at(&connection, move |ctx| {
        let boss = ctx.me().find::<Command>("boss").unwrap();
        let start = |reply| Command::Start(child, reply);
        ctx.ask(&boss, start, GUARD, |_, (), ctx, started| {
            ctx.me().link(started.unwrap().unwrap());
            ctx.send("started");
        })
        .unwrap();
    });
    peer.expect_text("started");
    peer.leave();
    // That is no reason to end for whoever is linked: the client has only closed.
    family.expect(&["+session", "-session: the peer closed with 1000"]);
}

/// ACTOR-08
#[test]
fn whoever_asks_a_supervisor_that_ends_is_told_so() {
    let family = Family::new();
    let supervisor =
        Supervisor::one_for_one().child(making(Child::permanent, family.stubborn("a")));
    let supervisor = family.start(supervisor);
    find(&supervisor, "a");
    supervisor.actor().exit(Reason::Shutdown);
    family.expect(&["+a", "a hears: shut down"]);
    let ending = Err(ChildError::Ending.to_string());
    assert_eq!(add(&supervisor, family.permanent("b")), ending);
    assert_eq!(stop(&supervisor, "a"), ending);
    family.advance(FIVE);
    family.expect(&["-a: killed"]);
    until(|| supervisor.is_gone());
    assert_eq!(supervisor.ask(Command::Count, GUARD), Err(AskError::Gone));
}

/// ACTOR-08: the time that a child has to end is over when it has.
#[test]
fn a_child_may_be_stopped_and_started_again_any_number_of_times() {
    let family = Family::new();
    let supervisor = family.start(Supervisor::one_for_one().child(family.permanent("a")));
    family.expect(&["+a"]);
    for _ in 0..1100 {
        assert_eq!((stop(&supervisor, "a"), restart(&supervisor, "a")), (Ok(()), Ok(())));
        family.expect(&["-a: shut down", "+a"]);
    }
}
