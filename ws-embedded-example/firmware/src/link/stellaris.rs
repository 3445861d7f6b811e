//! The Ethernet controller of the Stellaris LM3S6965 (its data sheet, chapter 17).
//!
//! Frames pass through one register, four bytes at a time, the first in the low ones. On the way in
//! they have two bytes in front, their length with these two and with the check sum of four behind
//! the frame; on the way out two bytes with the length of their payload:
//!
//! ```text
//!  in    length  │ frame ... │ check sum     padded to a whole word
//!  out   payload │ frame ... │               the controller pads short frames and adds the check sum
//! ```

use super::chip::{Chip, LONGEST_FRAME};
use crate::board::Peripheral;

/// Which interrupts are pending; a bit that is written acknowledges its interrupt.
const INTERRUPTS: usize = 0x00;
const ALL_INTERRUPTS: u32 = 0x7F;
/// Which interrupts reach the processor.
const INTERRUPT_MASK: usize = 0x04;
const FRAME_RECEIVED: u32 = 1 << 0;
/// Receive control.
const RECEIVE: usize = 0x08;
const RECEIVE_ON: u32 = 1 << 0;
/// Frames with a bad check sum are dropped by the controller.
const RECEIVE_DROP_BAD: u32 = 1 << 3;
const RECEIVE_CLEAR: u32 = 1 << 4;
/// Transmit control.
const SEND: usize = 0x0C;
const SEND_ON: u32 = 1 << 0;
/// Short frames are padded to 60 bytes.
const SEND_PAD: u32 = 1 << 1;
const SEND_CHECK_SUM: u32 = 1 << 2;
const SEND_DUPLEX: u32 = 1 << 4;
/// Frames, in and out.
const DATA: usize = 0x10;
/// Our address: bytes 0 to 3, the first in the low ones, and 4 and 5.
const ADDRESS_LOW: usize = 0x14;
const ADDRESS_HIGH: usize = 0x18;
/// How many frames have arrived.
const FRAMES: usize = 0x34;
const FRAMES_COUNT: u32 = 0x3F;
/// A frame is being sent; written, it begins.
const REQUEST: usize = 0x38;

const HEADER: usize = 14;
const CHECK_SUM: usize = 4;

/// The controller.
#[derive(Debug)]
pub struct Stellaris {
    registers: Peripheral,
}

impl Stellaris {
    /// Starts the controller, in full duplex.
    pub fn start(registers: Peripheral, address: [u8; 6]) -> Self {
        let [a, b, c, d, e, f] = address;
        registers.write(INTERRUPT_MASK, 0);
        registers.write(RECEIVE, RECEIVE_CLEAR);
        registers.write(ADDRESS_LOW, u32::from_le_bytes([a, b, c, d]));
        registers.write(ADDRESS_HIGH, u32::from_le_bytes([e, f, 0, 0]));
        registers.write(SEND, SEND_ON | SEND_PAD | SEND_CHECK_SUM | SEND_DUPLEX);
        registers.write(RECEIVE, RECEIVE_ON | RECEIVE_DROP_BAD);
        registers.write(INTERRUPTS, ALL_INTERRUPTS);
        Self { registers }
    }
}

impl Chip for Stellaris {
    fn listen(&mut self) {
        self.registers.write(INTERRUPTS, ALL_INTERRUPTS);
        self.registers.write(INTERRUPT_MASK, FRAME_RECEIVED);
    }

    fn has_frame(&self) -> bool {
        self.registers.read(FRAMES) & FRAMES_COUNT > 0
    }

    /// The whole frame has to be taken, or else the next one would begin in the middle of it.
    fn receive(&mut self, frame: &mut [u8]) -> Option<usize> {
        if !self.has_frame() {
            return None;
        }
        let [low, high, first, second] = self.registers.read(DATA).to_le_bytes();
        let length = usize::from(u16::from_le_bytes([low, high]));
        let payload = length.saturating_sub(2 + CHECK_SUM);
        let kept = payload.min(frame.len());
        let mut put = frame.iter_mut().take(kept);
        for byte in [first, second] {
            if let Some(place) = put.next() {
                *place = byte;
            }
        }
        for _ in 1..length.div_ceil(4) {
            for byte in self.registers.read(DATA).to_le_bytes() {
                if let Some(place) = put.next() {
                    *place = byte;
                }
            }
        }
        Some(kept)
    }

    fn has_room(&self) -> bool {
        self.registers.read(REQUEST) == 0
    }

    fn send(&mut self, frame: &[u8]) {
        let payload = frame.len().saturating_sub(HEADER);
        if !self.has_room() || frame.len() < HEADER || frame.len() > LONGEST_FRAME {
            return;
        }
        let [low, high] = (payload as u16).to_le_bytes();
        let (first, rest) = frame.split_at(2.min(frame.len()));
        let &[first, second] = first else { return };
        self.registers.write(DATA, u32::from_le_bytes([low, high, first, second]));
        let (words, tail) = rest.as_chunks::<4>();
        for word in words {
            self.registers.write(DATA, u32::from_le_bytes(*word));
        }
        if !tail.is_empty() {
            let mut word = [0; 4];
            for (to, from) in word.iter_mut().zip(tail) {
                *to = *from;
            }
            self.registers.write(DATA, u32::from_le_bytes(word));
        }
        self.registers.write(REQUEST, 1);
    }
}
