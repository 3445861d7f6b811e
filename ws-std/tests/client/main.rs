//! The client against servers in threads, over loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod closing;
mod duplex;
mod encrypted;
mod frames;
mod halves;
mod handshake;
mod narrow;
mod parts;
mod proxies;
mod reconnecting;
mod support;
mod timeouts;
