//! Random programs, played by real connections and actors on real shards, against an obvious model.
//!
//! `MODEL_PROGRAMS` says how many programs there are, `MODEL_SEED` with which they begin. A failure
//! prints the seed of its program, what should have happened and what did up to there; and the same
//! of that program without what it can do without.

mod actors;
mod acts;
mod conductor;
mod frames;
mod log;
mod model;
mod own;
mod presence;
mod program;
mod rooms;
mod shrink;
mod stage;
mod supervised;

use std::ops::Range;
use std::thread;

use program::Program;
use shrink::shrunk;
use stage::Stage;

/// So many programs, unless one says otherwise.
const PROGRAMS: u64 = 100_000;

/// What a number in the environment says.
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |value| value.parse().expect(name))
}

/// Plays the programs of these seeds on so many shards.
fn play(shards: usize, seeds: Range<u64>) {
    let mut stage = Stage::on(shards);
    let mut connections = 0;
    for seed in seeds.clone() {
        let program = Program::random(seed, shards > 1);
        connections += u64::from(program.clients > 0);
        if let Err(why) = stage.play(&program) {
            panic!("seed {seed} on {shards} shards: {why}\n{}", shrunk(&program, shards));
        }
    }
    println!("{shards} shards: programs {seeds:?}, {connections} with connections");
    stage.ends();
}

/// ACTOR-02, ACTOR-06, ACTOR-08, ROOM-01 to ROOM-07: most programs are played on one shard, where the
/// model knows every order. On two, where each step is waited for, there are a few more of them.
#[test]
fn whatever_actors_and_rooms_do_an_obvious_model_does_too() {
    let (first, count) = (number("MODEL_SEED", 1), number("MODEL_PROGRAMS", PROGRAMS));
    let (middle, end) = (first + count / 2, first + count);
    let on_two = first..first + count.div_ceil(50);
    thread::scope(|scope| {
        let worlds = [(1, first..middle), (1, middle..end), (2, on_two)];
        let worlds = worlds.map(|(shards, seeds)| scope.spawn(move || play(shards, seeds)));
        for world in worlds {
            world.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
}

/// ACTOR-08: fewer of them, since each of their steps is waited for.
#[test]
fn whatever_becomes_of_children_an_obvious_supervisor_does_the_same() {
    let (first, count) = (number("MODEL_SEED", 1), number("MODEL_PROGRAMS", PROGRAMS));
    supervised::play_all(first..first + count.div_ceil(20));
}
