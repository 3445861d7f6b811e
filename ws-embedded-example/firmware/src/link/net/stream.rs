//! A TCP connection as a stream that never waits.

use core::fmt;

use device_drive::Stream;
use embedded_io::{Error, ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::{RecvError, State};

use super::super::chip::Chip;
use super::Net;

/// A connection of one of the sockets; dropped, it makes the socket free for the next.
pub struct Tcp<'n, 'm, C: Chip> {
    net: &'n Net<'m, C>,
    handle: SocketHandle,
}

/// The connection has broken, or there was no room for what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reset;

impl<'n, 'm, C: Chip> Tcp<'n, 'm, C> {
    pub(super) const fn new(net: &'n Net<'m, C>, handle: SocketHandle) -> Self {
        Self { net, handle }
    }
}

impl<C: Chip> Drop for Tcp<'_, '_, C> {
    fn drop(&mut self) {
        self.net.socket(self.handle, |socket, _| match socket.state() {
            State::Closed | State::Listen | State::TimeWait => {}
            // A peer that has not taken everything though it was time: with its window closed it
            // could keep the socket for ever.
            _ if socket.send_queue() > 0 => socket.abort(),
            // The peer has ended first: it learns that we have, too.
            State::CloseWait => socket.close(),
            // These end by themselves: an end that is not acknowledged has its time.
            State::LastAck | State::Closing => {}
            // A peer that has not ended though it was time.
            _ => socket.abort(),
        });
    }
}

impl<C: Chip> ErrorType for Tcp<'_, '_, C> {
    type Error = Reset;
}

impl<C: Chip> Read for Tcp<'_, '_, C> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Reset> {
        match self.net.socket(self.handle, |socket, _| socket.recv_slice(buf)) {
            Some(Ok(0)) if !buf.is_empty() => Err(Reset),
            Some(Ok(len)) => Ok(len),
            Some(Err(RecvError::Finished)) => Ok(0),
            Some(Err(RecvError::InvalidState)) | None => Err(Reset),
        }
    }
}

impl<C: Chip> ReadReady for Tcp<'_, '_, C> {
    fn read_ready(&mut self) -> Result<bool, Reset> {
        // The end, and an error, can be read at once, too.
        let is_ready =
            self.net.socket(self.handle, |socket, _| socket.can_recv() || !socket.may_recv());
        is_ready.ok_or(Reset)
    }
}

impl<C: Chip> Write for Tcp<'_, '_, C> {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Reset> {
        match self.net.socket(self.handle, |socket, _| socket.send_slice(buf)) {
            Some(Ok(len)) if len > 0 || buf.is_empty() => Ok(len),
            _ => Err(Reset),
        }
    }

    fn flush(&mut self) -> Result<(), Reset> {
        Ok(())
    }
}

impl<C: Chip> WriteReady for Tcp<'_, '_, C> {
    fn write_ready(&mut self) -> Result<bool, Reset> {
        let is_ready =
            self.net.socket(self.handle, |socket, _| socket.can_send() || !socket.may_send());
        is_ready.ok_or(Reset)
    }
}

impl<C: Chip> Stream for Tcp<'_, '_, C> {
    fn hang_up(&mut self) {
        self.net.socket(self.handle, |socket, _| socket.close());
    }

    fn is_drained(&mut self) -> bool {
        // One that is no longer active delivers nothing more.
        let is_drained = self
            .net
            .socket(self.handle, |socket, _| socket.send_queue() == 0 || !socket.is_active());
        is_drained != Some(false)
    }
}

impl Error for Reset {
    fn kind(&self) -> ErrorKind {
        ErrorKind::ConnectionReset
    }
}

impl fmt::Display for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection has broken")
    }
}

impl core::error::Error for Reset {}

impl<C: Chip> fmt::Debug for Tcp<'_, '_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tcp").finish_non_exhaustive()
    }
}
