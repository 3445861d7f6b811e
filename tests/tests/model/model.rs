//! What actors and rooms should do, with nothing but sets and lists.
//!
//! The model is told what happened, entry by entry, and says at which one it would have been
//! otherwise. Who comes next is not its business: only that what happens to an actor is what should
//! happen to it next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ws_std::AskError;

use crate::frames::Frames;
use crate::log::{Entry, Told, What, Who, Why};
use crate::presence::Presence;
use crate::program::{Deed, END, End, Manner, Program};

/// So many messages wait for an actor.
const MAILBOX: usize = 64;

/// What is wrong.
pub(crate) type Verdict<T = ()> = Result<T, String>;

#[derive(Default)]
pub(crate) struct Actor {
    pub(crate) life: Life,
    has_started: bool,
    /// It has closed: nothing is told to it any more.
    pub(crate) is_closing: bool,
    pub(crate) has_panicked: bool,
    pub(crate) traps: bool,
    /// Why it must end: the first counts.
    dooms: Vec<Why>,
    pub(crate) mailbox: VecDeque<Item>,
    pub(crate) links: BTreeSet<Who>,
    /// Whom it monitors, as far as it has not been told.
    pub(crate) monitors: Vec<Option<Who>>,
    /// What it has put off, as far as it is not done and not to be.
    pub(crate) moments: Vec<Option<u32>>,
    /// The work that it waits for.
    pub(crate) works: Option<u32>,
    /// Whom it owes an answer to which question.
    pub(crate) kept: Vec<(Who, u32)>,
    pub(crate) rooms: BTreeSet<usize>,
    /// What its client says, and how it ends.
    texts: VecDeque<usize>,
    client_ends: Option<Why>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Life {
    #[default]
    Unborn,
    Alive,
    Gone,
}

/// Something in a mailbox.
pub(crate) struct Item {
    pub(crate) what: What,
    from: Option<Who>,
    /// What happened at once has one number, and no order.
    lot: usize,
}

pub(crate) struct Model<'a> {
    pub(crate) program: &'a Program,
    pub(crate) cast: Vec<Actor>,
    pub(crate) names: BTreeMap<usize, Who>,
    pub(crate) presence: Presence,
    pub(crate) frames: Frames,
    /// Who asked which question, and how it is dealt with.
    pub(crate) questions: BTreeMap<u32, (Who, Manner)>,
    /// Which entry it is told.
    pub(crate) now: usize,
}

/// Says what should have been.
pub(crate) fn expect<T: PartialEq + std::fmt::Debug>(what: &str, is: &T, should: &T) -> Verdict {
    if is == should { Ok(()) } else { Err(format!("{what}: {should:?} was expected")) }
}

impl<'a> Model<'a> {
    pub(crate) fn new(program: &'a Program) -> Self {
        let mut cast: Vec<Actor> = (0..program.cast).map(|_| Actor::default()).collect();
        for (who, actor) in cast.iter_mut().enumerate() {
            if who < program.clients + program.agents {
                actor.life = Life::Alive;
            }
            actor.has_started = who < program.clients;
        }
        for (who, deed) in &program.deeds {
            match *deed {
                Deed::Says(text) => cast[*who].texts.push_back(text),
                Deed::Closes(code) => cast[*who].client_ends = Some(Why::PeerClosed(code)),
                Deed::Vanishes => cast[*who].client_ends = Some(Why::PeerClosed(1006)),
            }
        }
        for client in cast.iter_mut().take(program.clients) {
            // One that does not end the connection says so at the end.
            if client.client_ends.is_none() {
                client.texts.push_back(END);
            }
        }
        let (names, questions) = (BTreeMap::new(), BTreeMap::new());
        let (presence, frames) = (Presence::default(), Frames::default());
        Self { program, cast, names, presence, frames, questions, now: 0 }
    }

