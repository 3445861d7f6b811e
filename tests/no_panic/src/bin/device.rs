//! The app of the firmware example in its superloop, over a stream that may do anything: nothing of
//! it may panic.

#![no_std]
#![no_main]

use core::hint::black_box;

use device_app::{Device, Vitals};
use device_drive::Shelf;
use device_drive::superloop::{Slot, Stream};
use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use ws_core::connection::{Time, Timing};
use ws_no_panic::{Cut, Wire, canary, clock, entropy, see};

/// Lives through one connection after the other.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let (mut receive, mut send) = ([0; 512], [0; 200]);
    let (receive, send) = (Shelf::new(&mut receive), Shelf::new(&mut send));
    let mut device = Device::default();
    let mut slot =
        Slot::new(black_box(Timing::DEFAULT), clock as fn() -> Time, entropy as fn(&mut [u8]));
    loop {
        canary();
        if slot.is_free()
            && let (Some(receive), Some(send)) = (receive.lend(), send.lend())
        {
            see(slot.welcome(Socket(Wire), receive, send).is_ok());
        }
        let vitals = Vitals { load_permille: black_box(0), stack_free: black_box(0) };
        see(slot.turn(&mut device, vitals));
        black_box(&mut device);
    }
}

struct Socket(Wire);

impl ErrorType for Socket {
    type Error = Cut;
}

impl Read for Socket {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Cut> {
        self.0.read(bytes)
    }
}

impl ReadReady for Socket {
    fn read_ready(&mut self) -> Result<bool, Cut> {
        self.0.read_ready()
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Cut> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> Result<(), Cut> {
        self.0.flush()
    }
}

impl WriteReady for Socket {
    fn write_ready(&mut self) -> Result<bool, Cut> {
        self.0.write_ready()
    }
}

impl Stream for Socket {
    fn hang_up(&mut self) {
        see(());
    }
}
