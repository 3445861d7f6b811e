//! A shard before its thread runs.

use std::io;
use std::sync::Arc;

use mio::Poll;

use super::{LISTENERS, WAKE};
use crate::actor::Handler;
use crate::server::accept::Acceptor;
use crate::server::engine::Engine;
use crate::server::gate::Running;
use crate::server::port::{Incoming, Port};
use crate::sync::Waker;

/// What a shard is made of: everything that can go to another thread.
pub(crate) struct Seat<H: Handler> {
    pub(crate) engine: Arc<Engine<H>>,
    pub(crate) poll: Poll,
    pub(crate) incoming: Incoming,
    /// The way in.
    pub(crate) port: Arc<Port>,
    /// Listeners, if the shard accepts by itself.
    pub(crate) acceptor: Option<Acceptor>,
    /// Whether it ends when its last connection has.
    pub(crate) until_empty: bool,
    pub(crate) running: Running,
}

impl<H: Handler> Seat<H> {
    pub(crate) fn new(engine: &Arc<Engine<H>>) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKE)?);
        engine.clock.wake_with(&waker);
        let (port, incoming) = Port::new(waker);
        let running = engine.gate.has_shard(&port);
        let engine = engine.clone();
        Ok(Self { engine, poll, incoming, port, acceptor: None, until_empty: false, running })
    }

    /// Lets the shard accept by itself.
    pub(crate) fn accept_with(&mut self, mut acceptor: Acceptor) -> io::Result<()> {
        acceptor.register(self.poll.registry(), LISTENERS)?;
        self.engine.gate.wakes(self.port.waker());
        self.acceptor = Some(acceptor);
        Ok(())
    }

    /// Lets the shard end when its last connection has.
    pub(crate) fn end_when_empty(&mut self) {
        self.until_empty = true;
    }
}
