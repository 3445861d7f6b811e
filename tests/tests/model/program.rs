//! What actors are told to do.

use std::fmt;

use ws_core::testing::Random;

use crate::log::{Who, Why};

/// The names that actors may go by.
pub(crate) const NAMES: [&str; 3] = ["hub", "bank", "clerk"];

/// The rooms: one takes two members, one nobody.
pub(crate) const ROOMS: [&str; 5] = ["all", "few", "none", "den", "hall"];

/// A connection is in so many rooms at most.
pub(crate) const MOST_ROOMS: usize = 2;

/// What one actor does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    Spawn(Who),
    SpawnLink(Who),
    Link(Who),
    Unlink(Who),
    UnlinkFlush(Who),
    Monitor(Who),
    /// One of those that it has made.
    Demonitor(usize),
    DemonitorFlush(usize),
    Trap,
    Obey,
    Exit(Who, Why),
    ExitMe(Why),
    Kill(Who),
    Tell(Who),
    /// Tells so much that it may be too much.
    Flood(Who),
    Ask(Who, Manner),
    Panic,
    Register(usize),
    Find(usize),
    Join(usize),
    Leave(usize),
    Members(usize),
    Broadcast(usize),
    BroadcastExcept(usize, Vec<Who>),
    BroadcastWhere(usize),
    BroadcastCounted(usize),
    Send,
    Close,
    /// Has nothing to do with anybody any more.
    Rest,
}

/// What becomes of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Answers,
    Drops,
    Keeps,
}

/// What one actor does in one go.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) who: Who,
    pub(crate) acts: Vec<Act>,
    /// So often the conductor goes round before the next.
    pub(crate) rounds: usize,
}

/// What a client does of its own accord, at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Says(usize),
    Closes(u16),
    Vanishes,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Program {
    /// The first of the cast are connections...
    pub(crate) clients: usize,
    /// ...those behind them are without a socket.
    pub(crate) agents: usize,
    /// How many there may be with those who are started.
    pub(crate) cast: usize,
    pub(crate) steps: Vec<Step>,
    pub(crate) deeds: Vec<(Who, Deed)>,
    /// Every step is over before the next begins.
    pub(crate) settles: bool,
}

/// A message that nobody else tells in this program.
pub(crate) fn number(step: usize, act: usize) -> u32 {
    (step * 100 + act) as u32
}

/// So many messages are a flood.
pub(crate) const FLOOD: u32 = 60;

/// As many rounds as it takes until nothing happens any more.
pub(crate) const UNTIL_QUIET: usize = usize::MAX;

/// What a client says at the end.
pub(crate) const END: usize = 9999;

impl Program {
    /// The program of this seed.
    pub(crate) fn random(seed: u64, settles: bool) -> Self {
        let mut random = Random::new(seed);
        let clients = [0, 0, 0, 1, 2, 3][random.below(6)];
        let agents = 1 + random.below(4);
        let mut cast = clients + agents;
        // Where others act at the same time, what comes of two acts may depend on how fast they are.
        let most_acts = if settles { 1 } else { 3 };
        let mut steps: Vec<_> = (0..5 + random.below(20))
            .map(|_| step(&mut random, clients, &mut cast, most_acts))
            .collect();
        // Connections are there for the next program, too, as if nothing had been.
        if clients > 0 {
            steps.last_mut().unwrap().rounds = UNTIL_QUIET;
        }
        for who in 0..clients {
            let leave = (0..ROOMS.len()).map(Act::Leave);
            steps.push(Step { who, acts: leave.chain([Act::Rest]).collect(), rounds: 0 });
        }
        let mut deeds = vec![];
        for who in 0..if settles { 0 } else { clients } {
            let texts = random.below(3);
            deeds.extend((0..texts).map(|number| (who, Deed::Says(number))));
            match random.below(12) {
                0 => deeds.push((who, Deed::Closes(1000))),
                1 => deeds.push((who, Deed::Closes(4001))),
                2 => deeds.push((who, Deed::Vanishes)),
                _ => {}
            }
        }
        Self { clients, agents, cast, steps, deeds, settles }
    }

    /// Whether somebody may be told more than in one turn.
    pub(crate) fn has_floods(&self) -> bool {
        let mut acts = self.steps.iter().flat_map(|step| &step.acts);
        acts.any(|act| matches!(act, Act::Flood(_)))
    }
}

fn step(random: &mut Random, clients: usize, cast: &mut usize, most: usize) -> Step {
    let who = random.below(*cast);
    let acts =
        (0..1 + random.below(most)).map(|_| act(random, who < clients, clients, cast)).collect();
    Step { who, acts, rounds: [0, 0, 1, 1, 2][random.below(5)] }
}

fn act(random: &mut Random, is_client: bool, clients: usize, cast: &mut usize) -> Act {
    let other = random.below(*cast);
    let room = random.below(ROOMS.len());
    // A connection is in rooms as often as it is among actors.
    if is_client && random.below(2) == 0 {
        return match random.below(14) {
            0..5 => Act::Join(room),
            5 => Act::Leave(room),
            6 => Act::Members(room),
            7 | 8 => Act::Broadcast(room),
            9 => {
                let spared = (0..random.below(3)).map(|_| random.below(clients)).collect();
                Act::BroadcastExcept(room, spared)
            }
            10 => Act::BroadcastWhere(room),
            11 | 12 => Act::Send,
            _ if random.below(4) == 0 => Act::Close,
            _ => Act::Send,
        };
    }
    match random.below(40) {
        0..2 if *cast < 9 => {
            *cast += 1;
            Act::Spawn(*cast - 1)
        }
        2..5 if *cast < 9 => {
            *cast += 1;
            Act::SpawnLink(*cast - 1)
        }
        0..10 => Act::Link(other),
        10 => Act::Unlink(other),
        11 | 12 => Act::UnlinkFlush(other),
        13..17 => Act::Monitor(other),
        17 => Act::Demonitor(random.below(4)),
        18 => Act::DemonitorFlush(random.below(4)),
        19..22 => Act::Trap,
        22 => Act::Obey,
        23 | 24 => Act::Exit(other, why(random)),
        25 => Act::ExitMe(why(random)),
        26 | 27 => Act::Kill(other),
        28 | 29 => Act::Tell(other),
        30 if random.below(3) == 0 => Act::Flood(other),
        30..34 => {
            let manner = [Manner::Answers, Manner::Drops, Manner::Keeps][random.below(3)];
            Act::Ask(other, manner)
        }
        34 => Act::Panic,
        35 => Act::Register(random.below(NAMES.len())),
        36 => Act::Find(random.below(NAMES.len())),
        37 | 38 => Act::BroadcastCounted(room),
        _ => Act::Members(room),
    }
}

fn why(random: &mut Random) -> Why {
    [Why::Normal, Why::Normal, Why::Shutdown, Why::NoConnection, Why::Killed][random.below(5)]
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} connections, then {} actors", self.clients, self.agents)?;
        for (at, step) in self.steps.iter().enumerate() {
            writeln!(f, "  step {at}: {} does {:?}, {} rounds", step.who, step.acts, step.rounds)?;
        }
        for (who, deed) in &self.deeds {
            writeln!(f, "  the client of {who}: {deed:?}")?;
        }
        Ok(())
    }
}
