//! The buffers of an image: one static of it holds them all. It is all zeros, so that flash has no copy
//! of it; the storage of the sockets is not, and is a static of its own.

use crate::link::Frames;

/// What a WebSocket stages in: a reading and its header.
pub const SEND: usize = 200;

/// The buffers of so many connections, with so large a `WINDOW` for TCP, and so much to `RECEIVE` with
/// for a WebSocket.
pub struct Memory<const CONNECTIONS: usize, const WINDOW: usize, const RECEIVE: usize> {
    /// What has arrived and the codec has not taken: the window.
    tcp_receive: [[u8; WINDOW]; CONNECTIONS],
    /// What is sent and not acknowledged.
    tcp_send: [[u8; WINDOW]; CONNECTIONS],
    /// The request, a command, a piece of an echo.
    ws_receive: [[u8; RECEIVE]; CONNECTIONS],
    /// A reading while a command arrives in fragments.
    ws_send: [[u8; SEND]; CONNECTIONS],
    /// An Ethernet frame that arrives, and one that leaves.
    frames: Frames,
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

    /// Hands it out: the frames, and the buffers of one connection after the other.
    pub fn hand_out(&mut self) -> (&mut Frames, impl Iterator<Item = Buffers<'_>>) {
        let tcp = self.tcp_receive.iter_mut().zip(&mut self.tcp_send);
        let ws = self.ws_receive.iter_mut().zip(&mut self.ws_send);
        let buffers = tcp.zip(ws).map(|((tcp_receive, tcp_send), (ws_receive, ws_send))| Buffers {
            tcp_receive,
            tcp_send,
            ws_receive,
            ws_send,
        });
        (&mut self.frames, buffers)
    }
}

/// The buffers of one connection.
pub struct Buffers<'m> {
    /// A window of TCP, for what arrives.
    pub tcp_receive: &'m mut [u8],
    /// And for what leaves.
    pub tcp_send: &'m mut [u8],
    /// What a WebSocket receives with.
    pub ws_receive: &'m mut [u8],
    /// What it stages in.
    pub ws_send: &'m mut [u8],
}
