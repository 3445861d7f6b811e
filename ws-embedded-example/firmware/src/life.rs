//! How an image begins and ends, however it serves its clients in between.

use device_app::{Device, Vitals};
use ws_core::connection::{Millis, Time};

use crate::board::semihosting::{self, Arguments};
use crate::board::{self, Board, Meter, now, stack_free};
use crate::entropy;
use crate::link::{ADDRESS, PORT};

/// The server that is dialed is on the host: its name there, and what it is asked for.
pub const SERVER: (&str, &str) = ("10.0.2.2", "/device");

/// What the host sends on the serial line to end the emulator.
const STOP: u8 = b'q';

/// How long connections may take to end then.
const GRACE: Millis = Millis::seconds(15);

/// Begins, with the host's seed and with so many places for clients: tells how much the processor sleeps
/// from now on, and which port of the host is to be dialed, if one is.
pub fn begin(board: &Board, places: usize) -> (Meter, Option<u16>) {
    let arguments = Arguments::read();
    let (Some(seed), Some(core)) = (arguments.seed(), cortex_m::Peripherals::take()) else {
        defmt::error!("no seed");
        semihosting::fail()
    };
    entropy::seed(seed);
    let [a, b, c, d] = ADDRESS.octets();
    defmt::info!("{=u8}.{=u8}.{=u8}.{=u8}:{=u16}, {=usize} places", a, b, c, d, PORT, places);
    let dial = arguments.value("dial").and_then(|port| port.parse().ok());
    (board::start_clock(core.SYST, board.hz), dial)
}

/// What the board knows of itself.
pub fn examine(meter: &Meter) -> Vitals {
    Vitals { load_permille: meter.load_permille(), stack_free: Some(stack_free()) }
}

/// What is there, of what must be there in the end.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Of which the clients count.
    pub device: Device,
    /// How many places wait for a client, and lack nothing.
    pub ready: usize,
    /// How many there are.
    pub places: usize,
}

/// The end, once the host wants it.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    by: Time,
}

impl Ending {
    /// Not asked for yet.
    pub const NONE: Self = Self { by: Time::NEVER };

    /// Looks whether the host asks for the end, and ends: once everything is in its place, or when the time
    /// for that is up.
    pub fn look(&mut self, board: &Board, standing: impl FnOnce() -> Standing) {
        if (board.take)() == Some(STOP) {
            self.by = now().after(GRACE);
        }
        if self.by != Time::NEVER {
            let standing = standing();
            if standing.is_whole() || self.by <= now() {
                standing.end();
            }
        }
    }
}

impl Standing {
    fn is_whole(&self) -> bool {
        self.device.clients == 0 && self.ready == self.places
    }

    /// Ends with status 0 if nothing is missing.
    fn end(&self) -> ! {
        defmt::info!(
            "stopped: {=u32} messages served, {=u16} clients here, {=usize} of {=usize} places ready, \
             {=u32} bytes of stack never used",
            self.device.messages,
            self.device.clients,
            self.ready,
            self.places,
            stack_free()
        );
        if self.is_whole() { semihosting::succeed() } else { semihosting::fail() }
    }
}
