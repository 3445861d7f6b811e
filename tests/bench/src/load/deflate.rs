//! Compressed messages that come back to the connection that sent them.

use std::io;

use mio::{Events, Poll};
use ws_core::deflate::{Inflate, Part, Then};
use ws_core::frame::Kind;
use ws_core::handshake::{Flow, Takeover, WindowBits};

use super::link::{Link, Scratch, Target};
use super::opening::open;
use super::script::{Protocol, compressed_frame, payloads};
use super::{Counted, Crowd, Meter, Window, keep_busy, wait};
use crate::cells::Deflate;

/// Every so many messages what comes back is inflated and compared, and the first ones.
const SAMPLED: u64 = 61;

const RSV1: u8 = 0x40;

/// Connections that have agreed to compress, and messages that were compressed beforehand: each by
/// itself, which any agreement allows.
pub(crate) struct Squeezers {
    poll: Poll,
    scratch: Scratch,
    links: Vec<Link>,
    states: Vec<State>,
    payloads: Vec<Vec<u8>>,
    frames: Vec<Vec<u8>>,
}

struct State {
    /// What has arrived and is no whole frame yet.
    unread: Vec<u8>,
    /// The payload of the frames before, in a message of several.
    message: Vec<u8>,
    is_compressed: bool,
    /// How many messages are back.
    messages: u64,
    /// What is left to be sent of the current one.
    sent: usize,
    inflate: Inflate<Vec<u8>>,
    takeover: Takeover,
}

impl Squeezers {
    pub(crate) fn open(
        target: &Target,
        takeover: Takeover,
        cell: &Deflate,
        count: usize,
    ) -> io::Result<Self> {
        let mut poll = Poll::new()?;
        let mut scratch = Scratch::new();
        let protocol = Protocol::Deflate(takeover);
        let links = open(&mut poll, target, protocol, count, &mut scratch)?;
        let states = links.iter().map(|_| State::new(takeover)).collect::<io::Result<_>>()?;
        let payloads = payloads(cell.payload, cell.bytes);
        let frame =
            |(seed, payload): (usize, &Vec<u8>)| compressed_frame(cell.payload, payload, seed);
        let frames = payloads.iter().enumerate().map(frame).collect::<io::Result<_>>()?;
        Ok(Self { poll, scratch, links, states, payloads, frames })
    }

    /// Each connection sends one message, and has it back in the end. Tells how many bytes they were
    /// on the wire, all together.
    pub(crate) fn once(&mut self) -> io::Result<usize> {
        let mut events = Events::with_capacity(1024);
        self.begin()?;
        let (mut back, mut bytes) = (0, 0);
        while back < self.links.len() {
            wait(&mut self.poll, &mut events)?;
            for event in &events {
                let (messages, taken) = self.serve(event.token().0)?;
                back += messages;
                bytes += taken;
            }
        }
        Ok(bytes)
    }

    fn begin(&mut self) -> io::Result<()> {
        (0..self.links.len()).try_for_each(|place| self.send(place))
    }

    /// Sends the next message, or what is left of it.
    fn send(&mut self, place: usize) -> io::Result<()> {
        let (link, state) = (&mut self.links[place], &mut self.states[place]);
        let frame = &self.frames[(state.messages as usize + place) % self.frames.len()];
        while state.sent < frame.len() {
            match link.send(&frame[state.sent..])? {
                0 => return Ok(()),
                count => state.sent += count,
            }
        }
        Ok(())
    }

    /// Reads what has arrived; tells how many messages that were, and how many bytes.
    fn serve(&mut self, place: usize) -> io::Result<(usize, usize)> {
        let Self { links, states, scratch, payloads, .. } = self;
        let (state, mut taken) = (&mut states[place], 0);
        links[place].receive(scratch, |bytes| {
            taken += bytes.len();
            state.unread.extend_from_slice(bytes);
            Ok(())
        })?;
        let mut messages = 0;
        while let Some(message) = state.next()? {
            let expected = &payloads[(state.messages as usize + place) % payloads.len()];
            state.check(&message, expected)?;
            state.messages += 1;
            state.sent = 0;
            messages += 1;
        }
        if messages == 0 {
            self.send(place)?;
        }
        Ok((messages, taken))
    }
}

impl Crowd for Squeezers {
    /// Each connection has one message under way.
    fn work(&mut self, window: Window, watcher: &mut dyn FnMut()) -> io::Result<Counted> {
        let meter = Meter::new(window, watcher);
        let mut events = Events::with_capacity(1024);
        let mut under_way = self.links.len();
        self.begin()?;
        keep_busy(meter, |goes_on| {
            wait(&mut self.poll, &mut events)?;
            let mut complete = 0;
            for event in &events {
                let place = event.token().0;
                let (messages, _) = self.serve(place)?;
                complete += messages;
                if messages > 0 && goes_on {
                    self.send(place)?;
                } else {
                    under_way -= messages;
                }
            }
            Ok((complete, under_way))
        })
    }
}

impl State {
    fn new(takeover: Takeover) -> io::Result<Self> {
        let flow = Flow { window: WindowBits::MAX, takeover };
        let inflate = Inflate::new(vec![0; WindowBits::MAX.bytes()], flow);
        Ok(Self {
            unread: vec![],
            message: vec![],
            is_compressed: false,
            messages: 0,
            sent: 0,
            inflate: inflate.map_err(io::Error::other)?,
            takeover,
        })
    }

    /// The next message as it is on the wire, if all of it is there.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let Some((&[first, second], _)) = self.unread.split_first_chunk() else {
                return Ok(None);
            };
            let (head, len) = match second {
                126 => match self.unread.get(2..4) {
                    Some(bytes) => {
                        (4, bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
                    }
                    None => return Ok(None),
                },
                short @ ..126 => (2, usize::from(short)),
                _ => return Err(io::Error::other("a frame that is masked, or larger than any")),
            };
            if self.unread.len() < head + len {
                return Ok(None);
            }
            let payload: Vec<u8> = self.unread.drain(..head + len).skip(head).collect();
            match first & 0x0F {
                0x9 => continue,
                0x0 => {}
                0x1 | 0x2 => self.is_compressed = first & RSV1 != 0,
                _ => return Err(io::Error::other("a frame that was not awaited")),
            }
            self.message.extend(payload);
            if first & 0x80 != 0 {
                return Ok(Some(std::mem::take(&mut self.message)));
            }
        }
    }

    /// With a history all have to be inflated; without, a sample tells enough.
    fn check(&mut self, message: &[u8], expected: &[u8]) -> io::Result<()> {
        if !self.is_compressed {
            return if message == expected { Ok(()) } else { Err(wrong()) };
        }
        let is_sampled = self.messages < 8 || self.messages.is_multiple_of(SAMPLED);
        if !is_sampled && self.takeover == Takeover::Forget {
            return Ok(());
        }
        let mut inflated = Vec::with_capacity(expected.len());
        let part = Part { kind: Kind::Binary, ends: true };
        let mut has_ended = false;
        let shown = self.inflate.each(part, message, |piece, bytes| {
            inflated.extend_from_slice(bytes);
            has_ended = piece.then == Then::Ended;
        });
        if shown.is_err() || !has_ended || inflated != expected {
            return Err(wrong());
        }
        Ok(())
    }
}

fn wrong() -> io::Error {
    io::Error::other("the contents of a message are not those awaited")
}
