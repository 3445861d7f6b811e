//! What the tests share.
//!
//! - [`naive`] is a slow, obvious codec, written from the RFC alone: the oracle;
//! - [`scene`] plays what a peer sends to an echoing application, in both roles, over both drivers,
//!   taken whole and in chunks, with the input cut at every byte, and compares all of them with
//!   each other and with the oracle;
//! - [`talk`] is a WebSocket of either role over either driver behind one trait, for tests that say
//!   something themselves;
//! - [`handshake`] plays opening handshakes over both drivers, cut at every byte;
//! - [`counting`] is an allocator that counts;
//! - `peer` is a client of the server that is a socket and nothing else (feature `server`);
//! - `example` runs an example in a process of its own (feature `server`, on Unix);
//! - `squeezer` is one that compresses (feature `server`);
//! - [`fuzzed`] holds properties of any bytes, for the fuzz targets in `fuzz/` and for seeded tests;
//! - [`block_on`] runs a future.

pub mod counting;
#[cfg(all(feature = "server", unix))]
pub mod example;
pub mod fuzzed;
pub mod handshake;
pub mod naive;
#[cfg(feature = "server")]
pub mod peer;
pub mod scene;
#[cfg(feature = "server")]
pub mod squeezer;
pub mod talk;
mod task;

/// The README's examples, here where both crates are.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

pub use task::{Polls, block_on, poll_times, run_until_stuck};
pub use ws_core::testing::WireFrame;

/// The shorthands that tests spell frames with.
pub mod frames {
    use super::WireFrame;

    /// A text message in one frame.
    pub fn text(payload: impl AsRef<[u8]>) -> WireFrame {
        WireFrame::text(payload)
    }

    /// A binary message in one frame.
    pub fn binary(payload: impl AsRef<[u8]>) -> WireFrame {
        WireFrame::binary(payload)
    }

    /// More of a message, and its end.
    pub fn continuation(payload: impl AsRef<[u8]>) -> WireFrame {
        WireFrame::continuation(payload)
    }

    /// A Ping.
    pub fn ping(payload: impl AsRef<[u8]>) -> WireFrame {
        WireFrame::ping(payload)
    }

    /// A Pong.
    pub fn pong(payload: impl AsRef<[u8]>) -> WireFrame {
        WireFrame::pong(payload)
    }

    /// A Close with a code and a reason.
    pub fn close(code: u16, reason: impl AsRef<[u8]>) -> WireFrame {
        WireFrame::close(ws_core::frame::CloseCode(code), reason)
    }

    /// A Close without a payload.
    pub fn empty_close() -> WireFrame {
        WireFrame::raw_close("")
    }

    /// A whole frame with any opcode.
    pub fn frame(opcode: u8, payload: impl AsRef<[u8]>) -> WireFrame {
        WireFrame::new(opcode, payload)
    }
}
