//! What differs from board to board, and what the processor has on all of them.

#![allow(unsafe_code, reason = "registers, interrupts and semihosting; each block says why it may")]

mod alarms;
mod clock;
mod exceptions;
mod executor;
pub mod lm3s6965evb;
mod log;
pub mod mps2_an385;
mod peripheral;
pub mod semihosting;
mod stack;

pub use clock::{Meter, now, start_clock};
pub use exceptions::{listen_to, wake_by_interrupt};
pub use executor::{run_tasks, spawn};
pub use peripheral::Peripheral;
pub use stack::stack_free;

/// A board that has been started: what is asked of it.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// The processor's clock.
    pub hz: u32,
    /// The network's interrupt.
    pub line: u16,
    /// A byte from the serial line, if one has come.
    pub take: fn() -> Option<u8>,
    /// Switches the output.
    pub switch: fn(bool),
}
