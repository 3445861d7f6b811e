//! One TLS connection, read in one thread and written in another at the same time.
//!
//! Two locks, and neither stands in the way of the other direction:
//!
//! - `connection`: the keys and the buffers of TLS. Held briefly, never while a socket is waited
//!   for, so no direction can stop the other.
//! - `line`: the writing half of the socket. Ciphertext has an order, so whoever encrypts holds the
//!   line first and until the ciphertext is written: line, then connection, then the socket. The
//!   reader never waits for the line.
//!
//! What the reader's input asks to be sent (an alert) stays in the connection until somebody has
//! the line. It is not forgotten: see `Shared::drain`. The answer to a key update is kept by rustls
//! for the next record that we send, as RFC 8446 section 4.6.3 allows, so that a reader whose peer
//! changes keys has nothing to write at all.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use rustls::Connection;

use super::TlsError;
use crate::socket::{Control, Split};

/// How much ciphertext is read at once: a record, and its header.
const READ_AT_ONCE: usize = 17 * 1024;

/// A TLS connection over a stream, of either side: [`Split`] into halves for two threads.
/// [`ClientTls::connect`](super::ClientTls::connect) and
/// [`ServerTls::accept`](super::ServerTls::accept) make one.
///
/// A write that fails has lost nothing: what was taken stays, and leaves with the next write or
/// flush. So a timeout of the socket does no harm, and neither does one while reading.
pub struct TlsStream<S: Split> {
    reader: TlsReader<S::ReadHalf, S::WriteHalf>,
    writer: TlsWriter<S::WriteHalf>,
}

/// The reading half of a [`TlsStream`].
pub struct TlsReader<R, W> {
    stream: R,
    shared: Arc<Shared<W>>,
    /// Ciphertext that was read; what lies before `start` has been given to the connection.
    ciphertext: Vec<u8>,
    start: usize,
    end: usize,
}

/// The writing half of a [`TlsStream`].
pub struct TlsWriter<W> {
    shared: Arc<Shared<W>>,
}

/// The controls of the socket below a [`TlsStream`]: it says `close_notify` before it shuts down
/// the write side.
pub struct TlsControl<W> {
    shared: Arc<Shared<W>>,
    socket: Box<dyn Control>,
}

impl<S: Split> TlsStream<S> {
    /// Takes over when the handshake is done.
    pub(super) fn over(connection: Connection, stream: S) -> Result<Self, TlsError> {
        let (reading, writing) = stream.split()?;
        let line = Line { stream: writing, ciphertext: Vec::new(), sent: 0 };
        let shared =
            Arc::new(Shared { connection: Mutex::new(connection), line: Mutex::new(line) });
        Ok(Self {
            reader: TlsReader {
                stream: reading,
                shared: Arc::clone(&shared),
                ciphertext: vec![0; READ_AT_ONCE],
                start: 0,
                end: 0,
            },
            writer: TlsWriter { shared },
        })
    }

    /// The controls of this stream, over those of the socket below.
    pub fn control(&self, socket: Box<dyn Control>) -> TlsControl<S::WriteHalf> {
        TlsControl { shared: Arc::clone(&self.writer.shared), socket }
    }
}

impl<S: Split> Split for TlsStream<S> {
    type ReadHalf = TlsReader<S::ReadHalf, S::WriteHalf>;
    type WriteHalf = TlsWriter<S::WriteHalf>;

    fn split(self) -> io::Result<(Self::ReadHalf, Self::WriteHalf)> {
        Ok((self.reader, self.writer))
    }
}

impl<S: Split> Read for TlsStream<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.reader.read(into)
    }
}

impl<S: Split> Write for TlsStream<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl<R: Read, W: Write> Read for TlsReader<R, W> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let decrypted = self.decrypt(into);
            self.shared.leave_output();
            if let Some(len) = decrypted? {
                return Ok(len);
            }
            let len = self.stream.read(&mut self.ciphertext)?;
            (self.start, self.end) = (0, len);
            if len == 0 {
                // rustls knows whether that is an end or a cut.
                let mut connection = self.shared.connection();
                connection.read_tls(&mut io::empty())?;
            }
        }
    }
}

