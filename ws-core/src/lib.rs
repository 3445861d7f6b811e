//! A WebSocket codec without I/O.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(any(test, feature = "testing"))]
extern crate std;

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "async")]
pub mod aio;
pub mod assembly;
pub mod connection;
mod decoder;
pub mod endpoint;
mod error;
pub mod frame;
pub mod handshake;
pub mod io;
mod role;
mod span;
pub mod utf8;

pub use connection::Connection;
pub use decoder::{Chunk, Decoded, Decoder, Event, MIN_BUFFER, Side};
pub use endpoint::{Endpoint, Take, buffer_for};
pub use error::{Error, Full, Misuse, Rule, Violation};
pub use role::{Client, Entropy, Role, Server};
pub use span::Span;
