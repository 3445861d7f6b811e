//! Who has a program played, from within a shard.

use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::sync::{Arc, OnceLock};

use ws_std::{Actor, ActorContext, Address};

use crate::actors::{Cue, World, told};
use crate::log::{Entry, Told};
use crate::program::{NAMES, Program, UNTIL_QUIET};

/// What the conductor is told.
pub(crate) enum Baton {
    /// Play the program that is in the scene.
    Play,
    /// Kill whoever is left without a socket, or has a name.
    Finish,
    /// The round goes on, and is over.
    Round,
    /// The same, but at each shard it waits for the turn of those who had too much for one.
    SlowRound,
    Nothing,
}

/// So much an actor is told in one turn.
const TURN: usize = 64;

/// One on each shard, who sends it on.
pub(crate) struct Echo {
    pub(crate) next: Address<Baton>,
    pub(crate) waits: bool,
}

impl Actor for Echo {
    type Info = Baton;

    fn on_info(&mut self, ctx: &mut ActorContext<'_, Self>, baton: Baton) {
        match baton {
            Baton::Nothing => {}
            Baton::SlowRound if !std::mem::replace(&mut self.waits, true) => {
                let me = ctx.me().address();
                (1..TURN).for_each(|_| assert!(me.tell(Baton::Nothing).is_ok()));
                assert!(me.tell(baton).is_ok());
            }
            _ => {
                self.waits = false;
                assert!(self.next.tell(baton).is_ok());
            }
        }
    }
}

pub(crate) struct Conductor {
    pub(crate) world: Arc<World>,
    /// Where a round begins, once that is known. Rounds go by two ways in turn: who has sent one on
    /// may be told of the next before its turn is over, and that would pass by what waits for it.
    pub(crate) ways: Arc<OnceLock<[Address<Baton>; 2]>>,
    pub(crate) done: Sender<()>,
    step: usize,
    rounds: usize,
    /// Which way was taken last.
    way: usize,
    /// How much had happened when it began.
    happened: usize,
    /// In so many rounds nothing has happened.
    quiet: usize,
}

/// When nothing has happened in so many rounds, nothing is on its way to a shard. In one round
/// something may leave for a shard that it has passed.
const QUIET: usize = 2;

impl Conductor {
    pub(crate) fn new(world: Arc<World>, done: Sender<()>) -> Self {
        Self {
            world,
            ways: Arc::default(),
            done,
            step: 0,
            rounds: 0,
            way: 0,
            happened: 0,
            quiet: 0,
        }
    }

    /// Takes steps until it is time for a round.
    fn goes_on(&mut self) {
        let program = self.world.scene().program.clone();
        loop {
            if self.rounds > 0 {
                return self.leaves(&program);
            }
            let Some(step) = program.steps.get(self.step) else {
                // Whoever waits may have given up.
                let _deaf = self.done.send(());
                return;
            };
            self.give(step.who, self.step);
            self.step += 1;
            let is_last = self.step == program.steps.len();
            self.quiet = 0;
            self.rounds = if program.settles || is_last { UNTIL_QUIET } else { step.rounds };
        }
    }

    fn leaves(&mut self, program: &Program) {
        let is_slow = self.rounds == UNTIL_QUIET && program.has_floods();
        let round = if is_slow { Baton::SlowRound } else { Baton::Round };
        self.way = 1 - self.way;
        let mut scene = self.world.scene();
        scene.log.push(Entry::Leaves);
        self.happened = scene.log.len();
        drop(scene);
        assert!(self.ways.get().unwrap()[self.way].tell(round).is_ok());
    }

    fn is_back(&mut self) {
        let mut scene = self.world.scene();
        let is_quiet =
            scene.log.len() == self.happened && self.world.working.load(Ordering::SeqCst) == 0;
        self.quiet = if is_quiet { self.quiet + 1 } else { 0 };
        scene.log.push(Entry::IsBack);
        self.rounds = match self.rounds {
            UNTIL_QUIET if self.quiet < QUIET => UNTIL_QUIET,
            UNTIL_QUIET => 0,
            rounds => rounds - 1,
        };
    }

    fn give(&self, who: usize, step: usize) {
        // Nothing happens between what is done and what is logged: nobody else runs here.
        let mut scene = self.world.scene();
        let address = scene.cast.get(who).cloned().flatten();
        let came = address.map_or(Told::Gone, |other| told(other.tell(Cue::Step(step))));
        scene.log.push(Entry::Given(who, step, came));
    }

    /// Nobody stays who has no socket, or a name.
    fn finish(&mut self) {
        let (cast, clients) = {
            let scene = self.world.scene();
            (scene.cast.clone(), scene.program.clients)
        };
        let named = NAMES.map(|name| self.world.actors().find_any(name));
        for (who, address) in cast.iter().enumerate() {
            let Some(address) = address else { continue };
            let has_name = named.iter().flatten().any(|named| named == address.actor());
            if (who >= clients || has_name) && !address.is_gone() {
                let mut scene = self.world.scene();
                address.actor().kill();
                scene.log.push(Entry::Killed(who));
            }
        }
        (self.rounds, self.quiet) = (UNTIL_QUIET, 0);
    }
}

impl Actor for Conductor {
    type Info = Baton;

    fn on_info(&mut self, _: &mut ActorContext<'_, Self>, baton: Baton) {
        match baton {
            Baton::Play => (self.step, self.rounds) = (0, 0),
            Baton::Finish => self.finish(),
            Baton::Nothing => return,
            Baton::Round | Baton::SlowRound => self.is_back(),
        }
        self.goes_on();
    }
}