impl<R, W: Write> TlsReader<R, W> {
    /// Plaintext from the ciphertext that is there; none if more is needed.
    fn decrypt(&mut self, into: &mut [u8]) -> io::Result<Option<usize>> {
        let mut connection = self.shared.connection();
        loop {
            match connection.reader().read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return result.map(Some),
            }
            let mut unread = self.ciphertext.get(self.start..self.end).unwrap_or_default();
            if unread.is_empty() {
                return Ok(None);
            }
            self.start += connection.read_tls(&mut unread)?;
            connection.process_new_packets().map_err(invalid)?;
        }
    }
}

impl<W: Write> Write for TlsWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut line = self.shared.line();
        line.write_all_of(&self.shared)?;
        let taken = self.shared.connection().writer().write(bytes)?;
        // They count as written, so an error is for the next call to tell.
        let _ = self.shared.drain(line);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.shared.drain(self.shared.line())?;
        self.shared.line().stream.flush()
    }
}

impl<W: Write> TlsWriter<W> {
    /// Changes the keys for what we send, and asks the peer to do the same.
    ///
    /// # Errors
    ///
    /// In TLS 1.2 there is no such thing; the stream's.
    pub fn refresh_keys(&mut self) -> io::Result<()> {
        let line = self.shared.line();
        self.shared.connection().refresh_traffic_keys().map_err(invalid)?;
        self.shared.drain(line)
    }
}

impl<W: Write + Send> Control for TlsControl<W> {
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.set_read_timeout(timeout)
    }

    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.set_write_timeout(timeout)
    }

    /// `close_notify` is tried, and not waited for if a writer is blocked.
    fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        if how == Shutdown::Write {
            self.shared.connection().send_close_notify();
            self.shared.leave_output();
        }
        self.socket.shutdown(how)
    }
}

struct Shared<W> {
    connection: Mutex<Connection>,
    line: Mutex<Line<W>>,
}

/// The writing half of the socket, and ciphertext that it has not taken.
struct Line<W> {
    stream: W,
    ciphertext: Vec<u8>,
    sent: usize,
}

impl<W> Shared<W> {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self) -> MutexGuard<'_, Line<W>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn free_line(&self) -> Option<MutexGuard<'_, Line<W>>> {
        match self.line.try_lock() {
            Ok(line) => Some(line),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl<W: Write> Shared<W> {
    /// Sends what the reader's input asked for, or leaves it to the writer that has the line.
    fn leave_output(&self) {
        let has_output = self.connection().wants_write();
        if has_output && let Some(line) = self.free_line() {
            // Who writes next meets the same error.
            let _ = self.drain(line);
        }
    }

    /// Writes all that the connection has to send, gives back the line, and looks once more.
    ///
    /// Why nothing is forgotten: the reader first leaves its output in the connection, then tries
    /// the line. If it finds the line taken, then whoever holds it gives it back after that, and
    /// looks into the connection after that again: here, where it finds the output.
    fn drain<'a>(&'a self, mut line: MutexGuard<'a, Line<W>>) -> io::Result<()> {
        loop {
            line.write_all_of(self)?;
            drop(line);
            if !self.connection().wants_write() {
                return Ok(());
            }
            match self.free_line() {
                Some(free) => line = free,
                // Another holds it now, and looks when it is done.
                None => return Ok(()),
            }
        }
    }
}

impl<W: Write> Line<W> {
    fn write_all_of(&mut self, shared: &Shared<W>) -> io::Result<()> {
        loop {
            self.write_ciphertext()?;
            let mut connection = shared.connection();
            if !connection.wants_write() {
                return Ok(());
            }
            connection.write_tls(&mut self.ciphertext)?;
        }
    }

    fn write_ciphertext(&mut self) -> io::Result<()> {
        while let Some(rest) = self.ciphertext.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(len) => self.sent += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.ciphertext.clear();
        self.sent = 0;
        Ok(())
    }
}

/// Goes through the handshake, and waits for its end.
pub(super) fn complete(
    connection: &mut Connection,
    stream: &mut (impl Read + Write),
) -> Result<(), TlsError> {
    while connection.is_handshaking() {
        connection.complete_io(stream)?;
    }
    Ok(())
}

fn invalid(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, TlsError::of(error))
}

/// Keys and buffers are not for logs.
macro_rules! opaque {
    ($($name:literal, $type:ty, [$($parameter:tt)*];)*) => {$(
        impl<$($parameter)*> fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($name)
            }
        }
    )*};
}

opaque! {
    "TlsStream", TlsStream<S>, [S: Split];
    "TlsReader", TlsReader<R, W>, [R, W];
    "TlsWriter", TlsWriter<W>, [W];
    "TlsControl", TlsControl<W>, [W];
}
