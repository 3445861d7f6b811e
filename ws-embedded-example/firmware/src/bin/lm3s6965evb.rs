//! The LM3S6965 with 64 KB of RAM: a superloop over `smoltcp` and the blocking driver.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use device_firmware::board::lm3s6965evb::{self as board, ETHERNET, ETHERNET_LINE, HZ};
use device_firmware::board::{log_to, semihosting};
use device_firmware::link::Stellaris;
use device_firmware::memory::Memory;
use device_firmware::superloop::{Board, MAC, run};
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
    board::start();
    log_to(board::put);
    let chip = Stellaris::start(ETHERNET, MAC);
    let (Some(core), Some(memory), Some(sockets)) =
        (cortex_m::Peripherals::take(), MEMORY.try_take(), SOCKETS.try_take())
    else {
        semihosting::fail()
    };
    let hands =
        Board::<SLOTS> { hz: HZ, line: ETHERNET_LINE, take: board::take, switch: board::switch };
    run(hands, core.SYST, chip, memory, sockets)
}
