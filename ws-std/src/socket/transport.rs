//! What a socket can do beyond reading and writing.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// A stream whose two directions can be used in two threads at the same time.
pub trait Split {
    /// What arrives.
    type ReadHalf: Read;
    /// What leaves.
    type WriteHalf: Write;

    /// Takes it apart.
    ///
    /// # Errors
    ///
    /// The system's, if it gives no second handle.
    fn split(self) -> io::Result<(Self::ReadHalf, Self::WriteHalf)>;
}

/// The controls of a stream that somebody else reads and writes: its timeouts, and its end.
///
/// Without them a socket still works, and waits for ever where it would have a deadline.
pub trait Control: Send + Sync {
    /// How long a read may take from now on: never [`Duration::ZERO`].
    ///
    /// # Errors
    ///
    /// The system's.
    fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// How long a write may take from now on: never [`Duration::ZERO`].
    ///
    /// # Errors
    ///
    /// The system's.
    fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()>;

    /// Ends a direction, or both: a thread that waits in one of them wakes up.
    ///
    /// # Errors
    ///
    /// The system's.
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;
}

/// What a [`Control`] may be told: zero would mean for ever, or nothing at all.
pub(super) fn positive(timeout: Duration) -> Duration {
    timeout.max(Duration::from_millis(1))
}

macro_rules! socket {
    ($type:ty) => {
        impl Split for $type {
            type ReadHalf = Self;
            type WriteHalf = Self;

            fn split(self) -> io::Result<(Self, Self)> {
                Ok((self.try_clone()?, self))
            }
        }

        impl Control for $type {
            fn set_read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
                self.set_read_timeout(timeout)
            }

            fn set_write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
                self.set_write_timeout(timeout)
            }

            fn shutdown(&self, how: Shutdown) -> io::Result<()> {
                self.shutdown(how)
            }
        }
    };
}

socket!(TcpStream);
#[cfg(unix)]
socket!(UnixStream);
