//! What the host tells and is told through the debugger, or the emulator in its place.

use cortex_m_semihosting::{debug, nr, syscall1};

/// How long the command line may be.
const LONGEST: usize = 256;

/// The words that the host has started us with.
#[derive(Debug)]
pub struct Arguments {
    line: [u8; LONGEST],
    len: usize,
}

impl Arguments {
    /// Asks the host.
    pub fn read() -> Self {
        let mut line = [0; LONGEST];
        let mut block = [line.as_mut_ptr() as usize, line.len()];
        // SAFETY: SYS_GET_CMDLINE takes an address and a length, both of `line`, and writes no more
        // than that; it puts the length of the text into the block. Both are ours, and the pointers
        // are those of something that may be written to.
        let failed = unsafe { syscall1(nr::GET_CMDLINE, block.as_mut_ptr() as usize) };
        let [_, len] = block;
        Self { line, len: if failed == 0 { len.min(LONGEST) } else { 0 } }
    }

    /// The value of `name=value`.
    pub fn value(&self, name: &str) -> Option<&str> {
        let line = self.line.get(..self.len)?;
        let line = core::str::from_utf8(line).ok()?.trim_end_matches('\0');
        line.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }

    /// The seed, in hexadecimal digits.
    pub fn seed(&self) -> Option<[u8; 32]> {
        let digits = self.value("seed")?.as_bytes();
        let mut seed = [0; 32];
        let (pairs, []) = digits.as_chunks::<2>() else { return None };
        if pairs.len() != seed.len() {
            return None;
        }
        for (byte, [high, low]) in seed.iter_mut().zip(pairs) {
            let high = char::from(*high).to_digit(16)?;
            let low = char::from(*low).to_digit(16)?;
            *byte = (high * 16 + low) as u8;
        }
        Some(seed)
    }
}

/// Ends the emulator with status 0.
pub fn succeed() -> ! {
    end(debug::EXIT_SUCCESS)
}

/// Ends the emulator with status 1.
pub fn fail() -> ! {
    end(debug::EXIT_FAILURE)
}

fn end(status: debug::ExitStatus) -> ! {
    debug::exit(status);
    // A debugger may let us go on: there is nothing to go on with.
    loop {
        cortex_m::asm::wfi();
    }
}
