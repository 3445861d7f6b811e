//! This host's TCP as a stream that never waits.

use std::collections::VecDeque;
use std::io;
use std::net::{Shutdown, TcpStream};

use device_drive::Stream;
use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};

/// A socket that says whether it is ready, without being asked by the system's poll: what it cannot
/// pass on at once waits here.
pub(super) struct Socket {
    stream: TcpStream,
    waiting: VecDeque<u8>,
    hang_up: bool,
}

impl Socket {
    /// So many bytes wait at most: as in a board's socket.
    const ROOM: usize = 16 * 1024;

    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, waiting: VecDeque::new(), hang_up: false })
    }

    fn pass_on(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            let (front, _) = self.waiting.as_slices();
            match io::Write::write(&mut self.stream, front) {
                Ok(len) => drop(self.waiting.drain(..len)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        if std::mem::take(&mut self.hang_up) {
            self.stream.shutdown(Shutdown::Write)?;
        }
        Ok(())
    }
}

impl ErrorType for Socket {
    type Error = io::Error;
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        io::Read::read(&mut self.stream, buf)
    }
}

impl ReadReady for Socket {
    fn read_ready(&mut self) -> io::Result<bool> {
        self.pass_on()?;
        match self.stream.peek(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            // An error is for the read to tell.
            _ => Ok(true),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let len = buf.len().min(Self::ROOM.saturating_sub(self.waiting.len()));
        if len == 0 && !buf.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.waiting.extend(buf.iter().take(len));
        self.pass_on()?;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteReady for Socket {
    fn write_ready(&mut self) -> io::Result<bool> {
        self.pass_on()?;
        Ok(self.waiting.len() < Self::ROOM)
    }
}

impl Stream for Socket {
    fn hang_up(&mut self) {
        self.hang_up = true;
        // Fails if the peer is gone: then the next read tells.
        let _ = self.pass_on();
    }

    /// What the system has taken, it delivers.
    fn is_drained(&mut self) -> bool {
        self.pass_on().is_err() || self.waiting.is_empty()
    }
}
