//! Every buffer of the image, and how large it is.
//!
//! | what | bytes | for |
//! |---|---|---|
//! | `TCP_RECEIVE` | 7 × 2048 | what has arrived and the codec has not taken: the window |
//! | `TCP_SEND` | 7 × 2048 | what is sent and not acknowledged |
//! | `WS_RECEIVE` | 7 × 512 | the request, a command, a piece of an echo |
//! | `WS_SEND` | 7 × 200 | a reading while a command arrives in fragments |
//! | `FRAMES` | 2 × 1514 | an Ethernet frame that arrives, and one that leaves |
//! | `SOCKETS` | 7 × `size_of::<SocketStorage>()` | the state of the sockets |

use device_firmware::link::net::Frames;
use smoltcp::iface::SocketStorage;
use static_cell::ConstStaticCell;

/// How many clients have room at once.
pub(crate) const SLOTS: usize = 6;

/// How many connections: one more, for the server that the device dials.
pub(crate) const CONNECTIONS: usize = SLOTS + 1;

/// The window of a socket.
const WINDOW: usize = 2048;

/// What a WebSocket receives with.
const RECEIVE: usize = 512;

/// What it stages in: a reading and its header.
const SEND: usize = 200;

static TCP_RECEIVE: ConstStaticCell<[[u8; WINDOW]; CONNECTIONS]> =
    ConstStaticCell::new([[0; WINDOW]; CONNECTIONS]);
static TCP_SEND: ConstStaticCell<[[u8; WINDOW]; CONNECTIONS]> =
    ConstStaticCell::new([[0; WINDOW]; CONNECTIONS]);
static WS_RECEIVE: ConstStaticCell<[[u8; RECEIVE]; CONNECTIONS]> =
    ConstStaticCell::new([[0; RECEIVE]; CONNECTIONS]);
static WS_SEND: ConstStaticCell<[[u8; SEND]; CONNECTIONS]> =
    ConstStaticCell::new([[0; SEND]; CONNECTIONS]);
static FRAMES: ConstStaticCell<Frames> = ConstStaticCell::new(Frames::EMPTY);
static SOCKETS: ConstStaticCell<[SocketStorage<'static>; CONNECTIONS]> =
    ConstStaticCell::new([SocketStorage::EMPTY; CONNECTIONS]);

/// The buffers, taken.
pub(crate) struct Memory {
    pub(crate) tcp_receive: &'static mut [[u8; WINDOW]; CONNECTIONS],
    pub(crate) tcp_send: &'static mut [[u8; WINDOW]; CONNECTIONS],
    pub(crate) ws_receive: &'static mut [[u8; RECEIVE]; CONNECTIONS],
    pub(crate) ws_send: &'static mut [[u8; SEND]; CONNECTIONS],
    pub(crate) frames: &'static mut Frames,
    pub(crate) sockets: &'static mut [SocketStorage<'static>; CONNECTIONS],
}

/// Takes the buffers: once.
pub(crate) fn take() -> Option<Memory> {
    Some(Memory {
        tcp_receive: TCP_RECEIVE.try_take()?,
        tcp_send: TCP_SEND.try_take()?,
        ws_receive: WS_RECEIVE.try_take()?,
        ws_send: WS_SEND.try_take()?,
        frames: FRAMES.try_take()?,
        sockets: SOCKETS.try_take()?,
    })
}
