//! What the contestants decode: a stream of masked frames, as clients send them, and its reader.

use std::hint::black_box;
use std::io;
use std::rc::Rc;

use ws_core::frame::{Header, Kind, Mask, Reserved};

use crate::stream::Receive;

/// No read returns more: the size of the one receive buffer of a server thread.
pub(crate) const READ: usize = 64 * 1024;

/// Streams are about as long as this, to be read out of a cache that a server's would be in.
const STREAM: usize = 512 * 1024;

/// What a payload is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Random bytes.
    Binary,
    /// Random letters.
    Ascii,
    /// Latin with accents, Greek, CJK and emoji, in random order: no branch predictor learns it.
    Mixed,
}

/// A stream of frames of one size, and what its messages say.
pub(crate) struct Load {
    pub(crate) content: Content,
    pub(crate) size: usize,
    pub(crate) stream: Vec<u8>,
    payloads: Vec<Vec<u8>>,
    /// What a [`Turn`] sums up, of so many messages.
    sums: Vec<u64>,
}

impl Load {
    pub(crate) fn new(content: Content, size: usize) -> Self {
        let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ size as u64);
        let count = (STREAM / (size + 8)).max(1);
        let payloads: Vec<Vec<u8>> = (0..count).map(|_| random.payload(content, size)).collect();
        let mut sums = vec![0];
        let mut stream = Vec::new();
        for payload in &payloads {
            let mut mask = Mask::new((random.next() as u32).to_ne_bytes());
            let header = Header {
                fin: true,
                reserved: Reserved::NONE,
                opcode: content.kind().into(),
                mask: Some(mask),
                len: payload.len() as u64,
            };
            stream.extend_from_slice(header.encode().as_slice());
            let start = stream.len();
            stream.extend_from_slice(payload);
            mask.apply(&mut stream[start..]);
            sums.push(sums[sums.len() - 1] + first(payload) + last(payload));
        }
        Self { content, size, stream, payloads, sums }
    }

    /// How many messages the stream holds.
    pub(crate) fn count(&self) -> usize {
        self.payloads.len()
    }

    /// What a [`Turn`] sums up, of so many messages from the first.
    fn sum_of(&self, messages: usize) -> u64 {
        let laps = (messages / self.count()) as u64;
        laps * self.sums[self.count()] + self.sums[messages % self.count()]
    }

    pub(crate) fn is_text(&self) -> bool {
        self.content.kind() == Kind::Text
    }
}

impl Content {
    fn kind(self) -> Kind {
        if self == Self::Binary { Kind::Binary } else { Kind::Text }
    }
}

/// Compares what came out with what went in: every length, and the first and last byte of every
/// payload, summed up so that the comparing costs little; every byte in a smoke run.
pub(crate) struct Checker {
    load: Rc<Load>,
    whole: bool,
    /// How many messages have come.
    messages: usize,
}

impl Checker {
    pub(crate) fn new(load: &Rc<Load>, whole: bool) -> Self {
        Self { load: Rc::clone(load), whole, messages: 0 }
    }

    /// For the messages of one turn.
    pub(crate) fn turn(&mut self) -> Turn<'_> {
        let (size, whole, before) = (self.load.size, self.whole, self.messages);
        Turn { checker: self, size, whole, before, seen: 0, messages: 0, sum: 0 }
    }
}

/// A value of its own, to be kept in registers: nobody shall pay for being checked.
pub(crate) struct Turn<'a> {
    checker: &'a mut Checker,
    size: usize,
    whole: bool,
    before: usize,
    /// How much of the next message has come.
    seen: usize,
    messages: usize,
    sum: u64,
}

impl Turn<'_> {
    /// A message in one piece.
    #[inline(always)]
    pub(crate) fn message(&mut self, payload: &[u8]) {
        self.piece(payload, true);
    }

    /// A piece of a message, its last one or not.
    #[inline(always)]
    pub(crate) fn piece(&mut self, piece: &[u8], ends: bool) {
        let piece = black_box(piece);
        if self.whole {
            self.checker.compare(piece, self.messages, self.seen);
        }
        if self.seen == 0 {
            self.sum += first(piece);
        }
        self.seen += piece.len();
        if ends {
            assert!(self.seen == self.size, "a message has the wrong length");
            self.sum += last(piece);
            self.seen = 0;
            self.messages += 1;
        }
    }

    /// So much for this turn.
    pub(crate) fn finish(self) {
        let before = self.checker.load.sum_of(self.before);
        self.checker.messages = self.before + self.messages;
        let after = self.checker.load.sum_of(self.checker.messages);
        assert_eq!(self.sum, after - before, "messages are not what was sent");
    }
}

impl Checker {
    #[cold]
    fn compare(&self, piece: &[u8], messages: usize, seen: usize) {
        let payloads = &self.load.payloads;
        let payload = &payloads[(self.messages + messages) % payloads.len()];
        assert!(payload[seen..].starts_with(piece), "a message is not what was sent");
    }
}

fn first(bytes: &[u8]) -> u64 {
    bytes.first().copied().unwrap_or(0).into()
}

fn last(bytes: &[u8]) -> u64 {
    u64::from(bytes.last().copied().unwrap_or(0)) << 8
}

/// The stream, again and again, as a socket that always has bytes.
pub(crate) struct Source {
    load: Rc<Load>,
    at: usize,
}

impl Source {
    pub(crate) fn new(load: &Rc<Load>) -> Self {
        Self { load: Rc::clone(load), at: 0 }
    }
}

impl Receive for Source {
    fn receive(&mut self, room: usize) -> &[u8] {
        let rest = &self.load.stream[self.at..];
        let bytes = &rest[..rest.len().min(room).min(READ)];
        self.at += bytes.len();
        if self.at == self.load.stream.len() {
            self.at = 0;
        }
        bytes
    }
}

impl io::Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.receive(buffer.len());
        buffer[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

impl io::Write for Source {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// xorshift64*: the same stream in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32
    }

    fn payload(&mut self, content: Content, size: usize) -> Vec<u8> {
        let letters: Vec<char> = match content {
            Content::Binary => return (0..size).map(|_| self.next() as u8).collect(),
            Content::Ascii => ('a'..='z').collect(),
            Content::Mixed => "etaoin éüßñ αβγδλω 日本語文字 🦀🚀🎉".chars().collect(),
        };
        let mut text = String::new();
        while text.len() < size {
            let letter = letters[self.next() as usize % letters.len()];
            // Cut to the exact size between two characters.
            if text.len() + letter.len_utf8() <= size {
                text.push(letter);
            }
        }
        text.into_bytes()
    }
}
