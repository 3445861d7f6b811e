//! The Ethernet controller SMSC LAN9118 (its data sheet, chapters 3 and 5).
//!
//! Frames pass through two FIFOs of data, and beside each is one of status. On the way in a status
//! word tells the length, with the check sum of four bytes that follows the frame; on the way out two
//! command words go in front:
//!
//! ```text
//!  in    status: length, errors      data: frame ... │ check sum    padded to a whole word
//!  out   command A │ command B │ frame ...            the controller pads and adds the check sum
//! ```

use super::chip::{Chip, LONGEST_FRAME};
use crate::board::Peripheral;

const RECEIVE_DATA: usize = 0x00;
const SEND_DATA: usize = 0x20;
const RECEIVE_STATUS: usize = 0x40;
const RECEIVE_STATUS_ERROR: u32 = 1 << 15;
const SEND_STATUS: usize = 0x48;
/// How the interrupt line behaves.
const INTERRUPT_LINE: usize = 0x54;
/// On, active high, driven.
const INTERRUPT_LINE_ON: u32 = 1 << 8 | 1 << 4 | 1 << 0;
/// Which interrupts are pending; a bit that is written acknowledges its interrupt.
const INTERRUPTS: usize = 0x58;
const INTERRUPT_MASK: usize = 0x5C;
/// There are more words of receive status than the level of `FIFO_LEVELS`.
const FRAME_RECEIVED: u32 = 1 << 3;
/// Reads as `BYTE_ORDER_RIGHT` once the controller is there.
const BYTE_ORDER: usize = 0x64;
const BYTE_ORDER_RIGHT: u32 = 0x8765_4321;
const FIFO_LEVELS: usize = 0x68;
const SEND: usize = 0x70;
const SEND_ON: u32 = 1 << 1;
const HARDWARE: usize = 0x74;
const HARDWARE_RESET: u32 = 1 << 0;
/// A bit that must be one, and 5 KiB for frames to send.
const HARDWARE_FIFO: u32 = 1 << 20 | 5 << 16;
/// How much is used in the receive FIFOs: words of status in bits 16 to 23.
const RECEIVE_USED: usize = 0x7C;
/// How much is free for data to send, in bits 0 to 15; words of status in bits 16 to 23.
const SEND_FREE: usize = 0x80;
const POWER: usize = 0x84;
const POWER_READY: u32 = 1 << 0;
/// The way to the registers of the MAC: a command, and what it reads or writes.
const MAC_COMMAND: usize = 0xA4;
const MAC_COMMAND_BUSY: u32 = 1 << 31;
const MAC_DATA: usize = 0xA8;

mod mac {
    /// Control: full duplex, sends, receives.
    pub(super) const CONTROL: u32 = 1;
    pub(super) const CONTROL_ON: u32 = 1 << 20 | 1 << 3 | 1 << 2;
    /// Our address: bytes 4 and 5, and 0 to 3, the first in the low ones.
    pub(super) const ADDRESS_HIGH: u32 = 2;
    pub(super) const ADDRESS_LOW: u32 = 3;
    /// The way to the registers of the PHY.
    pub(super) const PHY_ACCESS: u32 = 6;
    /// PHY 1, register 0, to be written.
    pub(super) const PHY_CONTROL: u32 = 1 << 11 | 1 << 1 | 1 << 0;
    pub(super) const PHY_DATA: u32 = 7;
    /// Agree with the other end on the speed, anew.
    pub(super) const PHY_NEGOTIATE: u32 = 1 << 12 | 1 << 9;
}

/// Both segments of a frame, the first and the last.
const WHOLE_FRAME: u32 = 1 << 13 | 1 << 12;
const CHECK_SUM: usize = 4;
/// What the commands take beside a frame.
const COMMANDS: usize = 8;

/// The controller.
#[derive(Debug)]
pub struct Lan9118 {
    registers: Peripheral,
}

