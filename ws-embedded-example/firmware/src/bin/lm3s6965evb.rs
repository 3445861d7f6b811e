//! The LM3S6965 with 64 KB of RAM: a superloop over `smoltcp` and the blocking driver.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use device_firmware::board::lm3s6965evb::{self as board, ETHERNET};
use device_firmware::board::semihosting;
use device_firmware::link::{MAC, Stellaris};
use device_firmware::memory::Memory;
use device_firmware::superloop::run;
use smoltcp::iface::SocketStorage;
use static_cell::ConstStaticCell;

/// How many clients have room at once.
const SLOTS: usize = 6;

/// All buffers of the image, but the state of the sockets below:
///
/// | what | bytes |
/// |---|---|
/// | TCP, in and out, for the clients and the server that is dialed | 7 × 2 × 2048 |
/// | WebSocket, to receive with | 7 × 512 |
/// | WebSocket, to stage in | 7 × 200 |
/// | Ethernet frames, in and out | 2 × 1514 |
static MEMORY: ConstStaticCell<Memory<{ SLOTS + 1 }, 2048, 512>> =
    ConstStaticCell::new(Memory::EMPTY);

/// The state of the sockets.
static SOCKETS: ConstStaticCell<[SocketStorage<'static>; SLOTS + 1]> =
    ConstStaticCell::new([SocketStorage::EMPTY; SLOTS + 1]);

#[entry]
fn main() -> ! {
    let board = board::start();
    let (Some(memory), Some(sockets)) = (MEMORY.try_take(), SOCKETS.try_take()) else {
        semihosting::fail()
    };
    run::<_, SLOTS, _, _, _>(board, Stellaris::start(ETHERNET, MAC), memory, sockets)
}
