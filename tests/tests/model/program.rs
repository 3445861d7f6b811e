//! What actors are told to do.

use std::fmt;

use ws_core::testing::Random;

use crate::log::{Who, Why};

/// The names that actors may go by.
pub(crate) const NAMES: [&str; 3] = ["hub", "bank", "clerk"];

/// The rooms: one takes two members, one nobody.
pub(crate) const ROOMS: [&str; 5] = ["all", "few", "none", "den", "hall"];

/// The names under which connections are in rooms.
pub(crate) const KEYS: [&str; 3] = ["ann", "bob", "cat"];

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
    /// Puts something off, and be it for no time.
    After,
    /// Does one of those things not after all.
    Cancel(usize),
    /// Has work done that may take its time.
    Block,
    Panic,
    Register(usize),
    Find(usize),
    Join(usize),
    /// Under this name.
    JoinAs(usize, usize),
    Present(usize),
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

/// A connection that ends in `on_connect`, or right after it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Guest {
    pub(crate) who: Who,
    /// What it does before, as a step of this number.
    pub(crate) step: usize,
    pub(crate) acts: Vec<Act>,
    pub(crate) end: End,
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Refused,
    Panic,
    Exit(Why),
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
    pub(crate) guests: Vec<Guest>,
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
        let mut steps: Vec<_> = (0..5 + random.below(20))
            .map(|_| step(&mut random, clients, &mut cast, settles))
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
        let guests = match clients {
            1.. if !settles && random.below(4) == 0 => 1 + random.below(2),
            _ => 0,
        };
        let guests = (0..guests).map(|_| guest(&mut random, clients, &mut cast)).collect();
        Self { clients, agents, cast, steps, deeds, guests, settles }
    }

    /// Whether that is a connection.
    pub(crate) fn is_connection(&self, who: Who) -> bool {
        who < self.clients || self.guests.iter().any(|guest| guest.who == who)
    }

    /// What is done in a step, be it a guest's.
    pub(crate) fn acts(&self, step: usize) -> &[Act] {
        let of_guest = self.guests.iter().find(|guest| guest.step == step);
        of_guest.map_or_else(|| &*self.steps[step].acts, |guest| &guest.acts)
    }

    /// Whether somebody may be told more than in one turn.
    pub(crate) fn has_floods(&self) -> bool {
        let mut acts = self.steps.iter().flat_map(|step| &step.acts);
        acts.any(|act| matches!(act, Act::Flood(_)))
    }
}

fn step(random: &mut Random, clients: usize, cast: &mut usize, settles: bool) -> Step {
    let who = random.below(*cast);
    // Where others act at the same time, what comes of two acts may depend on how fast they are.
    let most = if settles { 1 } else { 3 };
    let acts = (0..1 + random.below(most)).map(|_| {
        // And so may what is heard of who is there, and when.
        let kinds = if settles { 14 } else { 18 };
        match who < clients && random.below(2) == 0 {
            true => in_rooms(random, clients, kinds),
            false => act(random, who < clients, cast),
        }
    });
    let acts = acts.collect();
    Step { who, acts, rounds: [0, 0, 1, 1, 2][random.below(5)] }
}

/// The steps of guests have numbers from here on.
const GUESTS: usize = 80;

fn guest(random: &mut Random, clients: usize, cast: &mut usize) -> Guest {
    let who = *cast;
    let acts = (0..1 + random.below(4)).map(|_| {
        let (other, room) = (random.below(who), random.below(ROOMS.len()));
        match random.below(8) {
            0 | 1 => Act::Link(other),
            2 => Act::Monitor(other),
            3 => Act::Join(room),
            4 => Act::JoinAs(room, random.below(KEYS.len())),
            5 => Act::Register(random.below(NAMES.len())),
            6 => Act::Broadcast(room),
            _ => Act::Tell(random.below(clients)),
        }
    });
    let acts = acts.collect();
    *cast += 1;
    let end = [End::Refused, End::Refused, End::Panic, End::Exit(why(random))][random.below(4)];
    Guest { who, step: GUESTS + who, acts, end }
}

/// What a connection does: it is in rooms as often as it is among actors.
fn in_rooms(random: &mut Random, clients: usize, kinds: usize) -> Act {
    let room = random.below(ROOMS.len());
    match random.below(kinds) {
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
        13 if random.below(4) == 0 => Act::Close,
        13 => Act::Send,
        17 => Act::Present(room),
        _ => Act::JoinAs(room, random.below(KEYS.len())),
    }
}

fn act(random: &mut Random, is_client: bool, cast: &mut usize) -> Act {
    let (other, room) = (random.below(*cast), random.below(ROOMS.len()));
    match random.below(45) {
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
        39 | 40 => Act::After,
        41 => Act::Cancel(random.below(3)),
        42 | 43 if is_client => Act::Block,
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
        for guest in &self.guests {
            writeln!(f, "  {guest:?}")?;
        }
        for (who, deed) in &self.deeds {
            writeln!(f, "  the client of {who}: {deed:?}")?;
        }
        Ok(())
    }
}
