//! Instructions, counted by SysTick.
//!
//! With `-icount shift=0` an instruction of the emulated machine takes a nanosecond, and with the
//! system clock at its full 200 MHz a tick takes five.

use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::peripheral::{Peripherals, SYST};

/// Run-mode clock configuration of the Stellaris. Its bits 23 to 26 divide the system clock.
const RCC: *mut u32 = 0x400F_E060 as *mut u32;
const SYSDIV: u32 = 0xF << 23;

/// All that the counter can hold.
const MAX: u32 = 0x00FF_FFFF;

pub(crate) struct Meter(SYST);

impl Meter {
    pub(crate) fn start() -> Self {
        // SAFETY: a register of the board, which nobody else uses.
        unsafe { RCC.write_volatile(RCC.read_volatile() & !SYSDIV) };
        // SAFETY: nobody else uses the peripherals of the core.
        let mut systick = unsafe { Peripherals::steal() }.SYST;
        systick.set_clock_source(SystClkSource::Core);
        systick.set_reload(MAX);
        systick.enable_counter();
        let mut meter = Self(systick);
        meter.restart();
        meter
    }

    /// From nought again, so that a whole connection fits the counter.
    pub(crate) fn restart(&mut self) {
        self.0.clear_current();
    }

    /// How many ticks 200,000 instructions take: 100,000 rounds of two.
    pub(crate) fn calibration(&mut self) -> u32 {
        let before = now();
        cortex_m::asm::delay(100_000);
        between(before, now())
    }
}

pub(crate) fn now() -> u32 {
    SYST::get_current()
}

/// How many ticks have passed. The counter counts down.
pub(crate) fn between(before: u32, after: u32) -> u32 {
    before.wrapping_sub(after) & MAX
}
