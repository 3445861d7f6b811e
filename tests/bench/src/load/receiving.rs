//! What must come back, and how much of it has.

use std::io;

use super::script::head;

const FIN: u8 = 0x80;
const CONTINUATION: u8 = 0x00;
const PING: u8 = 0x89;
const MASK: u8 = 0x80;

/// Without a mask, which no server sends.
const LONGEST_HEAD: usize = 10;
const LONGEST_CONTROL: usize = 125;

/// Every so many messages the contents are compared too, and those of the first ones.
const SAMPLED: usize = 61;

/// What must come back: these messages, one after another, and then the first one again.
pub(crate) struct Answers {
    /// With FIN set.
    opcode: u8,
    /// That of a message in a single frame, as they come nearly always.
    head: Vec<u8>,
    /// All of one length.
    payloads: Vec<Vec<u8>>,
}

impl Answers {
    pub(super) fn new(opcode: u8, payloads: Vec<Vec<u8>>) -> Self {
        let head = head(opcode, payloads.first().map_or(0, Vec::len), 0);
        Self { opcode, head, payloads }
    }
}

/// How far a connection has come in receiving.
#[derive(Default)]
pub(crate) struct Receiving {
    /// How many are complete, counted from the variant it began with.
    messages: usize,
    /// How much of the present message's contents is there.
    at: usize,
    /// Whether fragments of it are there already.
    is_continued: bool,
    head: Head,
    frame: Frame,
}

/// The beginning of a head that came in pieces, or was not the one foreseen.
#[derive(Default)]
struct Head {
    bytes: [u8; LONGEST_HEAD],
    count: usize,
}

/// What follows a head, and how much of it is still to come.
#[derive(Default)]
enum Frame {
    /// Nothing: the next is a head.
    #[default]
    None,
    /// Not the last fragment of a message.
    Fragment(usize),
    /// The last one, which most often is the only one.
    Last(usize),
    /// A server may ask whether we are alive; while we are measuring, it has its answer in what we
    /// send.
    Ping(usize),
}

impl Receiving {
    pub(crate) fn from_variant(variant: usize) -> Self {
        Self { messages: variant, ..Self::default() }
    }

    /// Reads on, and tells how many messages are now complete. Of every one the opcode and the
    /// length are compared, and that no frame is masked. RFC 6455, section 5.4, lets a server
    /// answer in fragments: "a sender MAY create fragments of any size for non-control messages".
    pub(crate) fn take(&mut self, answers: &Answers, mut bytes: &[u8]) -> io::Result<usize> {
        let before = self.messages;
        while !bytes.is_empty() {
            bytes = match self.frame {
                Frame::None => self.take_head(answers, bytes)?,
                Frame::Ping(left) => {
                    let count = left.min(bytes.len());
                    self.frame = Frame::Ping(left - count);
                    &bytes[count..]
                }
                Frame::Fragment(left) => {
                    let count = self.take_payload(answers, bytes, left)?;
                    self.frame = Frame::Fragment(left - count);
                    &bytes[count..]
                }
                Frame::Last(left) => {
                    let count = self.take_payload(answers, bytes, left)?;
                    self.frame = Frame::Last(left - count);
                    &bytes[count..]
                }
            };
            self.finish_frame();
        }
        Ok(self.messages - before)
    }

    fn take_head<'a>(&mut self, answers: &Answers, bytes: &'a [u8]) -> io::Result<&'a [u8]> {
        let is_first = self.head.count == 0 && !self.is_continued;
        if is_first && let Some(rest) = bytes.strip_prefix(&answers.head[..]) {
            self.frame = Frame::Last(answers.payloads[0].len());
            return Ok(rest);
        }
        let missing = self.head.length() - self.head.count;
        let count = missing.min(bytes.len());
        self.head.bytes[self.head.count..][..count].copy_from_slice(&bytes[..count]);
        self.head.count += count;
        // The second byte may have told that there is more.
        if self.head.count == self.head.length() {
            let head = std::mem::take(&mut self.head);
            self.frame = self.frame_after(answers, &head)?;
        }
        Ok(&bytes[count..])
    }

    fn frame_after(&self, answers: &Answers, head: &Head) -> io::Result<Frame> {
        let (first, length) = (head.bytes[0], head.payload());
        let awaited = if self.is_continued { FIN | CONTINUATION } else { answers.opcode };
        let missing = answers.payloads[0].len() - self.at;
        match length {
            Some(length) if first == PING && length <= LONGEST_CONTROL => Ok(Frame::Ping(length)),
            Some(length) if first == awaited && length == missing => Ok(Frame::Last(length)),
            Some(length) if first == awaited & !FIN && length <= missing => {
                Ok(Frame::Fragment(length))
            }
            _ => Err(io::Error::other(format!(
                "a frame that begins with {:02x?} is not the one awaited: {awaited:02x}, and {missing} B to come",
                &head.bytes[..head.count]
            ))),
        }
    }

    /// Compares what there is of the contents, and tells how much that is.
    fn take_payload(&mut self, answers: &Answers, bytes: &[u8], left: usize) -> io::Result<usize> {
        let count = left.min(bytes.len());
        let is_sampled =
            self.messages < answers.payloads.len() || self.messages.is_multiple_of(SAMPLED);
        if is_sampled {
            let payload = &answers.payloads[self.messages % answers.payloads.len()];
            if bytes[..count] != payload[self.at..][..count] {
                return Err(io::Error::other("the contents of a message are not those awaited"));
            }
        }
        self.at += count;
        Ok(count)
    }

    /// Goes on to the next head if nothing more follows the last one.
    fn finish_frame(&mut self) {
        match self.frame {
            Frame::Ping(0) => {}
            Frame::Fragment(0) => self.is_continued = true,
            Frame::Last(0) => {
                self.messages += 1;
                (self.at, self.is_continued) = (0, false);
            }
            _ => return,
        }
        self.frame = Frame::None;
    }
}

impl Head {
    /// How long it is, as far as one can tell by now.
    fn length(&self) -> usize {
        match self.bytes[1] & !MASK {
            _ if self.count < 2 => 2,
            126 => 4,
            127 => LONGEST_HEAD,
            _ => 2,
        }
    }

    /// The length that it tells; none if the frame is masked, or longer than memory.
    fn payload(&self) -> Option<usize> {
        let extended = &self.bytes[2..self.count];
        match self.bytes[1] {
            short @ ..126 => Some(usize::from(short)),
            126 | 127 => {
                let length = extended.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
                usize::try_from(length).ok()
            }
            _ => None,
        }
    }
}
