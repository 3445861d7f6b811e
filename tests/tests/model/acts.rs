//! What actors do, and what should come of it.

use crate::log::{Came, Told, What, Who, Why};
use crate::model::{Item, Life, Model, Verdict};
use crate::program::{Act, FLOOD};

impl Model<'_> {
    /// Somebody does this. What comes of it?
    pub(crate) fn does(&mut self, me: Who, act: &Act, number: u32, came: &Came) -> Verdict<Came> {
        if let Act::Link(who)
        | Act::Unlink(who)
        | Act::UnlinkFlush(who)
        | Act::Monitor(who)
        | Act::Exit(who, _)
        | Act::Kill(who)
        | Act::Tell(who)
        | Act::Flood(who)
        | Act::Ask(who, _) = *act
            && self.cast[who].life == Life::Unborn
        {
            return Ok(Came::Nothing);
        }
        match *act {
            Act::Spawn(child) => self.cast[child].life = Life::Alive,
            Act::SpawnLink(child) => {
                self.cast[child].life = Life::Alive;
                self.link(me, child);
            }
            Act::Link(who) => self.link(me, who),
            Act::Unlink(who) => self.unlink(me, who),
            Act::UnlinkFlush(who) => self.unlink_flush(me, who),
            Act::Monitor(who) => self.monitor(me, who),
            Act::Demonitor(at) | Act::DemonitorFlush(at) => {
                let Some(monitor) = self.cast[me].monitors.get_mut(at) else {
                    return Ok(Came::Nothing);
                };
                let was_there = monitor.take().is_some();
                if matches!(act, Act::DemonitorFlush(_)) {
                    self.forget_down(me, at);
                }
                return Ok(Came::Whether(was_there));
            }
            Act::Trap => self.cast[me].traps = true,
            Act::Obey => self.cast[me].traps = false,
            Act::Exit(who, why) => self.exit(who, None, why),
            Act::ExitMe(why) => self.doom(me, why),
            Act::Kill(who) => self.doom(who, Why::Killed),
            Act::Panic => self.cast[me].has_panicked = true,
            Act::After => self.cast[me].moments.push(Some(number)),
            Act::Cancel(at) => {
                let moment = self.cast[me].moments.get_mut(at);
                return Ok(moment.map_or(Came::Nothing, |it| Came::Whether(it.take().is_some())));
            }
            Act::Block => {
                let is_free = self.cast[me].works.is_none();
                self.cast[me].works.get_or_insert(number);
                return Ok(Came::Whether(is_free));
            }
            Act::Register(name) => {
                let holder = *self.names.entry(name).or_insert(me);
                return Ok(Came::Whether(holder == me));
            }
            Act::Find(name) => return Ok(Came::Found(self.names.get(&name).copied())),
            Act::Rest => self.rests(me),
            _ => return self.tells(me, act, number, came),
        }
        Ok(Came::Done)
    }

    fn tells(&mut self, me: Who, act: &Act, number: u32, came: &Came) -> Verdict<Came> {
        match *act {
            Act::Tell(who) => Ok(Came::Told(self.tell(who, What::Info(number), Some(me)))),
            Act::Flood(who) => {
                let tell = |_: &u32| self.tell(who, What::Info(number), Some(me)) == Told::Queued;
                Ok(Came::Flooded((0..FLOOD).filter(tell).count()))
            }
            Act::Ask(who, manner) => {
                self.questions.insert(number, (me, manner));
                Ok(Came::Told(self.tell(who, What::Question(number), Some(me))))
            }
            _ => self.does_in_rooms(me, act, number, came),
        }
    }

    pub(crate) fn link(&mut self, me: Who, other: Who) {
        if me == other {
        } else if self.cast[other].life == Life::Gone {
            self.exit(me, Some(other), Why::NoProc);
        } else {
            self.cast[me].links.insert(other);
            self.cast[other].links.insert(me);
        }
    }

    fn unlink(&mut self, me: Who, other: Who) {
        self.cast[me].links.remove(&other);
        self.cast[other].links.remove(&me);
    }

    fn unlink_flush(&mut self, me: Who, other: Who) {
        self.unlink(me, other);
        let is_exit = |item: &Item| matches!(item.what, What::Exit(Some(from), _) if from == other);
        self.cast[me].mailbox.retain(|item| !is_exit(item));
    }

    fn monitor(&mut self, me: Who, other: Who) {
        let at = self.cast[me].monitors.len();
        let is_gone = self.cast[other].life == Life::Gone;
        self.cast[me].monitors.push((!is_gone).then_some(other));
        if is_gone {
            self.receives(me, What::Down(at, other, Why::NoProc), Some(other));
        }
    }

    fn forget_down(&mut self, me: Who, monitor: usize) {
        let is_down = |item: &Item| matches!(item.what, What::Down(at, ..) if at == monitor);
        self.cast[me].mailbox.retain(|item| !is_down(item));
    }

    fn rests(&mut self, me: Who) {
        self.cast[me].traps = false;
        (0..self.cast.len()).for_each(|other| self.unlink_flush(me, other));
        self.cast[me].monitors.clear();
        self.cast[me].moments.clear();
        self.cast[me].mailbox.retain(|item| !matches!(item.what, What::Down(..)));
        for (asker, number) in std::mem::take(&mut self.cast[me].kept) {
            self.leaves_unanswered(me, asker, number);
        }
    }
}
