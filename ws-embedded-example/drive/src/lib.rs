//! The app over streams, in a loop that serves several connections and never waits, with the driver
//! `ws_core::io`: [`Slot`] for a client, [`Dialer`] for a server that the device dials.
#![no_std]

#[cfg(test)]
extern crate std;

mod backoff;
mod converse;
mod dialer;
mod memory;
mod slot;
mod stream;

pub use dialer::{Dialer, Way};
pub use memory::{Lent, Shelf};
pub use slot::Slot;
pub use stream::Stream;
