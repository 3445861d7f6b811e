//! Many children that fail by chance.

use std::collections::BTreeMap;

use ws_std::supervisor::{Child, ChildState, Restart, Supervisor};
use ws_std::{Address, Reason};
use ws_tests::fuzzed::Dice;

use super::family::{FIVE, Family, Job, ask, count, list, making};
use crate::puppet::until;

const CHILDREN: usize = 100;

/// What may become of a child.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Blow {
    Panic,
    Done,
    Kill,
    Shutdown,
}

const BLOWS: [Blow; 4] = [Blow::Panic, Blow::Done, Blow::Kill, Blow::Shutdown];

/// Whether there is such a child after it.
fn survives(restart: Restart, blow: Blow) -> bool {
    match restart {
        Restart::Permanent => true,
        Restart::Transient => matches!(blow, Blow::Panic | Blow::Kill),
        Restart::Temporary => false,
    }
}

fn strike(child: &Address<Job>, blow: Blow) {
    let told = match blow {
        Blow::Panic => child.tell(Box::new(|_| panic!("oh no"))),
        Blow::Done => child.tell(Box::new(|ctx| ctx.stop())),
        Blow::Kill => return child.actor().kill(),
        Blow::Shutdown => return child.actor().exit(Reason::Shutdown),
    };
    // Or it ends already.
    drop(told);
}

/// ACTOR-08: in the end there is exactly who should be there, each of them once, under its name.
#[test]
fn a_storm_of_ends_leaves_exactly_those_that_should_be_there() {
    for seed in 0..6 {
        let family = Family::new();
        let mut dice = Dice::seeded(seed);
        let mut supervisor = Supervisor::one_for_one().intensity(u32::MAX, FIVE);
        let mut expected: BTreeMap<String, (Restart, bool)> = BTreeMap::new();
        for number in 0..CHILDREN {
            let worker = family.worker("some");
            let restart = dice.pick(&[Restart::Permanent, Restart::Transient, Restart::Temporary]);
            let id = format!("child {number}");
            let make = move || worker.clone();
            let child = match restart {
                Restart::Permanent => Child::permanent(id.clone(), make),
                Restart::Transient => Child::transient(id.clone(), make),
                Restart::Temporary => Child::temporary(id.clone(), make),
            };
            supervisor = supervisor.child(child.named(&id));
            expected.insert(id, (restart, true));
        }
        let supervisor = family.start(supervisor);
        until(|| count(&supervisor).running == CHILDREN);
        let actors = family.stage.server.actors();
        for _ in 0..40 {
            let mut struck = vec![];
            for _ in 0..dice.below(30) {
                let id = format!("child {}", dice.below(CHILDREN));
                // One that is between two lives is spared, and so is one that dies already.
                let Some(child) = actors.find::<Job>(&id) else { continue };
                if child.is_gone() || struck.contains(&child) {
                    continue;
                }
                let blow = dice.pick(&BLOWS);
                strike(&child, blow);
                let (restart, lives) = expected.get_mut(&id).unwrap();
                *lives = survives(*restart, blow);
                struck.push(child);
            }
            until(|| struck.iter().all(Address::is_gone));
        }
        let alive = expected.values().filter(|(_, lives)| *lives).count();
        settle(&supervisor, alive);
        for info in list(&supervisor) {
            let (_, lives) = expected.remove(&*info.id).unwrap();
            match info.state {
                ChildState::Running(actor) => {
                    assert!(lives, "{}", info.id);
                    assert_eq!(actors.find_any(&info.id), Some(actor));
                }
                state => assert!(!lives && state == ChildState::Stopped, "{}: {state:?}", info.id),
            }
        }
        assert!(
            expected.values().all(|(restart, _)| *restart == Restart::Temporary),
            "{expected:?}"
        );
        let said: Vec<String> = family.said.try_iter().collect();
        let begun = said.iter().filter(|said| said.starts_with('+')).count();
        let ended = said.iter().filter(|said| said.starts_with('-')).count();
        assert_eq!(begun - ended, alive, "each is there once");

        supervisor.actor().exit(Reason::Shutdown);
        until(|| supervisor.is_gone());
        assert!((0..CHILDREN).all(|number| actors.find_any(&format!("child {number}")).is_none()));
        assert_eq!(format!("{actors:?}"), "Actors { named: 0, .. }");
        let last = family.said.try_iter().filter(|said| said.starts_with('-')).count();
        assert_eq!(last, alive);
    }
}

/// Nothing is on its way any more.
fn settle(supervisor: &Address<ws_std::supervisor::Command>, alive: usize) {
    until(|| {
        let list = list(supervisor);
        let is_settled = |state: &ChildState| {
            matches!(state, ChildState::Running(actor) if !actor.is_gone())
                || *state == ChildState::Stopped
        };
        list.iter().all(|child| is_settled(&child.state))
            && list.iter().filter(|child| child.state != ChildState::Stopped).count() == alive
    });
}

/// ACTOR-08: groups that fall over each other.
#[test]
fn groups_that_fail_again_and_again_come_to_rest_whole_and_in_order() {
    for (seed, strategy) in (0..20).flat_map(|seed| [(seed, true), (seed, false)]) {
        let family = Family::new();
        let mut dice = Dice::seeded(seed);
        let names = ["a", "b", "c", "d", "e", "f"];
        let supervisor =
            if strategy { Supervisor::one_for_all() } else { Supervisor::rest_for_one() };
        let supervisor = names.iter().fold(supervisor.intensity(u32::MAX, FIVE), |it, name| {
            it.child(making(Child::permanent, family.worker(name)).named(name))
        });
        let supervisor = family.start(supervisor);
        until(|| count(&supervisor).running == names.len());
        let actors = family.stage.server.actors();
        for _ in 0..100 {
            if let Some(child) = actors.find::<Job>(dice.pick(&names)) {
                strike(&child, dice.pick(&BLOWS));
            }
            if dice.once_in(4) {
                until(|| count(&supervisor).running == names.len());
            }
        }
        settle(&supervisor, names.len());
        // Who is there began in order, whoever ended last before.
        let said: Vec<String> = family.said.try_iter().collect();
        let begun = said.iter().filter(|said| said.starts_with('+')).count();
        let ended = said.iter().filter(|said| said.starts_with('-')).count();
        assert_eq!(begun - ended, names.len());
        let last = |name: &str| said.iter().rposition(|said| *said == format!("+{name}")).unwrap();
        assert!(names.is_sorted_by_key(|name| last(name)), "{said:?}");
        let found = ask(&supervisor, ws_std::supervisor::Command::List).len();
        assert_eq!(found, names.len());
    }
}
