//! The app of the firmware example in its tasks, in both roles, over streams that may do anything:
//! nothing of it may panic.

#![no_std]
#![no_main]

use core::hint::black_box;

use device_app::Vitals;
use device_drive::tasks::{Machine, Socket, Stream, World, dial, serve};
use embedded_io_async::{ErrorType, Read, Write};
use ws_core::connection::{Time, Timing};
use ws_no_panic::{Cut, Wire, any, canary, clock, entropy, pause, run, see};

/// Lives through one task after the other.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let (mut receive, mut send) = ([0; 512], [0; 200]);
    let world = World::new(Anything, black_box(Timing::DEFAULT));
    loop {
        canary();
        run(serve(Door(Pipe(Wire)), (any(&mut receive), any(&mut send)), &world));
        let server = black_box(("host", "/device"));
        run(dial(Door(Pipe(Wire)), server, (any(&mut receive), any(&mut send)), &world));
        see(world.device());
    }
}

/// A machine of which the optimiser knows nothing.
struct Anything;

impl Machine for Anything {
    fn now(&self) -> Time {
        clock()
    }

    async fn sleep_until(&self, moment: Time) {
        see(moment);
        pause().await;
    }

    fn fill(&self, bytes: &mut [u8]) {
        entropy(bytes);
    }

    fn vitals(&self) -> Vitals {
        Vitals { load_permille: black_box(Some(0)), stack_free: black_box(None) }
    }

    fn switch(&self, on: bool) {
        see(on);
    }
}

/// Connections that come, or not.
struct Door(Pipe);

impl Socket for Door {
    type Stream = Pipe;

    async fn connect(&mut self) -> Option<&mut Pipe> {
        pause().await;
        black_box(true).then_some(&mut self.0)
    }

    async fn release(&mut self) {
        pause().await;
    }
}

struct Pipe(Wire);

impl ErrorType for Pipe {
    type Error = Cut;
}

impl Read for Pipe {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Cut> {
        self.0.read(bytes).await
    }
}

impl Write for Pipe {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Cut> {
        self.0.write(bytes).await
    }

    async fn flush(&mut self) -> Result<(), Cut> {
        self.0.flush().await
    }
}

impl Stream for Pipe {
    fn hang_up(&mut self) {
        see(());
    }

    async fn drained(&mut self) {
        pause().await;
    }
}
