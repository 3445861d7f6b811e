//! The app over streams, in two ways: in a loop that serves several connections and never waits, with
//! the driver `ws_core::io` ([`Slot`] for a client, [`Dialer`] for a server that the device dials), and
//! in [`tasks`] that wait, with `ws_core::aio`.
#![no_std]

#[cfg(test)]
extern crate std;

mod backoff;
#[cfg(test)]
mod client_tests;
mod converse;
mod dialer;
mod memory;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod server_tests;
mod slot;
mod stream;
pub mod tasks;

pub use dialer::{Dialer, Way};
pub use memory::{Lent, Shelf};
pub use slot::Slot;
pub use stream::Stream;
