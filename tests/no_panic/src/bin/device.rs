//! The app of the firmware example in its superloop, in both roles, over streams that may do anything:
//! nothing of it may panic.

#![no_std]
#![no_main]

use core::hint::black_box;

use device_app::{Device, Vitals};
use device_drive::{Dialer, Shelf, Slot, Stream, Way};
use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use ws_core::connection::{Time, Timing};
use ws_no_panic::{Cut, Wire, canary, clock, entropy, see};

/// Lives through one connection after the other.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let (mut receive, mut send) = ([0; 512], [0; 200]);
    let (receive, send) = (Shelf::new(&mut receive), Shelf::new(&mut send));
    let (mut away, mut home) = ([0; 512], [0; 200]);
    let (away, home) = (Shelf::new(&mut away), Shelf::new(&mut home));
    let (clock, entropy) = (clock as fn() -> Time, entropy as fn(&mut [u8]));
    let timing = black_box(Timing::DEFAULT);
    let mut device = Device::default();
    let mut slot = Slot::new(timing, clock, entropy);
    let server = black_box(("host", "/device"));
    let mut dialer = Dialer::new(server, (&away, &home), timing, clock, entropy);
    loop {
        canary();
        if slot.is_free()
            && let (Some(receive), Some(send)) = (receive.lend(), send.lend())
        {
            see(slot.welcome(Socket(Wire), receive, send).is_ok());
        }
        let vitals = Vitals { load_permille: black_box(Some(0)), stack_free: black_box(None) };
        see(slot.turn(&mut device, vitals));
        see(dialer.turn(&mut Line, &mut device, vitals));
        black_box(&mut device);
    }
}

/// A way to a server that is there, or not.
struct Line;

impl Way for Line {
    type Stream = Socket;

    fn dial(&mut self) {
        see(());
    }

    fn dialed(&mut self) -> Option<Option<Socket>> {
        match black_box(0) {
            0 => None,
            1 => Some(None),
            _ => Some(Some(Socket(Wire))),
        }
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

    fn is_drained(&mut self) -> bool {
        matches!(self.0.write_ready(), Ok(true))
    }
}
