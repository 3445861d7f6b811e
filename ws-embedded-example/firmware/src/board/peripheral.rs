//! Registers.

use core::ptr::{read_volatile, write_volatile};

/// A block of 4 KiB of registers.
#[derive(Clone, Copy, Debug)]
pub struct Peripheral {
    base: usize,
}

impl Peripheral {
    /// The block at an address.
    ///
    /// # Safety
    ///
    /// There are registers of 32 bits, no memory, and whatever is written to them, the peripheral
    /// does not touch memory either.
    pub const unsafe fn at(base: usize) -> Self {
        Self { base }
    }

    /// Reads the register at an offset.
    pub fn read(self, offset: usize) -> u32 {
        // SAFETY: a register of the block, by the contract of `at`: the offset cannot leave it.
        unsafe { read_volatile(self.address(offset)) }
    }

    /// Writes the register at an offset.
    pub fn write(self, offset: usize, value: u32) {
        // SAFETY: a register of the block, by the contract of `at`: the offset cannot leave it.
        unsafe { write_volatile(self.address(offset), value) }
    }

    /// Sets and clears bits of a register that reads as it was written.
    pub fn change(self, offset: usize, clear: u32, set: u32) {
        self.write(offset, self.read(offset) & !clear | set);
    }

    const fn address(self, offset: usize) -> *mut u32 {
        (self.base + (offset & 0xFFC)) as *mut u32
    }
}
