//! A WebSocket codec without I/O.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(any(test, feature = "testing"))]
extern crate std;

#[cfg(feature = "alloc")]
extern crate alloc;

mod decoder;
mod error;
pub mod frame;
pub mod handshake;
mod span;
pub mod utf8;

pub use decoder::{Chunk, Decoded, Decoder, Event, MIN_BUFFER, Side};
pub use error::{Full, Misuse, Rule, Violation};
pub use span::Span;