    /// This has happened.
    pub(crate) fn hears(&mut self, entry: &Entry) -> Verdict {
        self.now += 1;
        match entry {
            Entry::Given(who, step, told) => {
                expect("told", told, &self.tell(*who, What::Step(*step), None))
            }
            Entry::Leaves => {
                self.frames.leaves(self.now);
                Ok(())
            }
            Entry::IsBack => {
                self.frames.is_back(self.now);
                Ok(())
            }
            Entry::Started(who) => {
                let actor = &mut self.cast[*who];
                let was_new = !std::mem::replace(&mut actor.has_started, true);
                // On several shards it may have been logged before what it is to end for.
                let is_doomed = !self.program.settles && !actor.dooms.is_empty();
                let is = (was_new, actor.life, is_doomed);
                expect("it starts once", &is, &(true, Life::Alive, false))
            }
            Entry::Opened(who) => {
                let actor = &mut self.cast[*who];
                actor.has_started = true;
                let before = std::mem::replace(&mut actor.life, Life::Alive);
                expect("it opens once", &before, &Life::Unborn)
            }
            Entry::Unborn(who) => {
                let actor = &self.cast[*who];
                expect("it never starts", &actor.has_started, &false)?;
                let why = actor.dooms.first().copied();
                why.map_or(Ok(()), |why| self.stopped(*who, why))
            }
            Entry::Exits(who, why) => {
                self.doom(*who, *why);
                Ok(())
            }
            Entry::Hears(who, what) => self.event(*who, what),
            Entry::Reads(who, text) => self.reads(*who, *text),
            Entry::Did(who, step, at, came) => {
                let act = &self.program.acts(*step)[*at];
                let number = crate::program::number(*step, *at);
                let should = self.does(*who, act, number, came)?;
                expect("it came to", came, &should)
            }
            Entry::Undelivered(who, what) => self.undelivered(*who, what),
            Entry::Stopped(who, why) => self.stopped(*who, *why),
            Entry::TakenUp(number, delivery) => self.taken_up(*number, *delivery),
            Entry::Killed(who) => {
                self.doom(*who, Why::Killed);
                Ok(())
            }
        }
    }

    /// Nothing is left to happen.
    pub(crate) fn ends(&self) -> Verdict {
        for (who, actor) in self.cast.iter().enumerate() {
            if actor.life == Life::Alive && actor.has_panicked {
                return Err(format!("{who} has panicked and is still there"));
            }
            if actor.life == Life::Alive && (!actor.dooms.is_empty() || !actor.has_started) {
                return Err(format!("{who} should have ended: {:?}", actor.dooms));
            }
            if actor.life == Life::Alive && !actor.is_closing && !actor.mailbox.is_empty() {
                let left: Vec<_> = actor.mailbox.iter().map(|item| &item.what).collect();
                return Err(format!("{who} should have been told {left:?}"));
            }
            if actor.life == Life::Alive && (who >= self.program.clients || actor.is_closing) {
                return Err(format!("{who} should have ended"));
            }
            let put_off = actor.moments.iter().flatten().chain(&actor.works).next();
            if let Some(number) = put_off.filter(|_| actor.life == Life::Alive) {
                return Err(format!("it was time for {number} of {who}"));
            }
        }
        Ok(())
    }

    fn is_alive(&self, who: Who) -> bool {
        let actor = &self.cast[who];
        actor.life == Life::Alive && actor.dooms.is_empty()
    }

    /// A message for somebody.
    pub(crate) fn tell(&mut self, who: Who, what: What, from: Option<Who>) -> Told {
        let waiting = self.cast[who].mailbox.iter().filter(|item| item.what.is_message()).count();
        if !self.is_alive(who) {
            Told::Gone
        } else if waiting >= MAILBOX {
            Told::Full
        } else {
            self.receives(who, what, from);
            Told::Queued
        }
    }

    pub(crate) fn receives(&mut self, who: Who, what: What, from: Option<Who>) {
        // On several shards it may have come before what the actor ends of.
        if self.is_alive(who) || (self.program.settles && self.cast[who].life == Life::Alive) {
            self.cast[who].mailbox.push_back(Item { what, from, lot: self.now });
        }
    }

    pub(crate) fn doom(&mut self, who: Who, why: Why) {
        if self.is_alive(who) || (self.program.settles && self.cast[who].life == Life::Alive) {
            self.cast[who].dooms.push(why);
        }
    }

    /// An exit that is not a kill.
    pub(crate) fn exit(&mut self, who: Who, from: Option<Who>, why: Why) {
        if self.cast[who].traps {
            self.receives(who, What::Exit(from, why), from);
        } else if why != Why::Normal {
            self.doom(who, why);
        }
    }

    /// An actor is told something, and this should have been it.
    fn event(&mut self, who: Who, what: &What) -> Verdict {
        if let What::Done(number) = what {
            return self.done(who, *number);
        }
        self.may_act(who)?;
        let actor = &mut self.cast[who];
        if !self.program.settles && !actor.dooms.is_empty() {
            return Err(format!("{who} should end: {:?}", actor.dooms));
        }
        if let What::Moment(number) = what {
            let next = actor.moments.iter_mut().find(|moment| moment.is_some());
            return expect("what is next", &Some(*number), &next.and_then(Option::take));
        }
        let first = actor.mailbox.front().map_or(0, |item| item.lot);
        let at = actor.mailbox.iter().position(|item| item.what == *what);
        let Some(at) = at else { return Err(format!("{who} should not be told this")) };
        let item = &actor.mailbox[at];
        let is_next = match self.program.settles {
            false => item.lot == first,
            true => !actor
                .mailbox
                .iter()
                .take(at)
                .any(|before| before.from == item.from && before.lot != item.lot),
        };
        if !is_next {
            let next = &actor.mailbox[0].what;
            return Err(format!("{who} should be told {next:?} before"));
        }
        actor.mailbox.remove(at);
        if let What::Question(number) = what {
            self.answers(who, *number);
        }
        Ok(())
    }

