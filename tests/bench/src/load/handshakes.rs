//! Connections that are opened and left at once.

use std::io;

use mio::{Events, Poll, Token};

use super::link::{Scratch, Target};
use super::opening::Opening;
use super::script::Protocol;
use super::{Counted, Crowd, Meter, Window, wait};
use crate::cells::HANDSHAKES_AT_ONCE;

/// Counts how many opening handshakes a server answers. Connecting and leaving are counted with
/// them, as they are in life. A server without handshake sends the request back instead.
pub(crate) struct Handshakes {
    pub(crate) target: Target,
    pub(crate) protocol: Protocol,
}

impl Crowd for Handshakes {
    fn work(&mut self, window: Window, watcher: &mut dyn FnMut()) -> io::Result<Counted> {
        let mut poll = Poll::new()?;
        let mut scratch = Scratch::new();
        let mut events = Events::with_capacity(HANDSHAKES_AT_ONCE);
        let mut meter = Meter::new(window, watcher);
        let begin = |poll: &Poll, place, scratch: &mut Scratch| {
            Opening::to_count(poll, &self.target, self.protocol, Token(place), scratch)
        };
        let mut opening = Vec::new();
        for place in 0..HANDSHAKES_AT_ONCE {
            opening.push(begin(&poll, place, &mut scratch)?);
        }
        loop {
            wait(&mut poll, &mut events)?;
            let mut complete = 0;
            for event in &events {
                let place = event.token().0;
                if opening[place].advance(&mut scratch)? {
                    // The old connection is closed by this, with a reset.
                    opening[place] = begin(&poll, place, &mut scratch)?;
                    complete += 1;
                }
            }
            if let Some(counted) = meter.add(complete) {
                return Ok(counted);
            }
        }
    }
}
