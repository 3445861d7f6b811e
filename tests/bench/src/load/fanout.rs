//! Messages that go to every member of a room.

use std::collections::VecDeque;
use std::io;

use mio::{Events, Interest, Poll, Token};

use super::echo::{Echoers, State};
use super::link::{Link, Scratch, Target};
use super::opening::open;
use super::script::{Protocol, Script};
use super::{Counted, Crowd, Meter, Window, keep_busy, wait};
use crate::cells::{FANOUT_BYTES, Fanout};

/// Connections that get every message which another one publishes, which gets none: a new one as
/// soon as an old one has reached everybody.
pub(crate) struct Room {
    poll: Poll,
    scratch: Scratch,
    script: Script,
    publisher: Link,
    publishing: State,
    links: Vec<Link>,
    states: Vec<State>,
    /// How many messages each member has.
    received: Vec<u64>,
    /// How many members have each message that not everybody has yet, the oldest first.
    outstanding: VecDeque<usize>,
    most_outstanding: usize,
    /// How many messages came before those.
    complete: u64,
}

impl Room {
    pub(crate) fn open(target: &Target, protocol: Protocol, cell: &Fanout) -> io::Result<Self> {
        let mut members = Echoers::open(target, protocol, cell.members)?;
        members.each_once(&Script::answered(protocol, "JOIN", "OK"))?;
        let (poll, mut scratch, links) = members.into_parts();
        Ok(Self {
            script: Script::published(protocol, FANOUT_BYTES, cell.outstanding),
            publisher: publisher(&poll, target, protocol, links.len(), &mut scratch)?,
            publishing: State::default(),
            states: links.iter().map(|_| State::default()).collect(),
            received: vec![0; links.len()],
            outstanding: VecDeque::new(),
            most_outstanding: cell.outstanding,
            complete: 0,
            links,
            poll,
            scratch,
        })
    }

    /// Tells how many messages have reached members, and how many have now reached all of them.
    fn receive(&mut self, events: &Events) -> io::Result<(usize, usize)> {
        let mut delivered = 0;
        for event in events {
            let place = event.token().0;
            if let Some(link) = self.links.get_mut(place) {
                let count = self.states[place].receive(link, &self.script, &mut self.scratch)?;
                self.note(place, count)?;
                delivered += count;
            } else {
                self.publishing.send(&mut self.publisher, &self.script)?;
            }
        }
        let everywhere = self.outstanding.iter().take_while(|n| **n == self.links.len()).count();
        self.outstanding.drain(..everywhere);
        self.complete += everywhere as u64;
        Ok((delivered, everywhere))
    }

    fn publish(&mut self, count: usize) -> io::Result<()> {
        self.outstanding.extend(std::iter::repeat_n(0, count));
        self.publishing.sending.owe(count);
        self.publishing.send(&mut self.publisher, &self.script)
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

impl Crowd for Room {
    fn work(&mut self, window: Window, watcher: &mut dyn FnMut()) -> io::Result<Counted> {
        let meter = Meter::new(window, watcher);
        let mut events = Events::with_capacity(1024);
        self.publish(self.most_outstanding)?;
        keep_busy(meter, |goes_on| {
            wait(&mut self.poll, &mut events)?;
            let (delivered, everywhere) = self.receive(&events)?;
            if goes_on {
                self.publish(everywhere)?;
            }
            Ok((delivered, self.outstanding.len()))
        })
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
