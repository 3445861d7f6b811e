//! The board LM3S6965 Ethernet Evaluation, by the data sheet of the LM3S6965: 50 MHz, a serial line,
//! an LED.

use super::log::log_to;
use super::{Board, Peripheral};

/// The processor's clock once [`start`] has been called.
const HZ: u32 = 50_000_000;

/// The interrupt of the Ethernet controller.
const ETHERNET_LINE: u16 = 42;

/// The Ethernet controller (chapter 17).
// SAFETY: registers that know no addresses of memory: frames pass through a register.
pub const ETHERNET: Peripheral = unsafe { Peripheral::at(0x4004_8000) };

/// System control (chapter 6).
// SAFETY: registers of clocks and resets.
const SYSTEM: Peripheral = unsafe { Peripheral::at(0x400F_E000) };

/// GPIO ports A and F (chapter 9).
// SAFETY: registers of pins.
const PORT_A: Peripheral = unsafe { Peripheral::at(0x4000_4000) };
// SAFETY: registers of pins.
const PORT_F: Peripheral = unsafe { Peripheral::at(0x4002_5000) };

/// UART0 (chapter 13).
// SAFETY: registers of a serial line.
const SERIAL: Peripheral = unsafe { Peripheral::at(0x4000_C000) };

mod system {
    /// Raw interrupt status: the PLL has locked.
    pub(super) const RIS: usize = 0x050;
    pub(super) const RIS_PLL_LOCKED: u32 = 1 << 6;
    /// Run-mode clock configuration.
    pub(super) const RCC: usize = 0x060;
    pub(super) const RCC_SYSDIV: u32 = 0xF << 23;
    pub(super) const RCC_USE_SYSDIV: u32 = 1 << 22;
    pub(super) const RCC_POWER_DOWN: u32 = 1 << 13;
    pub(super) const RCC_BYPASS: u32 = 1 << 11;
    pub(super) const RCC_XTAL: u32 = 0xF << 6;
    pub(super) const RCC_OSC_SOURCE: u32 = 0x3 << 4;
    pub(super) const RCC_MAIN_OFF: u32 = 1 << 0;
    /// Run-mode clock gating: which peripherals run.
    pub(super) const RCGC1: usize = 0x104;
    pub(super) const RCGC1_UART0: u32 = 1 << 0;
    pub(super) const RCGC2: usize = 0x108;
    pub(super) const RCGC2_PORT_A: u32 = 1 << 0;
    pub(super) const RCGC2_PORT_F: u32 = 1 << 5;
    pub(super) const RCGC2_MAC: u32 = 1 << 28;
    pub(super) const RCGC2_PHY: u32 = 1 << 30;
}

mod gpio {
    /// Data of pin 0 alone: the address says which pins a write is for.
    pub(super) const DATA_0: usize = 1 << 2;
    pub(super) const DIRECTION: usize = 0x400;
    pub(super) const ALTERNATE: usize = 0x420;
    pub(super) const DIGITAL: usize = 0x51C;
}

mod uart {
    pub(super) const DATA: usize = 0x000;
    pub(super) const FLAGS: usize = 0x018;
    pub(super) const FLAGS_RECEIVE_EMPTY: u32 = 1 << 4;
    pub(super) const FLAGS_SEND_FULL: u32 = 1 << 5;
    pub(super) const BAUD_WHOLE: usize = 0x024;
    pub(super) const BAUD_PART: usize = 0x028;
    pub(super) const LINE: usize = 0x02C;
    /// 8 bits, FIFO.
    pub(super) const LINE_8N1: u32 = 0x70;
    pub(super) const CONTROL: usize = 0x030;
    /// On, sends and receives.
    pub(super) const CONTROL_ON: u32 = 0x301;
}

/// Clocks and pins, and logs on the serial line. To be called once, first.
pub fn start() -> Board {
    start_pll();
    SYSTEM.change(system::RCGC1, 0, system::RCGC1_UART0);
    let ports = system::RCGC2_PORT_A | system::RCGC2_PORT_F;
    SYSTEM.change(system::RCGC2, 0, ports | system::RCGC2_MAC | system::RCGC2_PHY);
    // PA0 and PA1 are the serial line, PF0 is the LED, PF2 and PF3 are the lamps of the network.
    PORT_A.change(gpio::ALTERNATE, 0, 0b11);
    PORT_A.change(gpio::DIGITAL, 0, 0b11);
    PORT_F.change(gpio::DIRECTION, 0, 0b0001);
    PORT_F.change(gpio::ALTERNATE, 0, 0b1100);
    PORT_F.change(gpio::DIGITAL, 0, 0b1101);
    // 115200 baud: 50 MHz / 16 / 115200 = 27 + 8 / 64.
    SERIAL.write(uart::BAUD_WHOLE, 27);
    SERIAL.write(uart::BAUD_PART, 8);
    SERIAL.write(uart::LINE, uart::LINE_8N1);
    SERIAL.write(uart::CONTROL, uart::CONTROL_ON);
    log_to(put);
    Board { hz: HZ, line: ETHERNET_LINE, take, switch }
}

/// 200 MHz out of the crystal of 8 MHz, divided by 4 (section 6.3, "Initialization and
/// Configuration").
fn start_pll() {
    use system::*;
    SYSTEM.change(RCC, RCC_USE_SYSDIV, RCC_BYPASS);
    let crystal = 0xE << 6;
    SYSTEM.change(RCC, RCC_XTAL | RCC_OSC_SOURCE | RCC_POWER_DOWN | RCC_MAIN_OFF, crystal);
    SYSTEM.change(RCC, RCC_SYSDIV, 3 << 23 | RCC_USE_SYSDIV);
    while SYSTEM.read(RIS) & RIS_PLL_LOCKED == 0 {}
    SYSTEM.change(RCC, RCC_BYPASS, 0);
}

/// Switches the output: the LED on PF0.
fn switch(on: bool) {
    PORT_F.write(gpio::DATA_0, u32::from(on));
}

/// Writes a byte to the serial line, as soon as there is room for it.
fn put(byte: u8) {
    while SERIAL.read(uart::FLAGS) & uart::FLAGS_SEND_FULL != 0 {}
    SERIAL.write(uart::DATA, byte.into());
}

/// A byte from the serial line, if one has come.
fn take() -> Option<u8> {
    let is_empty = SERIAL.read(uart::FLAGS) & uart::FLAGS_RECEIVE_EMPTY != 0;
    (!is_empty).then(|| SERIAL.read(uart::DATA) as u8)
}
