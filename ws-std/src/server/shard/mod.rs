//! A shard: an event loop on a thread of its own, with its connections.
//!
//! ```text
//! a turn:  wait ─▶ read and dispatch what is ready ─▶ orders from outside ─▶ flush ─▶ deadlines
//! ```
//!
//! Nothing in a turn waits: not for a socket, not for another shard, not for a lock that is held
//! while somebody's code runs. What one connection may do in a turn is bounded, and goes on in the
//! next.

mod actors;
mod draining;
mod end;
mod events;
mod expire;
mod fanout;
mod hearing;
mod inflate;
mod large;
mod opening;
mod orders;
mod receive;
mod seat;
mod slot;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use mio::{Events, Poll, Token};
use slab::Slab;
use ws_core::connection::Time;

use self::fanout::{Run, When};
use self::receive::Cause;
pub(crate) use self::seat::Seat;
use self::slot::Slot;
pub(crate) use self::slot::guard;
use super::accept::{Acceptor, MOST_LISTENERS};
use super::drain::Draining;
use super::engine::Engine;
use super::gate::Running;
use super::port::Incoming;
use crate::actor::{Handler, Reason, enter_shard, hand_over};
use crate::desk::Desk;
use crate::timers::Timers;

/// What wakes a shard when there is no socket to be read.
const WAKE: Token = Token(usize::MAX);

/// Listeners, where a shard has some, count down from here.
const LISTENERS: usize = usize::MAX - 1;

/// The receive buffer that all connections of a shard read into, in turn.
const BUFFER: usize = 256 << 10;

/// So many orders are taken in one turn, so that nobody can keep us at them.
const COMMANDS: usize = 8192;

/// So many events are taken from the system at once.
const EVENTS: usize = 1024;

pub(crate) struct Shard<H: Handler> {
    engine: Arc<Engine<H>>,
    poll: Poll,
    incoming: Incoming,
    slots: Slab<Slot<H>>,
    timers: Timers,
    desk: Desk,
    buffer: Vec<u8>,
    /// What TLS has made of it.
    plain: Vec<u8>,
    /// Those who have something left to be read.
    queue: Vec<usize>,
    /// Those who have ended in this turn: their places are free when it is over, since until then
    /// an event or an entry on a list may still mean them.
    ended: Vec<usize>,
    /// Scratch for keys whose time has come.
    due: Vec<usize>,
    /// Listeners, if this shard accepts by itself.
    acceptor: Option<Acceptor>,
    drain: Option<Draining>,
    /// Not all orders were taken in the last turn.
    more_commands: bool,
    /// Actors without a socket.
    actors: actors::Residents,
    /// Broadcasts that are about to be sent.
    run: Run,
    /// Ends when its last connection has.
    until_empty: bool,
    /// When it was last seen that nobody had held up the others.
    watched: Time,
    /// It has had a connection.
    served: bool,
    stopped: bool,
    running: Running,
}

impl<H: Handler> Shard<H> {
    /// A shard, on the thread that it will run on: what handlers remember never leaves it.
    pub(crate) fn new(seat: Seat<H>) -> Self {
        let Seat { engine, poll, incoming, port, acceptor, until_empty, running } = seat;
        let metrics = engine.metrics.shard();
        let desk = Desk::new(
            engine.clock.clone(),
            engine.config.clone(),
            engine.system.clone(),
            engine.directory.clone(),
            metrics,
            port,
        );
        Self {
            poll,
            incoming,
            slots: Slab::new(),
            timers: Timers::new(desk.now),
            desk,
            buffer: vec![0; BUFFER],
            plain: vec![],
            queue: vec![],
            ended: vec![],
            due: vec![],
            acceptor,
            drain: None,
            more_commands: false,
            actors: actors::Residents::default(),
            run: Run::default(),
            until_empty,
            watched: Time(0),
            served: false,
            stopped: false,
            engine,
            running,
        }
    }

    /// Serves until it is told to stop.
    pub(crate) fn run(mut self) {
        let mut events = Events::with_capacity(EVENTS);
        if !self.until_empty {
            enter_shard();
        }
        while !self.stopped {
            let wait = self.wait();
            if let Err(error) = self.poll.poll(&mut events, wait)
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "the system's event queue has failed");
                self.stopped = true;
            }
            self.turn(&events);
        }
        self.close_all(&Reason::Shutdown);
        self.end_actors();
        hand_over(&self.engine.handler, &mut self.desk);
        self.desk.port.ends();
        self.release();
    }

    /// How long nothing has to be done, if no socket has something.
    fn wait(&mut self) -> Option<Duration> {
        let is_busy = !self.queue.is_empty() || self.actors.is_busy();
        if std::mem::take(&mut self.more_commands) || is_busy {
            return Some(Duration::ZERO);
        }
        let drain = self.drain.as_ref().map_or(Time::NEVER, Draining::next);
        let accept = self.acceptor.as_ref().map_or(Time::NEVER, Acceptor::next);
        let absent = self.desk.farewells.next();
        let soonest = self.timers.next().min(self.actors.next()).min(absent);
        self.engine.clock.until(soonest.min(drain).min(accept))
    }

    fn turn(&mut self, events: &Events) {
        let begun = self.engine.clock.now();
        self.desk.now = begun;
        self.watched = begun;
        self.desk.port.has_woken();
        // Those who had too much to read for one turn go on after those who have just come.
        let waiting = std::mem::take(&mut self.queue);
        let mut accept = false;
        for event in events {
            match event.token() {
                WAKE => {}
                Token(token) if token > LISTENERS - MOST_LISTENERS => accept = true,
                Token(key) => {
                    if event.is_writable() {
                        self.writable(key);
                    }
                    let last = event.is_read_closed() || event.is_error();
                    if event.is_readable() || last {
                        self.readable(key, last);
                    }
                }
            }
        }
        for key in waiting {
            self.go_on(key, Cause::Arrival);
        }
        self.accept(accept);
        self.obey();
        self.let_go_on();
        self.go_on_acting();
        self.flush();
        self.expire();
        self.go_on_draining();
        self.flush();
        self.release();
        let took = self.engine.clock.now().since(begun);
        self.desk.metrics.turn.record(took.0.into());
    }

    /// Takes sockets that have come, if this shard does that by itself.
    fn accept(&mut self, ready: bool) {
        if let Some(acceptor) = &mut self.acceptor
            && (ready || acceptor.next() <= self.desk.now || acceptor.is_over())
        {
            acceptor.accept();
        }
    }

    /// Does what others have asked for.
    fn obey(&mut self) {
        self.more_commands = Incoming::take(self, |shard| &shard.incoming, COMMANDS, Self::command);
        self.deliver(When::Now);
    }

    /// Writes for those who got something to be written in another's turn.
    fn flush(&mut self) {
        while let Some(key) = self.desk.dirty.pop() {
            let Some(slot) = self.slots.get_mut(key) else { continue };
            slot.wire.flags.dirty = false;
            slot.wire.flush(&mut self.desk);
            // Most members of a room take what they get, and that is all there is to it.
            if !slot.wire.is_calm() {
                self.settle(key);
            }
        }
    }

    /// Frees the places of those who have ended.
    fn release(&mut self) {
        self.engine.gate.keeps(std::mem::take(&mut self.desk.kept));
        for key in self.ended.drain(..) {
            if self.slots.contains(key) {
                self.slots.remove(key);
                self.desk.port.load.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
        let is_empty = self.slots.is_empty() && self.actors.is_empty();
        self.stopped |= self.until_empty && is_empty && self.served;
    }
}
