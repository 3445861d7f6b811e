//! A client and a server back to back, on a clock that is moved by hand.

mod wire;

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::RefCell;

use wire::Wire;

use super::{Clock, Random, WireFrame};
use crate::connection::{Frame, Millis, Time, Timing};
use crate::decoder::Side;
use crate::endpoint::{Endpoint, Inbox, Take, Timers, buffer_for};
use crate::error::Error;
use crate::frame::{Close, CloseCode, Kind};
use crate::io::{Step, WebSocket};
use crate::role::{Client, Role, Server};

/// A client and a server after their opening handshake, driven by `step` over memory.
///
/// Nothing happens until [`run`](Self::run); time passes only in [`advance`](Self::advance); every
/// run of the same program is the same.
///
/// ```
/// use ws_core::connection::Millis;
/// use ws_core::testing::{Pair, Told, WireFrame};
/// use ws_core::{Side, frame::Kind};
///
/// let mut pair = Pair::new()?;
/// pair.client.send(Kind::Text, b"hello")?;
/// let told = pair.run();
/// assert_eq!(told, [(Side::Server, Told::Message(Kind::Text, b"hello".to_vec()))]);
///
/// // After 30 s or so each asks whether the other is there, and is answered.
/// pair.advance(Millis::seconds(60));
/// let frames = pair.client.sent_frames();
/// let opcodes: Vec<_> = frames.iter().map(|frame| frame.opcode).collect();
/// assert_eq!(opcodes.first(), Some(&1), "the text");
/// assert!(opcodes.contains(&9) && opcodes.contains(&10), "a Ping and a Pong");
/// # Ok::<(), ws_core::Error>(())
/// ```
pub struct Pair {
    /// The end that opened the connection.
    pub client: End<Client<Random>>,
    /// The end that accepted it.
    pub server: End<Server>,
    clock: Clock,
}

/// What an end has to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A message.
    Message(Kind, Vec<u8>),
    /// The closing handshake is over.
    Closed,
    /// The connection has failed.
    Failed(Error),
}

/// One end of a [`Pair`].
pub struct End<R> {
    socket: WebSocket<Wire, R, Vec<u8>, Vec<u8>>,
    timers: Timers<Box<dyn FnMut() -> Time>, Random>,
    ended: bool,
}

impl Pair {
    /// The largest message that either end takes.
    pub const MAX_MESSAGE: usize = 4096;

    /// A pair with the default clocks.
    ///
    /// # Errors
    ///
    /// None that a caller can cause.
    pub fn new() -> Result<Self, Error> {
        Self::with_timing(Timing::DEFAULT, Timing::DEFAULT)
    }

    /// A pair with clocks of your choice: the client's and the server's.
    ///
    /// # Errors
    ///
    /// None that a caller can cause.
    pub fn with_timing(client: Timing, server: Timing) -> Result<Self, Error> {
        let clock = Clock::default();
        let (up, down) = (Rc::new(RefCell::default()), Rc::new(RefCell::default()));
        let (up_too, down_too) = (Rc::clone(&up), Rc::clone(&down));
        Ok(Self {
            client: End::new(
                Client(Random::new(1)),
                Wire { from: down, to: up },
                Timers::new(client, Box::new(clock.hand()), Random::new(2)),
            )?,
            server: End::new(
                Server,
                Wire { from: up_too, to: down_too },
                Timers::new(server, Box::new(clock.hand()), Random::new(3)),
            )?,
            clock,
        })
    }

    /// What the clock shows.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Lets both ends do what they can without time passing, and tells what they received.
    pub fn run(&mut self) -> Vec<(Side, Told)> {
        let mut told = Vec::new();
        while self.client.step(&mut told) | self.server.step(&mut told) {}
        told
    }

    /// Lets time pass, from one deadline to the next, and tells what the ends received meanwhile.
    pub fn advance(&mut self, by: Millis) -> Vec<(Side, Told)> {
        let until = self.now().after(by);
        let mut told = self.run();
        loop {
            let due = self.client.timeout().min(self.server.timeout());
            if due > until {
                break;
            }
            // Never twice at the same moment: a deadline that does not go away must not hang us.
            self.clock.advance_to(due.max(self.now().after(Millis(1))));
            told.append(&mut self.run());
        }
        self.clock.advance_to(until);
        told.append(&mut self.run());
        told
    }
}

impl<R: Role> End<R> {
    fn new(
        role: R,
        wire: Wire,
        timers: Timers<Box<dyn FnMut() -> Time>, Random>,
    ) -> Result<Self, Error> {
        let buffer = || vec![0; buffer_for(Pair::MAX_MESSAGE)];
        let inbox = Inbox::new(buffer(), R::SIDE)?;
        let endpoint = Endpoint::new(role, Pair::MAX_MESSAGE as u64, inbox, buffer())?;
        Ok(Self { socket: WebSocket::new(wire, endpoint), timers, ended: false })
    }

    /// Stages a message; the next [`Pair::run`] sends it.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::stage`].
    pub fn send(&mut self, kind: Kind, payload: &[u8]) -> Result<(), Error> {
        self.send_frame(Frame::Message(kind), payload)
    }

    /// Stages a frame; the next [`Pair::run`] sends it.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::stage`].
    pub fn send_frame(&mut self, frame: Frame, payload: &[u8]) -> Result<(), Error> {
        self.socket.stage(frame, payload)
    }

    /// Stages our Close; the next [`Pair::run`] sends it.
    ///
    /// # Errors
    ///
    /// As for [`WebSocket::stage_close`].
    pub fn close(&mut self, code: CloseCode, reason: &str) -> Result<(), Error> {
        self.socket.stage_close(Close::new(code, reason))
    }

    /// What this end sends does not arrive from now on, as if a cable had been pulled.
    pub fn cut(&mut self) {
        self.socket.stream().to.borrow_mut().cut = true;
    }

    /// The way from this end is full from now on, or free again: it cannot write.
    pub fn block(&mut self, blocked: bool) {
        self.socket.stream().to.borrow_mut().blocked = blocked;
    }

    /// All frames that this end has sent so far.
    pub fn sent_frames(&mut self) -> Vec<WireFrame> {
        WireFrame::decode_all(&self.socket.stream().to.borrow().log)
    }

    /// When this end wants to be looked after if nothing arrives before.
    pub fn timeout(&self) -> Time {
        if self.ended { Time::NEVER } else { self.timers.poll_timeout() }
    }

    /// The clocks, for round trip times.
    pub fn timers(&self) -> &Timers<Box<dyn FnMut() -> Time>, Random> {
        &self.timers
    }

    /// Does what can be done; tells whether that was anything.
    fn step(&mut self, told: &mut Vec<(Side, Told)>) -> bool {
        if self.ended {
            return false;
        }
        let (told_before, moved_before) = (told.len(), self.moved());
        loop {
            let news = match self.socket.step(Take::Messages, &mut self.timers) {
                Ok(Step::Data(message)) => Told::Message(message.kind(), message.bytes().to_vec()),
                Ok(Step::Idle(_)) => break,
                Ok(Step::Closed) => Told::Closed,
                Err(error) => Told::Failed(error),
            };
            self.ended = !matches!(news, Told::Message(..));
            told.push((R::SIDE, news));
            if self.ended {
                self.socket.stream().to.borrow_mut().ended = true;
                break;
            }
        }
        told.len() > told_before || self.moved() > moved_before
    }

    fn moved(&mut self) -> usize {
        self.socket.stream().to.borrow().log.len()
    }
}
