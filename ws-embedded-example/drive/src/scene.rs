//! Clients over pipes, of a loop or of tasks, on a clock that stands still until it is moved.

mod looped;
mod stream;
mod tasked;

use stream::Served;

use std::boxed::Box;
use std::vec;
use std::vec::Vec;

use device_app::Device;
use embedded_io::{Read, ReadReady, Write};
use ws_core::connection::Time;
use ws_core::testing::abuse::REQUEST;
use ws_core::testing::{Clock, PipeEnd, WireFrame, pipe};

/// Who serves clients.
pub(crate) trait Places {
    /// A client comes: to a place that is free, or to one more.
    fn welcome(&mut self, client: PipeEnd);

    /// Does what can be done now, and tells when there will be more to do.
    fn turn(&mut self) -> Time;

    /// Whether no client is there.
    fn is_free(&self) -> bool;

    fn device(&self) -> Device;
}

/// The client of a place, and the place.
pub(crate) struct Scene {
    pub(crate) clock: Clock,
    pub(crate) places: Box<dyn Places>,
    pub(crate) client: PipeEnd,
}

/// A client that has just come, to a loop and to tasks.
pub(crate) fn scenes(capacity: usize) -> [Scene; 2] {
    [looped::places, tasked::places].map(|way| {
        let clock = Clock::default();
        let (client, served) = pipe(capacity);
        let mut places = way(clock.clone());
        places.welcome(served);
        Scene { clock, places, client }
    })
}

/// Who dials a server.
pub(crate) trait Phone {
    /// The server is there the next time that it is dialed.
    fn ring(&mut self, server: PipeEnd);

    /// Does what can be done now, and tells when there will be more to do.
    fn turn(&mut self) -> Time;

    /// Whether there is a connection, with a WebSocket or not yet or no more.
    fn is_connected(&self) -> bool;

    /// How often the server was dialed.
    fn dialed(&self) -> usize;

    fn device(&self) -> Device;
}

/// Both who dial.
pub(crate) fn phones() -> [fn(Clock) -> Box<dyn Phone>; 2] {
    [looped::phone, tasked::phone]
}

impl Scene {
    /// Another client comes, and takes part from now on; the last one still can.
    pub(crate) fn come(&mut self, capacity: usize) -> PipeEnd {
        let (client, served) = pipe(capacity);
        self.places.welcome(served);
        std::mem::replace(&mut self.client, client)
    }

    pub(crate) fn is_free(&self) -> bool {
        self.places.is_free()
    }

    pub(crate) fn device(&self) -> Device {
        self.places.device()
    }

    /// Goes on until there is nothing to do at once; tells when there will be.
    pub(crate) fn run(&mut self) -> Time {
        loop {
            let next = self.places.turn();
            if next > self.clock.now() {
                return next;
            }
        }
    }

    pub(crate) fn say(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut heard = vec![];
        for part in bytes.chunks(200) {
            self.client.write_all(part).unwrap();
            heard.extend(self.hear());
        }
        heard
    }

    pub(crate) fn hear(&mut self) -> Vec<u8> {
        let mut heard = vec![];
        loop {
            self.run();
            let before = heard.len();
            while self.client.read_ready().unwrap() {
                let mut room = [0; 64];
                match self.client.read(&mut room).unwrap() {
                    0 => return heard,
                    len => heard.extend_from_slice(&room[..len]),
                }
            }
            if heard.len() == before {
                return heard;
            }
        }
    }

    pub(crate) fn open(&mut self, path: &str) {
        let request = REQUEST.replace("GET / ", &std::format!("GET {path} "));
        let answer = self.say(request.as_bytes());
        assert!(
            answer.starts_with(b"HTTP/1.1 101 "),
            "{:?}",
            std::string::String::from_utf8_lossy(&answer)
        );
    }

    pub(crate) fn frames(&mut self, frames: &[WireFrame]) -> Vec<WireFrame> {
        let masked: Vec<_> =
            frames.iter().map(|frame| frame.clone().masked([1, 2, 3, 4])).collect();
        WireFrame::decode_all(&self.say(&WireFrame::encode_all(&masked)))
    }

    /// Lets time pass until something is said, or the place is free.
    pub(crate) fn wait(&mut self) -> Vec<WireFrame> {
        for _ in 0..99 {
            let next = self.run();
            self.clock.advance_to(next);
            let heard = self.hear();
            if !heard.is_empty() || self.is_free() {
                return WireFrame::decode_all(&heard);
            }
        }
        panic!("nothing happens")
    }
}
