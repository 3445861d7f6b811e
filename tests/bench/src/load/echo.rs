//! Messages that come back to the connection that sent them.

use std::io;

use mio::{Events, Poll};

use super::link::{Link, Scratch, Target};
use super::opening;
use super::receiving::Receiving;
use super::script::{Protocol, Script, Sending};
use super::{Counted, Meter, Window, wait};
use crate::cells::{Echo, GROWTH_BYTES, GROWTH_UNDER_WAY, Payload};

/// Measures the echo of a server.
pub(crate) fn echo(
    target: &Target,
    protocol: Protocol,
    cell: &Echo,
    window: Window,
    watcher: &mut dyn FnMut(),
) -> io::Result<Counted> {
    let mut echoers = Echoers::open(target, protocol, cell.connections)?;
    let script = Script::echoed(protocol, cell.payload, cell.bytes, cell.in_flight);
    echoers.run(&script, cell.in_flight, Meter::new(window, watcher))
}

/// Measures the same where no more messages are under way on many connections than on one. Each
/// of them goes on on another connection as soon as it is back.
pub(crate) fn growth(
    target: &Target,
    protocol: Protocol,
    connections: usize,
    window: Window,
    watcher: &mut dyn FnMut(),
) -> io::Result<Counted> {
    let mut echoers = Echoers::open(target, protocol, connections)?;
    let script = Script::echoed(protocol, Payload::Binary, GROWTH_BYTES, GROWTH_UNDER_WAY);
    echoers.roam(&script, GROWTH_UNDER_WAY, Meter::new(window, watcher))
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

    /// Each connection keeps so many messages under way, until the meter says that it is over.
    fn run(
        &mut self,
        script: &Script,
        in_flight: usize,
        mut meter: Meter<'_>,
    ) -> io::Result<Counted> {
        let mut states = self.states(script);
        let mut events = Events::with_capacity(1024);
        for (link, state) in self.links.iter_mut().zip(&mut states) {
            state.sending.owe(in_flight);
            state.send(link, script)?;
        }
        loop {
            wait(&mut self.poll, &mut events)?;
            let mut complete = 0;
            for event in &events {
                let place = event.token().0;
                let (link, state) = (&mut self.links[place], &mut states[place]);
                let count = state.receive(link, script, &mut self.scratch)?;
                complete += count as u64;
                state.sending.owe(count);
                state.send(link, script)?;
            }
            if let Some(counted) = meter.add(complete) {
                return Ok(counted);
            }
        }
    }

    /// All connections together keep so many messages under way.
    fn roam(
        &mut self,
        script: &Script,
        under_way: usize,
        mut meter: Meter<'_>,
    ) -> io::Result<Counted> {
        let mut states = self.states(script);
        let mut events = Events::with_capacity(1024);
        let mut turn = 0;
        self.pass_on(&mut states, script, &mut turn, under_way)?;
        loop {
            wait(&mut self.poll, &mut events)?;
            let mut complete = 0;
            for event in &events {
                let place = event.token().0;
                let (link, state) = (&mut self.links[place], &mut states[place]);
                let count = state.receive(link, script, &mut self.scratch)?;
                complete += count as u64;
                // What the socket did not take before.
                state.send(link, script)?;
                self.pass_on(&mut states, script, &mut turn, count)?;
            }
            if let Some(counted) = meter.add(complete) {
                return Ok(counted);
            }
        }
    }

    /// The connections whose turn it is send so many messages.
    fn pass_on(
        &mut self,
        states: &mut [State],
        script: &Script,
        turn: &mut usize,
        count: usize,
    ) -> io::Result<()> {
        let connections = self.links.len();
        let place = |turn: usize| turn * STRIDE % connections;
        let turns = *turn..*turn + count;
        for turn in turns.clone() {
            states[place(turn)].sending.owe(1);
        }
        for turn in turns.take(connections) {
            states[place(turn)].send(&mut self.links[place(turn)], script)?;
        }
        *turn = (*turn + count) % connections;
        Ok(())
    }

    fn states(&self, script: &Script) -> Vec<State> {
        (0..self.links.len()).map(|place| State::from_variant(script.variant_of(place))).collect()
    }

    pub(super) fn into_parts(self) -> (Poll, Scratch, Vec<Link>) {
        (self.poll, self.scratch, self.links)
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
