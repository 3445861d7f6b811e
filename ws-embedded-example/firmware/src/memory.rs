//! The buffers of an image: one static of it holds them all. It is all zeros, so that flash has no copy
//! of it; the storage of the sockets is not, and is a static of its own.

use crate::link::Frames;

/// What a WebSocket stages in: a reading and its header.
pub const SEND: usize = 200;

/// The buffers of so many connections, with so large a `WINDOW` for TCP, and so much to `RECEIVE` with
/// for a WebSocket.
#[derive(Debug)]
pub struct Memory<const CONNECTIONS: usize, const WINDOW: usize, const RECEIVE: usize> {
    /// What has arrived and the codec has not taken: the window.
    pub tcp_receive: [[u8; WINDOW]; CONNECTIONS],
    /// What is sent and not acknowledged.
    pub tcp_send: [[u8; WINDOW]; CONNECTIONS],
    /// The request, a command, a piece of an echo.
    pub ws_receive: [[u8; RECEIVE]; CONNECTIONS],
    /// A reading while a command arrives in fragments.
    pub ws_send: [[u8; SEND]; CONNECTIONS],
    /// An Ethernet frame that arrives, and one that leaves.
    pub frames: Frames,
}

impl<const CONNECTIONS: usize, const WINDOW: usize, const RECEIVE: usize>
    Memory<CONNECTIONS, WINDOW, RECEIVE>
{
    /// Buffers of nothing.
    pub const EMPTY: Self = Self {
        tcp_receive: [[0; WINDOW]; CONNECTIONS],
        tcp_send: [[0; WINDOW]; CONNECTIONS],
        ws_receive: [[0; RECEIVE]; CONNECTIONS],
        ws_send: [[0; SEND]; CONNECTIONS],
        frames: Frames::EMPTY,
    };
}
