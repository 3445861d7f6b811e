//! A stream whose input was written beforehand.

#[cfg(feature = "async")]
mod asynchronous;
mod failure;

pub use failure::Failure;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};

/// A stream that gives what it was told to give, and keeps what is written to it.
///
/// A read never crosses the border of two segments. Behind the last segment the stream ends,
/// unless told otherwise.
///
/// ```
/// use embedded_io::{Read, Write};
/// use ws_core::testing::{Failure, Script};
///
/// let mut script = Script::new().then(b"ab").then(b"c").write_at_most(2).fail_read(3);
/// let mut room = [0; 8];
/// assert_eq!(script.read(&mut room), Ok(2));
/// assert_eq!(script.read(&mut room), Ok(1));
/// assert_eq!(script.read(&mut room), Err(Failure::Told), "the third was to fail");
/// assert_eq!(script.read(&mut room), Ok(0), "the end");
/// assert_eq!(script.write(b"hello"), Ok(2));
/// assert_eq!(script.written(), b"he");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Script {
    input: VecDeque<Vec<u8>>,
    /// How much of the first segment has been read.
    read: usize,
    behind: Behind,
    write_at_most: Option<usize>,
    fail_read: Option<usize>,
    fail_write: Option<usize>,
    not_ready: NotReady,
    reads: usize,
    writes: usize,
    polls: usize,
    written: Vec<u8>,
}

/// What is behind the last segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Behind {
    #[default]
    End,
    WouldBlock,
    Silence,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum NotReady {
    #[default]
    Never,
    On(usize),
    EveryOther,
}

impl Script {
    /// A stream that ends at once and takes all that is written.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives these bytes next, in one read if there is room for them.
    #[must_use]
    pub fn then(mut self, segment: impl AsRef<[u8]>) -> Self {
        let segment = segment.as_ref();
        if !segment.is_empty() {
            self.input.push_back(segment.to_vec());
        }
        self
    }

    /// Gives these bytes next, cut in two.
    #[must_use]
    pub fn cut_at(self, bytes: &[u8], at: usize) -> Self {
        let (front, back) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
        self.then(front).then(back)
    }

    /// Gives these bytes next, each in a read of its own.
    #[must_use]
    pub fn bytewise(self, bytes: &[u8]) -> Self {
        self.pieces(bytes, 1)
    }

    /// Gives these bytes next, so many in each read.
    #[must_use]
    pub fn pieces(self, bytes: &[u8], len: usize) -> Self {
        bytes.chunks(len.max(1)).fold(self, Self::then)
    }

    /// Behind the last segment a read fails with [`Failure::WouldBlock`].
    #[must_use]
    pub const fn then_would_block(mut self) -> Self {
        self.behind = Behind::WouldBlock;
        self
    }

    /// Behind the last segment there is silence: `read_ready` says no, an async read stays pending
    /// without a wake, a blocking read fails with [`Failure::WouldBlock`].
    #[must_use]
    pub const fn then_silence(mut self) -> Self {
        self.behind = Behind::Silence;
        self
    }

    /// Takes at most so many bytes in one write.
    #[must_use]
    pub const fn write_at_most(mut self, bytes: usize) -> Self {
        self.write_at_most = Some(bytes);
        self
    }

    /// The `nth` read fails, counted from 1; the ones behind it go on where it stood.
    #[must_use]
    pub const fn fail_read(mut self, nth: usize) -> Self {
        self.fail_read = Some(nth);
        self
    }

    /// The `nth` write fails, counted from 1; the ones behind it go on where it stood.
    #[must_use]
    pub const fn fail_write(mut self, nth: usize) -> Self {
        self.fail_write = Some(nth);
        self
    }

    /// The `nth` time the stream is asked whether it is ready it says no, counted from 1: an async
    /// call is pending once, and wakes its task.
    #[must_use]
    pub const fn not_ready(mut self, nth: usize) -> Self {
        self.not_ready = NotReady::On(nth);
        self
    }

    /// Every first time of two the stream is not ready: so every await of a driver is one.
    #[must_use]
    pub const fn hesitant(mut self) -> Self {
        self.not_ready = NotReady::EveryOther;
        self
    }

    /// More input, while the stream is in use.
    pub fn feed(&mut self, segment: impl AsRef<[u8]>) {
        self.input.push_back(segment.as_ref().to_vec());
    }

    /// What has been written.
    pub fn written(&self) -> &[u8] {
        &self.written
    }

    /// In how many writes.
    pub const fn writes(&self) -> usize {
        self.writes
    }

    /// How often the stream was asked whether it is ready.
    pub const fn polls(&self) -> usize {
        self.polls
    }

    /// Whether all of the input has been read.
    pub fn is_read(&self) -> bool {
        self.input.is_empty()
    }

    fn is_ready(&mut self) -> bool {
        self.polls += 1;
        match self.not_ready {
            NotReady::Never => true,
            NotReady::On(nth) => self.polls != nth,
            NotReady::EveryOther => self.polls.is_multiple_of(2),
        }
    }

    fn is_silent(&self) -> bool {
        self.behind == Behind::Silence && self.is_read()
    }
}

impl ErrorType for Script {
    type Error = Failure;
}

impl Read for Script {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Failure> {
        self.reads += 1;
        if self.fail_read == Some(self.reads) {
            return Err(Failure::Told);
        }
        let Some(segment) = self.input.front() else {
            return if self.behind == Behind::End { Ok(0) } else { Err(Failure::WouldBlock) };
        };
        let rest = segment.get(self.read..).unwrap_or_default();
        let len = rest.len().min(buf.len());
        for (to, from) in buf.iter_mut().zip(rest) {
            *to = *from;
        }
        self.read += len;
        if len == rest.len() {
            self.input.pop_front();
            self.read = 0;
        }
        Ok(len)
    }
}

impl Write for Script {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Failure> {
        self.writes += 1;
        if self.fail_write == Some(self.writes) {
            return Err(Failure::Told);
        }
        let taken = self.write_at_most.and_then(|most| buf.get(..most)).unwrap_or(buf);
        self.written.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}

impl ReadReady for Script {
    fn read_ready(&mut self) -> Result<bool, Failure> {
        Ok(self.is_ready() && !self.is_silent())
    }
}

impl WriteReady for Script {
    fn write_ready(&mut self) -> Result<bool, Failure> {
        Ok(self.is_ready())
    }
}
