//! Every buffer of the image, and how large it is.
//!
//! | what | bytes | for |
//! |---|---|---|
//! | `TCP_RECEIVE` | 6 × 2048 | what has arrived and the codec has not taken: the window |
//! | `TCP_SEND` | 6 × 2048 | what is sent and not acknowledged |
//! | `WS_RECEIVE` | 6 × 512 | the request, a command, a piece of an echo |
//! | `WS_SEND` | 6 × 200 | a reading while a command arrives in fragments |
//! | `FRAMES` | 2 × 1514 | an Ethernet frame that arrives, and one that leaves |
//! | `SOCKETS` | 6 × `size_of::<SocketStorage>()` | the state of the sockets |

use device_firmware::link::net::Frames;
use smoltcp::iface::SocketStorage;
use static_cell::ConstStaticCell;

/// How many clients have room at once.
pub(crate) const SLOTS: usize = 6;

/// The window of a socket.
const WINDOW: usize = 2048;

/// What a WebSocket receives with.
const RECEIVE: usize = 512;

/// What it stages in: a reading and its header.
const SEND: usize = 200;

static TCP_RECEIVE: ConstStaticCell<[[u8; WINDOW]; SLOTS]> =
    ConstStaticCell::new([[0; WINDOW]; SLOTS]);
static TCP_SEND: ConstStaticCell<[[u8; WINDOW]; SLOTS]> =
    ConstStaticCell::new([[0; WINDOW]; SLOTS]);
static WS_RECEIVE: ConstStaticCell<[[u8; RECEIVE]; SLOTS]> =
    ConstStaticCell::new([[0; RECEIVE]; SLOTS]);
static WS_SEND: ConstStaticCell<[[u8; SEND]; SLOTS]> = ConstStaticCell::new([[0; SEND]; SLOTS]);
static FRAMES: ConstStaticCell<Frames> = ConstStaticCell::new(Frames::EMPTY);
static SOCKETS: ConstStaticCell<[SocketStorage<'static>; SLOTS]> =
    ConstStaticCell::new([SocketStorage::EMPTY; SLOTS]);

/// The buffers, taken.
pub(crate) struct Memory {
    pub(crate) tcp_receive: &'static mut [[u8; WINDOW]; SLOTS],
    pub(crate) tcp_send: &'static mut [[u8; WINDOW]; SLOTS],
    pub(crate) ws_receive: &'static mut [[u8; RECEIVE]; SLOTS],
    pub(crate) ws_send: &'static mut [[u8; SEND]; SLOTS],
    pub(crate) frames: &'static mut Frames,
    pub(crate) sockets: &'static mut [SocketStorage<'static>; SLOTS],
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
