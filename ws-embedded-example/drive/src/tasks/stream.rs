//! What a task wants of a socket.

use embedded_io_async::{Read, Write};

/// A stream of which a task waits for what it wants.
///
/// What it has taken it sends by itself: `flush` does not wait for the peer.
pub trait Stream: Read + Write {
    /// Shuts down the write side, behind what has been written.
    fn hang_up(&mut self);

    /// Waits until nothing that has been written is still on its way to the peer, as far as this side
    /// knows.
    fn drained(&mut self) -> impl Future<Output = ()>;
}

/// A socket, for one connection after the other.
pub trait Socket {
    /// What a connection is.
    type Stream: Stream;

    /// Waits for the next connection: a client's, or one that is dialed; none if that has failed.
    fn connect(&mut self) -> impl Future<Output = Option<&mut Self::Stream>>;

    /// The connection is over, or has not come about: ends what is left of it, so that there can be
    /// another.
    fn release(&mut self) -> impl Future<Output = ()>;
}
