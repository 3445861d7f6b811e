//! What a loop wants of a stream.

use embedded_io::{Read, ReadReady, Write, WriteReady};

/// A stream of which a loop can ask whether it would wait.
///
/// What it has taken it sends by itself: nobody flushes it. A read or write that would have to wait
/// fails.
pub trait Stream: Read + Write + ReadReady + WriteReady {
    /// Shuts down the write side, behind what has been written.
    fn hang_up(&mut self);

    /// Whether nothing that has been written is still on its way to the peer, as far as this side
    /// knows.
    fn is_drained(&mut self) -> bool;
}
