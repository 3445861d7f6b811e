//! Time from the processor's own timer: a tick each millisecond.

use core::cell::Cell;

use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use critical_section::Mutex;
use ws_core::connection::Time;

/// 64 bits, for 32 of them are over in 49 days.
static MILLIS: Mutex<Cell<u64>> = Mutex::new(Cell::new(0));

/// Starts the ticks of a processor of so many Hz.
pub fn start_clock(mut timer: SYST, hz: u32) -> Meter {
    let cycles = hz / 1000;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(cycles.saturating_sub(1));
    timer.clear_current();
    timer.enable_counter();
    timer.enable_interrupt();
    Meter { cycles_per_millisecond: cycles, asleep: 0, since: Time(0), load_permille: None }
}

/// The time since the start.
pub fn now() -> Time {
    critical_section::with(|section| Time(MILLIS.borrow(section).get()))
}

/// A millisecond has passed.
pub(super) fn tick() {
    critical_section::with(|section| {
        let millis = MILLIS.borrow(section);
        millis.set(millis.get().wrapping_add(1));
    });
}

/// Measures how much the processor sleeps.
#[derive(Debug)]
pub struct Meter {
    cycles_per_millisecond: u32,
    /// In cycles, since that moment.
    asleep: u64,
    since: Time,
    load_permille: Option<u16>,
}

impl Meter {
    /// Sleeps until an interrupt, if that is `wanted` when none can be served any more: what arrives
    /// after the question wakes us all the same.
    pub fn sleep(&mut self, wanted: impl FnOnce() -> bool) {
        // An interrupt that is not served still ends the sleep.
        critical_section::with(|_| {
            if wanted() {
                let before = SYST::get_current();
                cortex_m::asm::dsb();
                cortex_m::asm::wfi();
                // It counts down, and begins anew at most once: each tick wakes us.
                let after = SYST::get_current();
                let around = if after > before { self.cycles_per_millisecond } else { 0 };
                let slept = before.wrapping_add(around).wrapping_sub(after);
                self.asleep = self.asleep.saturating_add(slept.into());
            }
        });
    }

    /// Whether another second has passed, and [`load_permille`](Self::load_permille) is new.
    pub fn is_renewed(&mut self) -> bool {
        let now = now();
        let span = now.since(self.since).0;
        if span < 1000 {
            return false;
        }
        let cycles = u64::from(span) * u64::from(self.cycles_per_millisecond);
        let asleep = self.asleep.saturating_mul(1000).checked_div(cycles).unwrap_or_default();
        self.load_permille = Some(1000u64.saturating_sub(asleep) as u16);
        self.asleep = 0;
        self.since = now;
        true
    }

    /// How much of the last second the processor was not asleep, in thousandths; none while no second
    /// has passed.
    pub const fn load_permille(&self) -> Option<u16> {
        self.load_permille
    }
}
