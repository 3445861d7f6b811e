//! Actors with and without a socket that take the steps of a program, and log what happens to them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use ws_std::{
    Actor, ActorContext, ActorId, Actors, Address, AskError, Context, Down, Ended, Exit, Handler,
    Message, OwnedMessage, Presence, Reason, Reject, Reply, Request, RoomRules, Rooms, TellError,
};

use crate::log::{Came, Entry, Told, What, Who, Why};
use crate::own::{Own, exit};
use crate::program::{Act, End, Manner, Program, number};
use crate::rooms;

/// No answer takes so long.
const FOREVER: Duration = Duration::from_secs(3600);

/// What all actors of a world know.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) actors: OnceLock<Actors>,
    pub(crate) rooms: OnceLock<Rooms>,
    /// How many actors without a socket there are.
    pub(crate) living: AtomicUsize,
    /// How much work is not done yet.
    pub(crate) working: AtomicUsize,
    /// The connection that has been opened last, and where it is told who it is in a program.
    pub(crate) opened: Mutex<Option<Opened>>,
    scene: Mutex<Scene>,
    turn: Mutex<()>,
}

/// A connection, and who it is.
pub(crate) type Opened = (Address<Cue>, Arc<AtomicUsize>);

/// What is known of the program that is played.
#[derive(Default)]
pub(crate) struct Scene {
    pub(crate) program: Arc<Program>,
    pub(crate) cast: Vec<Option<Address<Cue>>>,
    pub(crate) log: Vec<Entry>,
}

/// What actors are told.
pub(crate) enum Cue {
    Step(usize),
    Info(u32),
    Question(u32, Manner, Reply<u32>),
}

impl Cue {
    fn what(&self) -> What {
        match self {
            Self::Step(step) => What::Step(*step),
            Self::Info(number) => What::Info(*number),
            Self::Question(number, ..) => What::Question(*number),
        }
    }
}

/// What came of telling somebody something.
pub(crate) fn told(result: Result<(), TellError<Cue>>) -> Told {
    match result {
        Ok(()) => Told::Queued,
        Err(TellError::Full(_)) => Told::Full,
        Err(TellError::Gone(_)) => Told::Gone,
    }
}

impl World {
    pub(crate) fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().unwrap()
    }

    pub(crate) fn log(&self, entry: Entry) {
        self.scene().log.push(entry);
    }

    /// Whoever does something holds this, so that nobody on another shard logs what came of it
    /// before that is logged. (A panic leaves it as it is.)
    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who that is in the cast.
    pub(crate) fn who(&self, id: ActorId) -> Who {
        let scene = self.scene();
        let is_it =
            |address: &Option<Address<Cue>>| address.as_ref().is_some_and(|at| at.id() == id);
        scene.cast.iter().position(is_it).expect("one of the cast")
    }

    pub(crate) fn address(&self, who: Who) -> Option<Address<Cue>> {
        self.scene().cast.get(who).cloned().flatten()
    }

    pub(crate) fn rooms(&self) -> &Rooms {
        self.rooms.get().unwrap()
    }

    pub(crate) fn actors(&self) -> &Actors {
        self.actors.get().unwrap()
    }

    /// An actor comes into the world.
    pub(crate) fn agent(self: &Arc<Self>, who: Who) -> Agent {
        self.living.fetch_add(1, Ordering::SeqCst);
        Agent { world: self.clone(), own: Own::of(who), has_begun: false }
    }

    fn hears(&self, who: Who, what: What) {
        let _turn = self.turn();
        self.log(Entry::Hears(who, what));
    }
}

/// Work that is to be done: whoever waits until nothing happens any more waits for this.
struct Work(Arc<World>);

