//! Messages that come back to the connection that sent them.

use std::io;

use mio::{Events, Poll};

use super::link::{Link, Scratch, Target};
use super::opening;
use super::receiving::Receiving;
use super::script::{Protocol, Script, Sending};
use super::{Counted, Meter, Window, wait};
use crate::cells::{Echo, Payload};

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
