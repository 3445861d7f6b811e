//! The MPS2 with the image AN385, 4 MB of RAM: tasks over `embassy-net` and the async driver.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use device_firmware::board::mps2_an385::{self as board, ETHERNET};
use device_firmware::board::{run_tasks, semihosting, spawn};
use device_firmware::link::embassy::Link;
use device_firmware::link::{Lan9118, MAC};
use device_firmware::memory::Memory;
use device_firmware::tasks::{Line, Place, Tasks, Watch, size_of_future};
use embassy_net::{Runner, StackResources};
use static_cell::ConstStaticCell;

/// How many clients have room at once.
const SLOTS: usize = 12;

/// All buffers of the image; what else is static is below:
///
/// | what | bytes |
/// |---|---|
/// | TCP, in and out, for the clients and the server that is dialed | 13 × 2 × 8192 |
/// | WebSocket, to receive with | 13 × 1024 |
/// | WebSocket, to stage in | 13 × 200 |
/// | Ethernet frames, in and out | 2 × 1514 |
static MEMORY: ConstStaticCell<Memory<{ SLOTS + 1 }, 8192, 1024>> =
    ConstStaticCell::new(Memory::EMPTY);

/// The state of the stack and its sockets.
static RESOURCES: ConstStaticCell<StackResources<{ SLOTS + 1 }>> =
    ConstStaticCell::new(StackResources::new());

/// `RESOURCES`, and what the tasks below keep while they wait: each pool is a static of its own. The
/// compiler holds them to this:
///
/// | what | bytes, at most |
/// |---|---|
/// | the state of the stack and its sockets | 6144 |
/// | a task for each client | 12 × 2048 |
/// | a task for the server that is dialed | 2048 |
/// | the tasks for the network and for the host | 2 × 256 |
const _: () = {
    assert!(size_of::<StackResources<{ SLOTS + 1 }>>() <= 6144);
    assert!(size_of_future(&Place::serve) <= 2048 - HEADER);
    assert!(size_of_future(&Line::dial) <= 2048 - HEADER);
    assert!(size_of::<Runner<'_, Link<Lan9118>>>() <= 256 - HEADER);
    assert!(size_of_future(&Watch::look) <= 256 - HEADER);
};

/// What the executor keeps of each task, and no more.
const HEADER: usize = 64;

#[entry]
fn main() -> ! {
    let board = board::start();
    let (Some(chip), Some(memory), Some(resources)) =
        (Lan9118::start(ETHERNET, MAC), MEMORY.try_take(), RESOURCES.try_take())
    else {
        semihosting::fail()
    };
    let (meter, tasks) = Tasks::<_, SLOTS>::begin(board, chip, memory, resources);
    let renewed = tasks.watch.renewed();
    let start = |spawner| {
        spawn(spawner, network(tasks.network));
        tasks.places.into_iter().for_each(|each| spawn(spawner, place(each)));
        tasks.line.into_iter().for_each(|each| spawn(spawner, line(each)));
        spawn(spawner, watch(tasks.watch));
    };
    run_tasks(meter, start, renewed)
}

#[embassy_executor::task]
async fn network(mut network: Runner<'static, Link<Lan9118>>) -> ! {
    network.run().await
}

#[embassy_executor::task(pool_size = SLOTS)]
async fn place(place: Place) {
    place.serve().await;
}

#[embassy_executor::task]
async fn line(line: Line) -> ! {
    line.dial().await
}

#[embassy_executor::task]
async fn watch(watch: Watch) -> ! {
    watch.look().await
}
