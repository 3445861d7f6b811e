//! A supervisor of actors that do what they are told, and a log of what happens to them.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ws_std::supervisor::{Child, ChildInfo, Command, Count, Supervisor};
use ws_std::{Actor, ActorContext, ActorRef, Address, Clock, Exit, Hand, Place, Reason, Threads};

use crate::puppet::{GUARD, Stage, Task, next, until, with};

/// What a worker is told to do.
pub(crate) type Job = Box<dyn FnOnce(&mut ActorContext<'_, Worker>) + Send>;

/// An actor that tells when it begins and ends.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) name: &'static str,
    pub(crate) log: Sender<String>,
    pub(crate) traps: bool,
    pub(crate) place: Place,
}

impl Actor for Worker {
    type Info = Job;

    fn place(&self) -> Place {
        self.place
    }

    fn on_start(&mut self, ctx: &mut ActorContext<'_, Self>) {
        if self.traps {
            ctx.me().trap_exits();
        }
        self.tell(&format!("+{}", self.name));
    }

    fn on_info(&mut self, ctx: &mut ActorContext<'_, Self>, job: Job) {
        job(ctx);
    }

    fn on_exit(&mut self, _: &mut ActorContext<'_, Self>, exit: Exit) {
        self.tell(&format!("{} hears: {}", self.name, exit.reason));
    }

    fn on_undelivered(&mut self, _: Job) {
        self.tell(&format!("{} has not heard", self.name));
    }

    fn on_stop(&mut self, _: &mut ActorContext<'_, Self>, reason: &Reason) {
        self.tell(&format!("-{}: {reason}", self.name));
    }
}

impl Worker {
    fn tell(&self, what: &str) {
        let _whoever_hears = self.log.send(what.into());
    }
}

/// A server, and what workers say on it.
pub(crate) struct Family {
    pub(crate) stage: Stage,
    hand: Hand,
    /// Who says when the shard has seen that time has passed.
    waits: Address<Task>,
    pub(crate) log: Sender<String>,
    pub(crate) said: Receiver<String>,
}

impl Family {
    pub(crate) fn new() -> Self {
        Self::on(Threads::Fixed(1))
    }

    pub(crate) fn on(threads: Threads) -> Self {
        let (clock, hand) = Clock::manual();
        let stage = Stage::with(|builder| builder.clock(clock).threads(threads));
        let (log, said) = channel();
        let (waits, _) = stage.agent();
        Self { stage, hand, waits, log, said }
    }

    /// Lets so much time pass, and waits until the shard goes by it.
    pub(crate) fn advance(&self, by: Duration) {
        let (tell, told) = channel();
        with(&self.waits, move |ctx| {
            ctx.after(by, move |_, _| tell.send(()).unwrap()).unwrap();
        });
        self.hand.advance(by);
        next(&told);
    }

    pub(crate) fn start(&self, supervisor: Supervisor) -> Address<Command> {
        self.stage.server.actors().spawn(supervisor).unwrap()
    }

    /// A worker on a shard that obeys exits.
    pub(crate) fn worker(&self, name: &'static str) -> Worker {
        Worker { name, log: self.log.clone(), traps: false, place: Place::Shard }
    }

    /// One that must be killed.
    pub(crate) fn stubborn(&self, name: &'static str) -> Worker {
        Worker { traps: true, ..self.worker(name) }
    }

    pub(crate) fn permanent(&self, name: &'static str) -> Child {
        making(Child::permanent, self.worker(name))
    }

    pub(crate) fn transient(&self, name: &'static str) -> Child {
        making(Child::transient, self.worker(name))
    }

    pub(crate) fn temporary(&self, name: &'static str) -> Child {
        making(Child::temporary, self.worker(name))
    }

    /// This is what is said next, in this order.
    #[track_caller]
    pub(crate) fn expect(&self, said: &[&str]) {
        let heard: Vec<String> = said.iter().map(|_| next(&self.said)).collect();
        assert_eq!(heard, said);
    }

    /// Nothing more is said, now that the supervisor has heard all there was.
    #[track_caller]
    pub(crate) fn expect_nothing_more(&self, supervisor: &Address<Command>) {
        states(supervisor);
        assert_eq!(self.said.try_iter().collect::<Vec<_>>(), [""; 0]);
    }
}

/// A child that is always made like this.
pub(crate) fn making(
    kind: impl FnOnce(&'static str, Box<dyn FnMut() -> Worker + Send>) -> Child,
    worker: Worker,
) -> Child {
    kind(worker.name, Box::new(move || worker.clone()))
}

pub(crate) fn ask<R: Send + 'static>(
    supervisor: &Address<Command>,
    command: impl FnOnce(ws_std::Reply<R>) -> Command,
) -> R {
    supervisor.ask(command, GUARD).unwrap()
}

pub(crate) fn count(supervisor: &Address<Command>) -> Count {
    ask(supervisor, Command::Count)
}

pub(crate) fn list(supervisor: &Address<Command>) -> Vec<ChildInfo> {
    ask(supervisor, Command::List)
}

/// What the children do, in a word for each.
pub(crate) fn states(supervisor: &Address<Command>) -> String {
    let word = |child: ChildInfo| {
        let state = format!("{:?}", child.state);
        format!("{} {}", child.id, state.split('(').next().unwrap().to_lowercase())
    };
    list(supervisor).into_iter().map(word).collect::<Vec<_>>().join(", ")
}

/// The actor that a child is, as soon as it runs.
pub(crate) fn find(supervisor: &Address<Command>, id: &'static str) -> ActorRef {
    let mut found = None;
    until(|| {
        found = ask(supervisor, |reply| Command::Find(id.into(), reply));
        found.is_some()
    });
    found.unwrap()
}

/// Has a child do something.
pub(crate) fn tell(
    supervisor: &Address<Command>,
    id: &'static str,
    job: impl FnOnce(&mut ActorContext<'_, Worker>) + Send + 'static,
) {
    let child: Address<Job> = find(supervisor, id).address().unwrap();
    child.tell(Box::new(job)).map_err(|error| error.to_string()).unwrap();
}

pub(crate) fn crash(supervisor: &Address<Command>, id: &'static str) {
    tell(supervisor, id, |_| panic!("oh no"));
}

pub(crate) fn finish(supervisor: &Address<Command>, id: &'static str) {
    tell(supervisor, id, |ctx| ctx.stop());
}

/// How what is said of a crash ends.
pub(crate) const CRASH: &str = "the handler panicked: oh no";

pub(crate) const FIVE: Duration = Duration::from_secs(5);
