//! What interrupts the program: ticks, the network chip, faults.

use core::panic::PanicInfo;
use core::task::Waker;

use cortex_m::peripheral::NVIC;
use cortex_m_rt::{ExceptionFrame, exception};
use embassy_sync::waitqueue::AtomicWaker;

use super::{clock, semihosting};

/// An interrupt of a board, by its number.
#[derive(Clone, Copy)]
struct Line(u16);

// SAFETY: the number is what it is, and does not change.
unsafe impl cortex_m::interrupt::InterruptNumber for Line {
    fn number(self) -> u16 {
        self.0
    }
}

/// Lets an interrupt happen, once: when it does, it is masked until this is called again.
///
/// The chip holds its line until it has been served, which is the business of the loop.
pub fn listen_to(line: u16) {
    // SAFETY: no critical section is made of masks: it is one of all interrupts.
    unsafe { NVIC::unmask(Line(line)) }
}

/// The task that waits for that interrupt, where tasks do.
static WAITING: AtomicWaker = AtomicWaker::new();

/// Lets that interrupt wake a task.
pub fn wake_by_interrupt(waker: &Waker) {
    WAITING.register(waker);
}

#[exception]
fn SysTick() {
    clock::tick();
}

/// The one interrupt that a program has unmasked.
#[exception]
unsafe fn DefaultHandler(number: i16) {
    match u16::try_from(number) {
        Ok(line) => {
            NVIC::mask(Line(line));
            WAITING.wake();
        }
        Err(_) => semihosting::fail(),
    }
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    defmt::error!("hard fault at {=u32:#x}", frame.pc());
    semihosting::fail()
}

/// Says where, and ends with a status that is not 0. In the field: a reset.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    if let Some(location) = info.location() {
        defmt::error!("panic at {=str}:{=u32}", location.file(), location.line());
    }
    semihosting::fail()
}