impl Work {
    fn begins(world: &Arc<World>) -> Self {
        world.working.fetch_add(1, Ordering::SeqCst);
        Self(world.clone())
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A question, and what came of asking it.
fn asked(result: Result<(), AskError>) -> Came {
    Came::Told(match result {
        Ok(()) => Told::Queued,
        Err(AskError::Full) => Told::Full,
        Err(AskError::Gone) => Told::Gone,
        Err(error) => panic!("{error}"),
    })
}

/// An actor without a socket.
pub(crate) struct Agent {
    world: Arc<World>,
    own: Own,
    has_begun: bool,
}

impl Drop for Agent {
    fn drop(&mut self) {
        if !self.has_begun {
            self.world.log(Entry::Unborn(self.own.who()));
        }
        self.world.living.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Agent {
    fn act(&mut self, ctx: &mut ActorContext<'_, Self>, act: &Act, number: u32) -> Came {
        if let Act::Ask(who, manner) = *act {
            let Some(other) = self.world.address(who) else { return Came::Nothing };
            let question = |reply| Cue::Question(number, manner, reply);
            return asked(ctx.ask(&other, question, FOREVER, move |agent, _, answer| {
                agent.world.hears(agent.own.who(), What::Answer(number, answer));
            }));
        }
        if *act == Act::After {
            let timer = ctx.after(Duration::ZERO, move |agent, _| {
                agent.world.hears(agent.own.who(), What::Moment(number));
            });
            self.own.moments.push(timer.unwrap());
            return Came::Done;
        }
        if let Act::Cancel(at) = *act {
            let timer = self.own.moments.get(at);
            return timer.map_or(Came::Nothing, |timer| Came::Whether(ctx.cancel(*timer)));
        }
        let came = self.own.act(&self.world, &ctx.me(), act, number);
        came.unwrap_or_else(|| rooms::from_outside(&self.world, act, number))
    }
}

impl Actor for Agent {
    type Info = Cue;

    fn on_start(&mut self, _: &mut ActorContext<'_, Self>) {
        self.has_begun = true;
        let _turn = self.world.turn();
        self.world.log(Entry::Started(self.own.who()));
    }

    fn on_info(&mut self, ctx: &mut ActorContext<'_, Self>, cue: Cue) {
        let world = self.world.clone();
        let _turn = world.turn();
        self.world.log(Entry::Hears(self.own.who(), cue.what()));
        let Cue::Step(step) = cue else { return self.own.hears(cue) };
        let program = self.world.scene().program.clone();
        for (at, act) in program.acts(step).iter().enumerate() {
            if *act == Act::Panic {
                self.world.log(Entry::Did(self.own.who(), step, at, Came::Done));
            }
            let came = self.act(ctx, act, number(step, at));
            self.world.log(Entry::Did(self.own.who(), step, at, came));
        }
    }

    fn on_exit(&mut self, _: &mut ActorContext<'_, Self>, told: Exit) {
        let world = self.world.clone();
        let _turn = world.turn();
        self.world.log(Entry::Hears(self.own.who(), exit(&self.world, &told)));
    }

    fn on_down(&mut self, _: &mut ActorContext<'_, Self>, down: Down) {
        let world = self.world.clone();
        let _turn = world.turn();
        self.world.log(Entry::Hears(self.own.who(), self.own.down(&self.world, &down)));
    }

    fn on_undelivered(&mut self, cue: Cue) {
        let world = self.world.clone();
        let _turn = world.turn();
        self.world.log(Entry::Undelivered(self.own.who(), cue.what()));
    }

    fn on_stop(&mut self, _: &mut ActorContext<'_, Self>, reason: &Reason) {
        let world = self.world.clone();
        let _turn = world.turn();
        self.world.log(Entry::Stopped(self.own.who(), reason.into()));
    }
}

/// Connections.
pub(crate) struct Connections(pub(crate) Arc<World>);

impl Connections {
    fn act(&self, own: &mut Own, ctx: &mut Context<'_, Self>, act: &Act, number: u32) -> Came {
        let world = &self.0;
        if let Act::Ask(who, manner) = *act {
            let Some(other) = world.address(who) else { return Came::Nothing };
            let question = |reply| Cue::Question(number, manner, reply);
            return asked(ctx.ask(&other, question, FOREVER, move |this, own, _, answer| {
                this.0.hears(own.who(), What::Answer(number, answer));
            }));
        }
        match *act {
            Act::After => {
                let timer = ctx.after(Duration::ZERO, move |this, own, _| {
                    this.0.hears(own.who(), What::Moment(number));
                });
                own.moments.push(timer.unwrap());
                return Came::Done;
            }
            Act::Cancel(at) => {
                let timer = own.moments.get(at);
                return timer.map_or(Came::Nothing, |timer| Came::Whether(ctx.cancel(*timer)));
            }
            Act::Block => {
                let work = Work::begins(world);
                let came = ctx.blocking(
                    move || work,
                    move |this, own, _, _work| this.0.hears(own.who(), What::Done(number)),
                );
                return Came::Whether(came.is_ok());
            }
            Act::Rest => own.moments.drain(..).for_each(|timer| _ = ctx.cancel(timer)),
            _ => {}
        }
        let came = own.act(world, &ctx.me(), act, number);
        came.or_else(|| rooms::from_inside(world, ctx, act, number))
            .unwrap_or_else(|| rooms::from_outside(world, act, number))
    }

    fn steps(&self, own: &mut Own, ctx: &mut Context<'_, Self>, step: usize) {
        let program = self.0.scene().program.clone();
        for (at, act) in program.acts(step).iter().enumerate() {
            if *act == Act::Panic {
                self.0.log(Entry::Did(own.who(), step, at, Came::Done));
            }
            let came = self.act(own, ctx, act, number(step, at));
            self.0.log(Entry::Did(own.who(), step, at, came));
        }
    }

    /// A guest comes, does something, and goes.
    fn receives(&self, ctx: &mut Context<'_, Self>, who: Who) -> Result<Own, Reject> {
        let (mut own, address) = (Own::of(who), ctx.me().address());
        let _turn = self.0.turn();
        let program = {
            let mut scene = self.0.scene();
            scene.cast[who] = Some(address);
            scene.program.clone()
        };
        self.0.log(Entry::Opened(who));
        let guest = program.guests.iter().find(|guest| guest.who == who).unwrap();
        self.steps(&mut own, ctx, guest.step);
        match guest.end {
            End::Refused => {
                self.0.log(Entry::Stopped(who, Why::Refused));
                Err(Reject::default())
            }
            End::Panic => {
                self.0.log(Entry::Stopped(who, Why::Panic));
                // A panic of which nothing is printed.
                std::panic::resume_unwind(Box::new("as told"))
            }
            End::Exit(why) => {
                ctx.me().exit(why.reason());
                self.0.log(Entry::Exits(who, why));
                Ok(own)
            }
        }
    }
}

impl Handler for Connections {
    type State = Own;
    type Info = Cue;

    fn on_room(&self, name: &str) -> Result<RoomRules, ws_std::Denied> {
        rooms::rules(name)
    }

    /// Each of these words is a number that is said only once.
    fn on_presence(&self, _: &str, presence: &Presence<'_>) -> Option<OwnedMessage> {
        Some(rooms::words(presence).to_string().into())
    }

    fn on_connect(
        &self,
        ctx: &mut Context<'_, Self>,
        request: &Request<'_>,
    ) -> Result<Own, Reject> {
        if let Some(who) = request.path().strip_prefix("/guest/") {
            return self.receives(ctx, who.parse().unwrap());
        }
        let own = Own::default();
        *self.0.opened.lock().unwrap() = Some((ctx.me().address(), own.who.clone()));
        ctx.send("open");
        Ok(own)
    }

    fn on_message(&self, own: &mut Own, ctx: &mut Context<'_, Self>, message: Message<'_>) {
        let _turn = self.0.turn();
        let text = message.text().unwrap();
        self.0.log(Entry::Reads(own.who(), text.parse().unwrap()));
        if text == crate::program::END.to_string() {
            ctx.send("end");
        }
    }

    fn on_info(&self, own: &mut Own, ctx: &mut Context<'_, Self>, cue: Cue) {
        let _turn = self.0.turn();
        self.0.log(Entry::Hears(own.who(), cue.what()));
        match cue {
            Cue::Step(step) => self.steps(own, ctx, step),
            _ => own.hears(cue),
        }
    }

    fn on_exit(&self, own: &mut Own, _: &mut Context<'_, Self>, told: Exit) {
        let _turn = self.0.turn();
        self.0.log(Entry::Hears(own.who(), exit(&self.0, &told)));
    }

    fn on_down(&self, own: &mut Own, _: &mut Context<'_, Self>, down: Down) {
        let _turn = self.0.turn();
        self.0.log(Entry::Hears(own.who(), own.down(&self.0, &down)));
    }

    fn on_undelivered(&self, own: &mut Own, cue: Cue) {
        let _turn = self.0.turn();
        self.0.log(Entry::Undelivered(own.who(), cue.what()));
    }

    fn on_close(&self, own: &mut Own, ctx: &mut Context<'_, Self>, ended: &Ended) {
        let _turn = self.0.turn();
        assert_eq!(ctx.rooms().count(), 0, "it hears of its end when it is in no room");
        self.0.log(Entry::Stopped(own.who(), Why::from(&ended.reason)));
    }
}
