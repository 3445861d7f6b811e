//! What an actor remembers, with a socket or without, and what it can do as one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ws_std::{ActorRef, Down, Exit, Me, MonitorId, Reply, TimerId};

use crate::actors::{Cue, World, told};
use crate::log::{Came, What, Who};
use crate::program::{Act, FLOOD, Manner, NAMES};

/// What an actor remembers.
#[derive(Default)]
pub(crate) struct Own {
    pub(crate) who: Arc<AtomicUsize>,
    monitors: Vec<MonitorId>,
    pub(crate) moments: Vec<TimerId>,
    /// Whom it owes an answer.
    kept: Vec<Reply<u32>>,
}

impl Own {
    /// Of somebody in the cast.
    pub(crate) fn of(who: Who) -> Self {
        Self { who: Arc::new(AtomicUsize::new(who)), ..Self::default() }
    }

    /// Does what only concerns actors; none if that act is about something else.
    pub(crate) fn act(
        &mut self,
        world: &Arc<World>,
        me: &Me<'_, Cue>,
        act: &Act,
        number: u32,
    ) -> Option<Came> {
        self.does(world, me, act).or_else(|| self.tries(world, me, act, number))
    }

    /// What nothing in particular can come of.
    fn does(&mut self, world: &Arc<World>, me: &Me<'_, Cue>, act: &Act) -> Option<Came> {
        match *act {
            Act::Spawn(child) => {
                let address = me.spawn(world.agent(child)).unwrap();
                world.scene().cast[child] = Some(address);
            }
            Act::SpawnLink(child) => {
                let address = me.spawn_link(world.agent(child)).unwrap();
                world.scene().cast[child] = Some(address);
            }
            Act::Link(who)
            | Act::Unlink(who)
            | Act::UnlinkFlush(who)
            | Act::Monitor(who)
            | Act::Exit(who, _)
            | Act::Kill(who) => {
                let Some(other) = world.address(who) else { return Some(Came::Nothing) };
                self.does_to(me, other.actor(), act);
            }
            Act::Trap => me.trap_exits(),
            Act::Obey => me.obey_exits(),
            Act::ExitMe(why) => me.exit(why.reason()),
            Act::Rest => self.rests(world, me),
            _ => return None,
        }
        Some(Came::Done)
    }

    fn does_to(&mut self, me: &Me<'_, Cue>, other: &ActorRef, act: &Act) {
        match act {
            Act::Link(_) => me.link(other),
            Act::Unlink(_) => me.unlink(other),
            Act::UnlinkFlush(_) => me.unlink_flush(other),
            Act::Monitor(_) => self.monitors.push(me.monitor(other)),
            Act::Exit(_, why) => other.exit(why.reason()),
            _ => other.kill(),
        }
    }

    /// What something comes of.
    fn tries(&self, world: &World, me: &Me<'_, Cue>, act: &Act, number: u32) -> Option<Came> {
        Some(match *act {
            Act::Demonitor(at) => self.demonitor(at, |monitor| me.demonitor(monitor)),
            Act::DemonitorFlush(at) => self.demonitor(at, |monitor| me.demonitor_flush(monitor)),
            Act::Tell(who) => world
                .address(who)
                .map_or(Came::Nothing, |other| Came::Told(told(other.tell(Cue::Info(number))))),
            Act::Flood(who) => world.address(who).map_or(Came::Nothing, |other| {
                let tell = |_: &u32| other.tell(Cue::Info(number)).is_ok();
                Came::Flooded((0..FLOOD).filter(tell).count())
            }),
            // A panic of which nothing is printed.
            Act::Panic => std::panic::resume_unwind(Box::new("as told")),
            Act::Register(name) => Came::Whether(me.register(NAMES[name]).is_ok()),
            Act::Find(name) => {
                let found = me.find::<Cue>(NAMES[name]);
                Came::Found(found.map(|found| world.who(found.id())))
            }
            _ => return None,
        })
    }

    pub(crate) fn who(&self) -> Who {
        self.who.load(Ordering::SeqCst)
    }

    /// Has nothing to do with anybody any more.
    fn rests(&mut self, world: &World, me: &Me<'_, Cue>) {
        me.obey_exits();
        let cast = world.scene().cast.clone();
        cast.iter().flatten().for_each(|other| me.unlink_flush(other.actor()));
        self.monitors.drain(..).for_each(|monitor| _ = me.demonitor_flush(monitor));
        self.kept.clear();
    }

    fn demonitor(&self, at: usize, deed: impl FnOnce(MonitorId) -> bool) -> Came {
        self.monitors.get(at).map_or(Came::Nothing, |monitor| Came::Whether(deed(*monitor)))
    }

    /// Hears something that is no step.
    pub(crate) fn hears(&mut self, cue: Cue) {
        match cue {
            Cue::Question(number, Manner::Answers, reply) => reply.send(number),
            Cue::Question(_, Manner::Keeps, reply) => self.kept.push(reply),
            Cue::Question(..) | Cue::Step(_) | Cue::Info(_) => {}
        }
    }

    pub(crate) fn down(&self, world: &World, down: &Down) -> What {
        let at = self.monitors.iter().position(|monitor| *monitor == down.monitor);
        What::Down(at.expect("a monitor of its own"), world.who(down.actor), (&down.reason).into())
    }
}

pub(crate) fn exit(world: &World, exit: &Exit) -> What {
    What::Exit(exit.from.map(|from| world.who(from)), (&exit.reason).into())
}
