//! Messages that go to every member of a room.

use std::collections::VecDeque;
use std::io;

use mio::{Events, Interest, Poll, Token};

use super::echo::{Echoers, State};
use super::link::{Link, Scratch, Target};
use super::opening::open;
use super::script::{Protocol, Script};
use super::{Counted, Meter, Window, wait};
use crate::cells::{FANOUT_BYTES, Fanout};

/// Measures how many messages a second are delivered, when one connection, which is no member
/// itself, publishes a new one as soon as an old one has reached everybody.
pub(crate) fn fan_out(
    target: &Target,
    protocol: Protocol,
    cell: &Fanout,
    window: Window,
    watcher: &mut dyn FnMut(),
) -> io::Result<Counted> {
    let mut members = Echoers::open(target, protocol, cell.members)?;
    members.each_once(&Script::answered(protocol, "JOIN", "OK"))?;
    let (poll, mut scratch, links) = members.into_parts();
    let mut room = Room {
        publisher: publisher(&poll, target, protocol, links.len(), &mut scratch)?,
        publishing: State::default(),
        states: links.iter().map(|_| State::default()).collect(),
        received: vec![0; links.len()],
        outstanding: VecDeque::new(),
        complete: 0,
        links,
        poll,
        scratch,
    };
    let script = Script::published(protocol, FANOUT_BYTES, cell.outstanding);
    room.publish(&script, cell.outstanding)?;
    room.run(&script, Meter::new(window, watcher))
}

struct Room {
    poll: Poll,
    scratch: Scratch,
    publisher: Link,
    publishing: State,
    links: Vec<Link>,
    states: Vec<State>,
    /// How many messages each member has.
    received: Vec<u64>,
    /// How many members have each message that not everybody has yet, the oldest first.
    outstanding: VecDeque<usize>,
    /// How many messages came before those.
    complete: u64,
}

impl Room {
    fn run(&mut self, script: &Script, mut meter: Meter<'_>) -> io::Result<Counted> {
        let mut events = Events::with_capacity(1024);
        loop {
            wait(&mut self.poll, &mut events)?;
            let mut delivered = 0;
            for event in &events {
                let place = event.token().0;
                if let Some(link) = self.links.get_mut(place) {
                    let state = &mut self.states[place];
                    let count = state.receive(link, script, &mut self.scratch)?;
                    self.note(place, count)?;
                    delivered += count as u64;
                } else {
                    self.publishing.send(&mut self.publisher, script)?;
                }
            }
            let everywhere =
                self.outstanding.iter().take_while(|n| **n == self.links.len()).count();
            self.outstanding.drain(..everywhere);
            self.complete += everywhere as u64;
            self.publish(script, everywhere)?;
            if let Some(counted) = meter.add(delivered) {
                return Ok(counted);
            }
        }
    }

    fn publish(&mut self, script: &Script, count: usize) -> io::Result<()> {
        self.outstanding.extend(std::iter::repeat_n(0, count));
        self.publishing.sending.owe(count);
        self.publishing.send(&mut self.publisher, script)
    }

    /// A member has got so many messages more.
    fn note(&mut self, place: usize, count: usize) -> io::Result<()> {
        let first = (self.received[place] - self.complete) as usize;
        self.received[place] += count as u64;
        if first + count > self.outstanding.len() {
            return Err(io::Error::other("a member has got more than was sent"));
        }
        for reached in self.outstanding.range_mut(first..first + count) {
            *reached += 1;
        }
        Ok(())
    }
}

/// Opened with a `Poll` of its own, for which it is the only one.
fn publisher(
    poll: &Poll,
    target: &Target,
    protocol: Protocol,
    token: usize,
    scratch: &mut Scratch,
) -> io::Result<Link> {
    let mut own = Poll::new()?;
    let links = open(&mut own, target, protocol, 1, scratch)?;
    let mut link = links.into_iter().next().ok_or(io::ErrorKind::NotConnected)?;
    own.registry().deregister(link.socket())?;
    poll.registry().register(
        link.socket(),
        Token(token),
        Interest::READABLE | Interest::WRITABLE,
    )?;
    Ok(link)
}
