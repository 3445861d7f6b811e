//! The MPS2 with the image AN385, 4 MB of RAM: the same superloop over another network chip.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use device_firmware::board::mps2_an385::{self as board, ETHERNET, ETHERNET_LINE, HZ};
use device_firmware::board::{log_to, semihosting};
use device_firmware::link::Lan9118;
use device_firmware::memory::Memory;
use device_firmware::superloop::{Board, MAC, run};
use smoltcp::iface::SocketStorage;
use static_cell::ConstStaticCell;

/// How many clients have room at once.
const SLOTS: usize = 12;

/// All buffers of the image, but the state of the sockets below:
///
/// | what | bytes |
/// |---|---|
/// | TCP, in and out, for the clients and the server that is dialed | 13 × 2 × 8192 |
/// | WebSocket, to receive with | 13 × 1024 |
/// | WebSocket, to stage in | 13 × 200 |
/// | Ethernet frames, in and out | 2 × 1514 |
static MEMORY: ConstStaticCell<Memory<{ SLOTS + 1 }, 8192, 1024>> =
    ConstStaticCell::new(Memory::EMPTY);

/// The state of the sockets.
static SOCKETS: ConstStaticCell<[SocketStorage<'static>; SLOTS + 1]> =
    ConstStaticCell::new([SocketStorage::EMPTY; SLOTS + 1]);

#[entry]
fn main() -> ! {
    board::start();
    log_to(board::put);
    let chip = Lan9118::start(ETHERNET, MAC);
    let (Some(core), Some(memory), Some(sockets), Some(chip)) =
        (cortex_m::Peripherals::take(), MEMORY.try_take(), SOCKETS.try_take(), chip)
    else {
        semihosting::fail()
    };
    let hands =
        Board::<SLOTS> { hz: HZ, line: ETHERNET_LINE, take: board::take, switch: board::switch };
    run(hands, core.SYST, chip, memory, sockets)
}
