//! What differs from board to board, and what the processor has on all of them.

#![allow(unsafe_code, reason = "registers, interrupts and semihosting; each block says why it may")]

mod clock;
mod exceptions;
pub mod lm3s6965evb;
mod log;
pub mod mps2_an385;
mod peripheral;
pub mod semihosting;
mod stack;

pub use clock::{Meter, now, start_clock};
pub use exceptions::listen_to;
pub use log::log_to;
pub use peripheral::Peripheral;
pub use stack::stack_free;
