//! Messages that come back to the connection that sent them.

use std::io;

use mio::{Events, Poll};

use super::link::{Link, Scratch, Target};
use super::opening;
use super::receiving::Receiving;
use super::script::{Protocol, Script, Sending};
use super::{Counted, Crowd, Meter, Window, keep_busy, wait};
use crate::cells::{self, GROWTH_BYTES, GROWTH_UNDER_WAY, Payload};

/// Connections that each keep so many messages under way.
pub(crate) struct Echo {
    echoers: Echoers,
    script: Script,
    states: Vec<State>,
    in_flight: usize,
}

/// Connections that have no more messages under way together, be they one or many: each of the
/// messages goes on on another connection as soon as it is back.
pub(crate) struct Growth {
    echoers: Echoers,
    script: Script,
    states: Vec<State>,
    turn: usize,
}

/// How far from one connection to the next, so that what a server knows about it has not just been
/// fetched with its neighbour. A prime number, so that all have their turn.
const STRIDE: usize = 7919;

/// Open connections that send and receive.
pub(crate) struct Echoers {
    poll: Poll,
    scratch: Scratch,
    protocol: Protocol,
    links: Vec<Link>,
}

impl Echoers {
    pub(crate) fn open(target: &Target, protocol: Protocol, count: usize) -> io::Result<Self> {
        let mut poll = Poll::new()?;
        let mut scratch = Scratch::new();
        let links = opening::open(&mut poll, target, protocol, count, &mut scratch)?;
        Ok(Self { poll, scratch, protocol, links })
    }

    /// Each connection sends one message, and has it back in the end.
    pub(crate) fn once(&mut self, bytes: usize) -> io::Result<()> {
        self.each_once(&Script::echoed(self.protocol, Payload::Binary, bytes, 1))
    }

    /// Each connection has its question answered.
    pub(super) fn each_once(&mut self, script: &Script) -> io::Result<()> {
        let mut states = self.states(script);
        let mut events = Events::with_capacity(1024);
        let mut answered = 0;
        for (link, state) in self.links.iter_mut().zip(&mut states) {
            state.sending.owe(1);
            state.send(link, script)?;
        }
        while answered < self.links.len() {
            wait(&mut self.poll, &mut events)?;
            for event in &events {
                let place = event.token().0;
                let (link, state) = (&mut self.links[place], &mut states[place]);
                answered += state.receive(link, script, &mut self.scratch)?;
                state.send(link, script)?;
            }
        }
        Ok(())
    }

    fn states(&self, script: &Script) -> Vec<State> {
        (0..self.links.len()).map(|place| State::from_variant(script.variant_of(place))).collect()
    }

    pub(super) fn into_parts(self) -> (Poll, Scratch, Vec<Link>) {
        (self.poll, self.scratch, self.links)
    }
}

impl Echo {
    pub(crate) fn open(
        target: &Target,
        protocol: Protocol,
        cell: &cells::Echo,
    ) -> io::Result<Self> {
        let echoers = Echoers::open(target, protocol, cell.connections)?;
        let script = Script::echoed(protocol, cell.payload, cell.bytes, cell.in_flight);
        Ok(Self { states: echoers.states(&script), echoers, script, in_flight: cell.in_flight })
    }
}

impl Crowd for Echo {
    fn work(&mut self, window: Window, watcher: &mut dyn FnMut()) -> io::Result<Counted> {
        let meter = Meter::new(window, watcher);
        let Self { echoers, script, states, in_flight } = self;
        let mut events = Events::with_capacity(1024);
        let mut under_way = echoers.links.len() * *in_flight;
        for (link, state) in echoers.links.iter_mut().zip(&mut *states) {
            state.sending.owe(*in_flight);
            state.send(link, script)?;
        }
        keep_busy(meter, |goes_on| {
            wait(&mut echoers.poll, &mut events)?;
            let mut complete = 0;
            for event in &events {
                let place = event.token().0;
                let (link, state) = (&mut echoers.links[place], &mut states[place]);
                let count = state.receive(link, script, &mut echoers.scratch)?;
                complete += count;
                if goes_on {
                    state.sending.owe(count);
                } else {
                    under_way -= count;
                }
                state.send(link, script)?;
            }
            Ok((complete, under_way))
        })
    }
}

impl Growth {
    pub(crate) fn open(
        target: &Target,
        protocol: Protocol,
        connections: usize,
    ) -> io::Result<Self> {
        let echoers = Echoers::open(target, protocol, connections)?;
        let script = Script::echoed(protocol, Payload::Binary, GROWTH_BYTES, GROWTH_UNDER_WAY);
        Ok(Self { states: echoers.states(&script), echoers, script, turn: 0 })
    }

    /// The connections whose turn it is send so many messages.
    fn pass_on(&mut self, count: usize) -> io::Result<()> {
        let connections = self.echoers.links.len();
        let place = |turn: usize| turn * STRIDE % connections;
        let turns = self.turn..self.turn + count;
        for turn in turns.clone() {
            self.states[place(turn)].sending.owe(1);
        }
        for turn in turns.take(connections) {
            let link = &mut self.echoers.links[place(turn)];
            self.states[place(turn)].send(link, &self.script)?;
        }
        self.turn = (self.turn + count) % connections;
        Ok(())
    }

    /// Tells how many messages have come back on a connection.
    fn receive(&mut self, place: usize) -> io::Result<usize> {
        let (link, state) = (&mut self.echoers.links[place], &mut self.states[place]);
        let count = state.receive(link, &self.script, &mut self.echoers.scratch)?;
        // What the socket did not take before.
        state.send(link, &self.script)?;
        Ok(count)
    }
}

impl Crowd for Growth {
    fn work(&mut self, window: Window, watcher: &mut dyn FnMut()) -> io::Result<Counted> {
        let meter = Meter::new(window, watcher);
        let mut events = Events::with_capacity(1024);
        let mut under_way = GROWTH_UNDER_WAY;
        self.pass_on(under_way)?;
        keep_busy(meter, |goes_on| {
            wait(&mut self.echoers.poll, &mut events)?;
            let mut complete = 0;
            for event in &events {
                let count = self.receive(event.token().0)?;
                complete += count;
                if goes_on {
                    self.pass_on(count)?;
                } else {
                    under_way -= count;
                }
            }
            Ok((complete, under_way))
        })
    }
}

#[derive(Default)]
pub(super) struct State {
    pub(super) sending: Sending,
    receiving: Receiving,
}

impl State {
    fn from_variant(variant: usize) -> Self {
        Self {
            sending: Sending::from_variant(variant),
            receiving: Receiving::from_variant(variant),
        }
    }

    pub(super) fn send(&mut self, link: &mut Link, script: &Script) -> io::Result<()> {
        while !self.sending.is_done() {
            match link.send(self.sending.due(script))? {
                0 => break,
                count => self.sending.sent(script, count),
            }
        }
        link.flush()?;
        Ok(())
    }

    /// Tells how many messages are now complete.
    pub(super) fn receive(
        &mut self,
        link: &mut Link,
        script: &Script,
        scratch: &mut Scratch,
    ) -> io::Result<usize> {
        let mut count = 0;
        link.receive(scratch, |bytes| {
            count += self.receiving.take(script.answers(), bytes)?;
            Ok(())
        })?;
        Ok(count)
    }
}
