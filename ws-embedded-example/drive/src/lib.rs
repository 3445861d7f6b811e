//! The app over streams: [`superloop`] serves several connections in one loop that never waits,
//! with the driver `ws_core::io`.
#![no_std]

#[cfg(test)]
extern crate std;

mod memory;
pub mod superloop;

pub use memory::{Lent, Shelf};