    /// Work is done that somebody has waited for, or had before it closed.
    fn done(&mut self, who: Who, number: u32) -> Verdict {
        let actor = &mut self.cast[who];
        let is_able = actor.life == Life::Alive && !actor.has_panicked;
        expect("the work", &(Some(number), is_able), &(actor.works.take(), true))
    }

    fn answers(&mut self, who: Who, number: u32) {
        let (asker, manner) = self.questions[&number];
        match manner {
            Manner::Answers => self.receives(asker, What::Answer(number, Ok(number)), Some(who)),
            Manner::Drops => self.leaves_unanswered(who, asker, number),
            Manner::Keeps => self.cast[who].kept.push((asker, number)),
        }
    }

    pub(crate) fn leaves_unanswered(&mut self, who: Who, asker: Who, number: u32) {
        self.receives(asker, What::Answer(number, Err(AskError::NoReply)), Some(who));
    }

    fn may_act(&self, who: Who) -> Verdict {
        let actor = &self.cast[who];
        let is_able = !actor.is_closing && !actor.has_panicked && actor.has_started;
        if actor.life == Life::Alive && is_able && actor.works.is_none() {
            return Ok(());
        }
        Err(format!("{who} should not hear anything any more"))
    }

    fn reads(&mut self, who: Who, text: usize) -> Verdict {
        self.may_act(who)?;
        if text == END {
            self.frames.says_last(who, self.now);
        }
        expect("the client's next text", &Some(text), &self.cast[who].texts.pop_front())
    }

    fn undelivered(&mut self, who: Who, what: &What) -> Verdict {
        let mailbox = &mut self.cast[who].mailbox;
        let at = mailbox.iter().position(|item| item.what.is_message());
        let next = at.and_then(|at| mailbox.remove(at)).map(|item| item.what);
        expect("undelivered", &Some(what), &next.as_ref())?;
        if let What::Question(number) = what {
            let (asker, _) = self.questions[number];
            self.leaves_unanswered(who, asker, *number);
        }
        Ok(())
    }

    /// Why an actor may end now.
    fn ends_for(&self, who: Who) -> Vec<Why> {
        let actor = &self.cast[who];
        match actor {
            Actor { is_closing: true, .. } => vec![Why::Normal],
            Actor { has_panicked: true, .. } => vec![Why::Panic],
            _ if self.program.guests.iter().any(|guest| guest.who == who) => {
                self.guest_ends_for(who)
            }
            _ => {
                let count = if self.program.settles { actor.dooms.len() } else { 1 };
                let dooms = actor.dooms.iter().take(count);
                dooms.chain(&actor.client_ends).copied().collect()
            }
        }
    }

    fn guest_ends_for(&self, who: Who) -> Vec<Why> {
        let ends = self.program.guests.iter().filter(|guest| guest.who == who);
        let ends = ends.map(|guest| match guest.end {
            End::Refused => Why::Refused,
            End::Panic => Why::Panic,
            End::Exit(why) => self.cast[who].dooms.first().copied().unwrap_or(why),
        });
        ends.collect()
    }

    fn stopped(&mut self, who: Who, why: Why) -> Verdict {
        let reasons = self.ends_for(who);
        if self.cast[who].life != Life::Alive || !reasons.contains(&why) {
            return Err(format!("{who} should end for one of {reasons:?}"));
        }
        let gone = Actor { life: Life::Gone, ..Actor::default() };
        let actor = std::mem::replace(&mut self.cast[who], gone);
        let is_polite = actor.is_closing && actor.dooms.is_empty() && actor.client_ends.is_none();
        self.frames.ends(who, self.now, is_polite);
        self.leaves(who, |_| true);
        if matches!(why, Why::PeerClosed(_)) && !actor.dooms.contains(&why) {
            expect("unread", &actor.texts.len(), &0)?;
        }
        let Actor { mailbox, links, kept, .. } = actor;
        if let Some(left) = mailbox.iter().find(|item| item.what.is_message()) {
            return Err(format!("{:?} should have been given back", left.what));
        }
        self.names.retain(|_, holder| *holder != who);
        for (asker, number) in kept {
            self.leaves_unanswered(who, asker, number);
        }
        for linked in links {
            if self.cast[linked].links.remove(&who) {
                self.exit(linked, Some(who), why);
            }
        }
        for watcher in 0..self.cast.len() {
            for at in 0..self.cast[watcher].monitors.len() {
                if self.cast[watcher].monitors[at] == Some(who) {
                    self.cast[watcher].monitors[at] = None;
                    self.receives(watcher, What::Down(at, who, why), Some(who));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn members(&self, room: usize) -> Vec<Who> {
        (0..self.cast.len()).filter(|who| self.cast[*who].rooms.contains(&room)).collect()
    }
}
