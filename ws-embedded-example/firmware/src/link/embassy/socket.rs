//! TCP sockets, each for one connection after the other.

use core::cell::Cell;
use core::fmt;

use device_drive::tasks::{Socket, Stream};
use embassy_net::Stack;
use embassy_net::tcp::{Error, State, TcpSocket};
use embassy_time::{Duration, with_timeout};
use embedded_io_async::{ErrorType, Read, Write};

use super::super::{GATEWAY, PATIENCE, PORT};

const END_WITHIN: Duration = Duration::from_millis(PATIENCE.0 as u64);

/// A reset leaves at once, unless nobody knows the way to its peer.
const RESET_WITHIN: Duration = Duration::from_secs(1);

/// A connection, or what is left of one.
pub struct Tcp(TcpSocket<'static>);

impl Tcp {
    fn new(stack: Stack<'static>, receive: &'static mut [u8], send: &'static mut [u8]) -> Self {
        let mut socket = TcpSocket::new(stack, receive, send);
        // What is written is a whole frame: it must not wait for the acknowledgement of the last.
        socket.set_nagle_enabled(false);
        socket.set_timeout(Some(END_WITHIN));
        Self(socket)
    }

    /// Comes back when the socket can listen or connect again. In TIME-WAIT it can: the peer knows that
    /// we have got its end.
    async fn end(&mut self) {
        let Self(socket) = self;
        let is_drained = socket.send_queue() == 0;
        // The peer has ended first: it learns that we have, too, and has its time to say that it knows.
        if is_drained
            && matches!(socket.state(), State::CloseWait | State::LastAck | State::Closing)
        {
            socket.close();
            let _ = with_timeout(END_WITHIN, socket.flush()).await;
        }
        // A peer that has not ended, or not taken everything, though it was time: with its window closed
        // it could keep the socket for ever.
        if !matches!(socket.state(), State::Closed | State::Listen | State::TimeWait) {
            socket.abort();
        }
        let _ = with_timeout(RESET_WITHIN, socket.flush()).await;
    }
}

impl ErrorType for Tcp {
    type Error = Error;
}

impl Read for Tcp {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.0.read(buf).await
    }
}

impl Write for Tcp {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Error> {
        self.0.write(buf).await
    }

    /// The stack sends by itself. Its own `flush` waits for the peer's acknowledgement: after each
    /// message, that would be a round trip.
    async fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

impl Stream for Tcp {
    fn hang_up(&mut self) {
        self.0.close();
    }

    async fn drained(&mut self) {
        // A connection that breaks delivers nothing more.
        let _ = self.0.flush().await;
    }
}

/// A socket for clients.
pub struct Listener {
    tcp: Tcp,
    listening: &'static Cell<usize>,
}

impl Listener {
    /// A socket with its buffers, counted in `listening` while it waits for a client.
    pub fn new(
        stack: Stack<'static>,
        receive: &'static mut [u8],
        send: &'static mut [u8],
        listening: &'static Cell<usize>,
    ) -> Self {
        Self { tcp: Tcp::new(stack, receive, send), listening }
    }
}

impl Socket for Listener {
    type Stream = Tcp;

    async fn connect(&mut self) -> Option<&mut Tcp> {
        self.listening.set(self.listening.get().saturating_add(1));
        let accepted = self.tcp.0.accept(PORT).await;
        self.listening.set(self.listening.get().saturating_sub(1));
        accepted.is_ok().then_some(&mut self.tcp)
    }

    async fn release(&mut self) {
        self.tcp.end().await;
    }
}

/// A socket for a server on the host.
pub struct Caller {
    tcp: Tcp,
    port: u16,
}

impl Caller {
    /// A socket with its buffers, for a server that listens on this port.
    pub fn new(
        stack: Stack<'static>,
        receive: &'static mut [u8],
        send: &'static mut [u8],
        port: u16,
    ) -> Self {
        Self { tcp: Tcp::new(stack, receive, send), port }
    }
}

impl Socket for Caller {
    type Stream = Tcp;

    async fn connect(&mut self) -> Option<&mut Tcp> {
        let connected = self.tcp.0.connect((GATEWAY, self.port)).await;
        connected.is_ok().then_some(&mut self.tcp)
    }

    async fn release(&mut self) {
        self.tcp.end().await;
    }
}

impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tcp").finish_non_exhaustive()
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("port", &self.port).finish_non_exhaustive()
    }
}
