//! The board MPS2 with the FPGA image AN385, by Arm's application note of that number: 25 MHz, a serial
//! line, LEDs.

use super::log::log_to;
use super::{Board, Peripheral};

/// The processor's clock.
const HZ: u32 = 25_000_000;

/// The interrupt of the Ethernet controller.
const ETHERNET_LINE: u16 = 13;

/// The Ethernet controller, a LAN9118.
// SAFETY: registers that know no addresses of memory: frames pass through a register.
pub const ETHERNET: Peripheral = unsafe { Peripheral::at(0x4020_0000) };

/// UART0, of the Cortex-M System Design Kit.
// SAFETY: registers of a serial line.
const SERIAL: Peripheral = unsafe { Peripheral::at(0x4000_4000) };

/// Buttons and LEDs of the FPGA.
// SAFETY: registers of pins.
const PINS: Peripheral = unsafe { Peripheral::at(0x4002_8000) };

mod uart {
    pub(super) const DATA: usize = 0x00;
    pub(super) const STATE: usize = 0x04;
    pub(super) const STATE_SEND_FULL: u32 = 1 << 0;
    pub(super) const STATE_RECEIVED: u32 = 1 << 1;
    pub(super) const CONTROL: usize = 0x08;
    /// Sends and receives.
    pub(super) const CONTROL_ON: u32 = 0b11;
    pub(super) const BAUD: usize = 0x10;
}

const LEDS: usize = 0x00;

/// The serial line, and logs on it. To be called once, first.
pub fn start() -> Board {
    // 115200 baud.
    SERIAL.write(uart::BAUD, HZ / 115_200);
    SERIAL.write(uart::CONTROL, uart::CONTROL_ON);
    log_to(put);
    Board { hz: HZ, line: ETHERNET_LINE, take, switch }
}

/// Switches the output: the first LED.
fn switch(on: bool) {
    PINS.write(LEDS, u32::from(on));
}

/// Writes a byte to the serial line, as soon as there is room for it.
fn put(byte: u8) {
    while SERIAL.read(uart::STATE) & uart::STATE_SEND_FULL != 0 {}
    SERIAL.write(uart::DATA, byte.into());
}

/// A byte from the serial line, if one has come.
fn take() -> Option<u8> {
    let has_come = SERIAL.read(uart::STATE) & uart::STATE_RECEIVED != 0;
    has_come.then(|| SERIAL.read(uart::DATA) as u8)
}
