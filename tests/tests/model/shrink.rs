//! Making a program that fails as small as it can be.

use crate::program::Program;
use crate::stage::Stage;

/// A failure that depends on who is faster is given so many chances.
const CHANCES: usize = 3;

/// The same program without what it also fails without, and what is wrong with it.
pub(crate) fn shrunk(program: &Program, shards: usize) -> String {
    let Some(mut why) = failure(program, shards) else {
        return format!("it does not fail again:\n{program}");
    };
    let mut program = program.clone();
    while let Some((smaller, reason)) = smaller(&program)
        .into_iter()
        .find_map(|smaller| failure(&smaller, shards).map(|why| (smaller, why)))
    {
        (program, why) = (smaller, reason);
    }
    format!("the smallest program that fails:\n{program}{why}")
}

fn failure(program: &Program, shards: usize) -> Option<String> {
    (0..CHANCES).find_map(|_| Stage::on(shards).play(program).err())
}

/// All programs that have one thing less.
fn smaller(program: &Program) -> Vec<Program> {
    let mut all = vec![];
    for step in 0..program.steps.len() {
        let mut less = program.clone();
        less.steps.remove(step);
        all.push(less);
    }
    for deed in 0..program.deeds.len() {
        let mut less = program.clone();
        less.deeds.remove(deed);
        all.push(less);
    }
    for guest in 0..program.guests.len() {
        let mut less = program.clone();
        less.guests.remove(guest);
        all.push(less);
    }
    for step in 0..program.steps.len() {
        for act in 0..program.steps[step].acts.len() {
            let mut less = program.clone();
            less.steps[step].acts.remove(act);
            all.push(less);
        }
        if program.steps[step].rounds > 0 {
            let mut less = program.clone();
            less.steps[step].rounds = 0;
            all.push(less);
        }
    }
    all
}