impl Lan9118 {
    /// Starts the controller; none if there is none.
    pub fn start(registers: Peripheral, address: [u8; 6]) -> Option<Self> {
        if registers.read(BYTE_ORDER) != BYTE_ORDER_RIGHT {
            return None;
        }
        registers.write(HARDWARE, HARDWARE_RESET);
        while registers.read(HARDWARE) & HARDWARE_RESET != 0 {}
        while registers.read(POWER) & POWER_READY == 0 {}
        registers.write(HARDWARE, HARDWARE_FIFO);
        registers.write(FIFO_LEVELS, 0);
        registers.write(INTERRUPT_MASK, 0);
        registers.write(INTERRUPTS, u32::MAX);
        registers.write(INTERRUPT_LINE, INTERRUPT_LINE_ON);
        let [a, b, c, d, e, f] = address;
        let chip = Self { registers };
        chip.write_mac(mac::ADDRESS_LOW, u32::from_le_bytes([a, b, c, d]));
        chip.write_mac(mac::ADDRESS_HIGH, u32::from_le_bytes([e, f, 0, 0]));
        chip.write_mac(mac::PHY_DATA, mac::PHY_NEGOTIATE);
        chip.write_mac(mac::PHY_ACCESS, mac::PHY_CONTROL);
        chip.write_mac(mac::CONTROL, mac::CONTROL_ON);
        registers.write(SEND, SEND_ON);
        Some(chip)
    }

    fn write_mac(&self, register: u32, value: u32) {
        self.registers.write(MAC_DATA, value);
        self.registers.write(MAC_COMMAND, MAC_COMMAND_BUSY | register);
        while self.registers.read(MAC_COMMAND) & MAC_COMMAND_BUSY != 0 {}
    }
}

impl Chip for Lan9118 {
    fn listen(&mut self) {
        self.registers.write(INTERRUPTS, FRAME_RECEIVED);
        self.registers.write(INTERRUPT_MASK, FRAME_RECEIVED);
    }

    fn has_frame(&self) -> bool {
        self.registers.read(RECEIVE_USED) >> 16 & 0xFF > 0
    }

    /// The whole frame has to be taken, or else the next one would begin in the middle of it.
    fn receive(&mut self, frame: &mut [u8]) -> Option<usize> {
        while self.has_frame() {
            let status = self.registers.read(RECEIVE_STATUS);
            let length = (status >> 16 & 0x3FFF) as usize;
            let kept = length.saturating_sub(CHECK_SUM).min(frame.len());
            let mut put = frame.iter_mut().take(kept);
            for _ in 0..length.div_ceil(4) {
                for byte in self.registers.read(RECEIVE_DATA).to_le_bytes() {
                    if let Some(place) = put.next() {
                        *place = byte;
                    }
                }
            }
            if status & RECEIVE_STATUS_ERROR == 0 {
                return Some(kept);
            }
        }
        None
    }

    fn has_room(&self) -> bool {
        (self.registers.read(SEND_FREE) & 0xFFFF) as usize >= LONGEST_FRAME + COMMANDS + 4
    }

    fn send(&mut self, frame: &[u8]) {
        // What became of those before is of no interest, but must not fill its FIFO.
        while self.registers.read(SEND_FREE) >> 16 & 0xFF > 0 {
            self.registers.read(SEND_STATUS);
        }
        if !self.has_room() || frame.len() > LONGEST_FRAME {
            return;
        }
        let length = frame.len() as u32;
        self.registers.write(SEND_DATA, WHOLE_FRAME | length);
        self.registers.write(SEND_DATA, length);
        let (words, tail) = frame.as_chunks::<4>();
        for word in words {
            self.registers.write(SEND_DATA, u32::from_le_bytes(*word));
        }
        if !tail.is_empty() {
            let mut word = [0; 4];
            for (to, from) in word.iter_mut().zip(tail) {
                *to = *from;
            }
            self.registers.write(SEND_DATA, u32::from_le_bytes(word));
        }
    }
}
