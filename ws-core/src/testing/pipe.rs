//! Two ends joined in memory, for threads and for tasks.

#[cfg(feature = "async")]
mod asynchronous;

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::task::Waker;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};

/// Two ends, each with room for `capacity` bytes that the other has not read yet.
///
/// What one end writes the other reads. When an end is dropped, the other reads what is left and
/// then the end of the stream, and cannot write any more.
///
/// ```
/// use embedded_io::{Read, Write};
/// use ws_core::testing::pipe;
///
/// let (mut here, mut there) = pipe(4);
/// let writer = std::thread::spawn(move || here.write_all(b"more than fits"));
/// let (mut all, mut room) = (Vec::new(), [0; 3]);
/// loop {
///     match there.read(&mut room)? {
///         0 => break,
///         len => all.extend_from_slice(&room[..len]),
///     }
/// }
/// assert_eq!(all, b"more than fits");
/// assert!(matches!(writer.join(), Ok(Ok(()))));
/// # Ok::<(), embedded_io::ErrorKind>(())
/// ```
pub fn pipe(capacity: usize) -> (PipeEnd, PipeEnd) {
    let (near, far) = (Arc::new(Way::new(capacity)), Arc::new(Way::new(capacity)));
    let end = |from: &Arc<Way>, to: &Arc<Way>| PipeEnd {
        reader: PipeReader(Arc::clone(from)),
        writer: PipeWriter(Arc::clone(to)),
    };
    (end(&near, &far), end(&far, &near))
}

/// One end of a [`pipe`].
#[derive(Debug)]
pub struct PipeEnd {
    reader: PipeReader,
    writer: PipeWriter,
}

/// The reading half of a [`PipeEnd`].
#[derive(Debug)]
pub struct PipeReader(Arc<Way>);

/// The writing half of a [`PipeEnd`].
#[derive(Debug)]
pub struct PipeWriter(Arc<Way>);

impl PipeEnd {
    /// The two halves, for two threads or two tasks.
    pub fn split(self) -> (PipeReader, PipeWriter) {
        (self.reader, self.writer)
    }

    /// Shuts down the write side: the other end reads what is left, then the end of the stream.
    pub fn shut(&mut self) {
        self.writer.0.change(|flow| flow.writer_gone = true);
    }
}

impl Drop for PipeReader {
    fn drop(&mut self) {
        self.0.change(|flow| flow.reader_gone = true);
    }
}

impl Drop for PipeWriter {
    fn drop(&mut self) {
        self.0.change(|flow| flow.writer_gone = true);
    }
}

/// One direction.
#[derive(Debug)]
struct Way {
    flow: Mutex<Flow>,
    changed: Condvar,
}

#[derive(Debug)]
struct Flow {
    bytes: VecDeque<u8>,
    capacity: usize,
    reader_gone: bool,
    writer_gone: bool,
    /// The tasks that wait for a change; each change wakes and forgets them.
    waiting: Vec<Waker>,
}

impl Way {
    fn new(capacity: usize) -> Self {
        let flow = Flow {
            bytes: VecDeque::new(),
            capacity: capacity.max(1),
            reader_gone: false,
            writer_gone: false,
            waiting: Vec::new(),
        };
        Self { flow: Mutex::new(flow), changed: Condvar::new() }
    }

    /// No code that can panic runs under the lock: a poisoned one is as good.
    fn lock(&self) -> MutexGuard<'_, Flow> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Flow) -> T) -> T {
        let mut flow = self.lock();
        let result = change(&mut flow);
        let waiting = core::mem::take(&mut flow.waiting);
        drop(flow);
        self.changed.notify_all();
        waiting.into_iter().for_each(Waker::wake);
        result
    }

    /// Waits in this thread until `attempt` comes to something.
    fn wait<T>(&self, mut attempt: impl FnMut(&mut Flow) -> Option<T>) -> T {
        let mut flow = self.lock();
        loop {
            if let Some(result) = attempt(&mut flow) {
                drop(flow);
                self.change(|_| ());
                return result;
            }
            flow = self.changed.wait(flow).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Flow {
    fn read(&mut self, buf: &mut [u8]) -> Option<usize> {
        if self.bytes.is_empty() && !self.writer_gone && !buf.is_empty() {
            return None;
        }
        let len = self.bytes.len().min(buf.len());
        for (to, from) in buf.iter_mut().zip(self.bytes.drain(..len)) {
            *to = from;
        }
        Some(len)
    }

    fn write(&mut self, buf: &[u8]) -> Option<Result<usize, ErrorKind>> {
        if self.reader_gone || self.writer_gone {
            return Some(Err(ErrorKind::BrokenPipe));
        }
        let room = self.capacity.saturating_sub(self.bytes.len());
        if room == 0 && !buf.is_empty() {
            return None;
        }
        let taken = buf.get(..room).unwrap_or(buf);
        self.bytes.extend(taken);
        Some(Ok(taken.len()))
    }

    fn is_readable(&self) -> bool {
        !self.bytes.is_empty() || self.writer_gone
    }

    fn is_writable(&self) -> bool {
        self.bytes.len() < self.capacity || self.reader_gone
    }
}

impl ErrorType for PipeReader {
    type Error = ErrorKind;
}

impl ErrorType for PipeWriter {
    type Error = ErrorKind;
}

impl ErrorType for PipeEnd {
    type Error = ErrorKind;
}

impl Read for PipeReader {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        Ok(self.0.wait(|flow| flow.read(buf)))
    }
}

impl ReadReady for PipeReader {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.0.lock().is_readable())
    }
}

impl Write for PipeWriter {
    fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        self.0.wait(|flow| flow.write(buf))
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl WriteReady for PipeWriter {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.0.lock().is_writable())
    }
}

impl Read for PipeEnd {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        self.reader.read(buf)
    }
}

impl ReadReady for PipeEnd {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        self.reader.read_ready()
    }
}

impl Write for PipeEnd {
    fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        self.writer.write(buf)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl WriteReady for PipeEnd {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        self.writer.write_ready()
    }
}
