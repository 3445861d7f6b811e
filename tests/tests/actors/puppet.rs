//! Actors that do what they are told, and tell what happens to them.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ws_std::{
    Actor, ActorContext, Address, Builder, Context, Down, Ended, Exit, Handler, Message, Place,
    Reason, Reject, Request, Server, Threads,
};
pub(crate) use ws_tests::peer::{GUARD, Peer, next, until};

/// What a connection is told to do.
pub(crate) type Job = Box<dyn FnOnce(&mut Context<'_, Connections>) + Send>;

/// What an actor is told to do.
pub(crate) type Task = Box<dyn FnOnce(&mut ActorContext<'_, Agent>) + Send>;

/// Connections that tell their address to the test when they open, and what happens to them.
pub(crate) struct Connections {
    pub(crate) opened: Sender<Address<Job>>,
    pub(crate) told: Sender<String>,
}

impl Handler for Connections {
    type State = ();
    type Info = Job;

    fn on_connect(&self, ctx: &mut Context<'_, Self>, _: &Request<'_>) -> Result<(), Reject> {
        self.opened.send(ctx.me().address()).unwrap();
        Ok(())
    }

    fn on_message(&self, (): &mut (), ctx: &mut Context<'_, Self>, message: Message<'_>) {
        if let Message::Text(text) = message {
            assert_ne!(*text, *"panic", "as the client wished");
        }
        ctx.send(message);
    }

    fn on_info(&self, (): &mut (), ctx: &mut Context<'_, Self>, job: Job) {
        job(ctx);
    }

    fn on_exit(&self, (): &mut (), _: &mut Context<'_, Self>, exit: Exit) {
        self.tell(format!("exit: {}", exit.reason));
    }

    fn on_down(&self, (): &mut (), _: &mut Context<'_, Self>, down: Down) {
        self.tell(format!("down: {}", down.reason));
    }

    fn on_undelivered(&self, (): &mut (), _: Job) {
        self.tell("undelivered".into());
    }

    fn on_close(&self, (): &mut (), _: &mut Context<'_, Self>, ended: &Ended) {
        self.tell(format!("closed: {}", ended.reason));
    }
}

impl Connections {
    fn tell(&self, what: String) {
        self.told.send(what).unwrap();
    }
}

/// An actor without a socket.
pub(crate) struct Agent {
    pub(crate) told: Sender<String>,
    pub(crate) place: Place,
}

impl Agent {
    /// One that lives on a shard, and what it tells.
    pub(crate) fn new() -> (Self, Receiver<String>) {
        let (told, tells) = channel();
        (Self { told, place: Place::Shard }, tells)
    }
}

impl Actor for Agent {
    type Info = Task;

    fn place(&self) -> Place {
        self.place
    }

    fn on_info(&mut self, ctx: &mut ActorContext<'_, Self>, task: Task) {
        task(ctx);
    }

    fn on_exit(&mut self, _: &mut ActorContext<'_, Self>, exit: Exit) {
        let _whoever_hears = self.told.send(format!("exit: {}", exit.reason));
    }

    fn on_down(&mut self, _: &mut ActorContext<'_, Self>, down: Down) {
        let _whoever_hears = self.told.send(format!("down: {}", down.reason));
    }

    fn on_undelivered(&mut self, _: Task) {
        let _whoever_hears = self.told.send("undelivered".into());
    }

    fn on_stop(&mut self, _: &mut ActorContext<'_, Self>, reason: &Reason) {
        let _whoever_hears = self.told.send(format!("stopped: {reason}"));
    }
}

/// A server of such connections.
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) opened: Receiver<Address<Job>>,
    pub(crate) told: Receiver<String>,
}

impl Stage {
    /// On so many shards.
    pub(crate) fn on(shards: usize) -> Self {
        Self::with(|builder| builder.threads(Threads::Fixed(shards)))
    }

    pub(crate) fn with(change: impl FnOnce(Builder<Connections>) -> Builder<Connections>) -> Self {
        let ((opens, opened), (tells, told)) = (channel(), channel());
        let builder = Server::builder(Connections { opened: opens, told: tells });
        let server = change(builder).listen("127.0.0.1:0").unwrap().start().unwrap();
        Self { server, opened, told }
    }

    /// A client, and the address of its connection.
    pub(crate) fn client(&self) -> (Peer, Address<Job>) {
        (Peer::open(&self.server), next(&self.opened))
    }

    /// An actor on a shard, and what it tells.
    pub(crate) fn agent(&self) -> (Address<Task>, Receiver<String>) {
        let (agent, told) = Agent::new();
        (self.server.actors().spawn(agent).unwrap(), told)
    }
}

/// Has a connection do something, and waits for what comes of it.
pub(crate) fn at<R: Send + 'static>(
    connection: &Address<Job>,
    work: impl FnOnce(&mut Context<'_, Connections>) -> R + Send + 'static,
) -> R {
    let job = |reply: ws_std::Reply<R>| -> Job { Box::new(|ctx| reply.send(work(ctx))) };
    connection.ask(job, GUARD).unwrap()
}

/// Has an actor do something, and waits for what comes of it.
pub(crate) fn with<R: Send + 'static>(
    agent: &Address<Task>,
    work: impl FnOnce(&mut ActorContext<'_, Agent>) -> R + Send + 'static,
) -> R {
    let task = |reply: ws_std::Reply<R>| -> Task { Box::new(|ctx| reply.send(work(ctx))) };
    agent.ask(task, GUARD).unwrap()
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
