//! A WebSocket codec (RFC 6455) for servers and microcontrollers: `no_std`, without allocation,
//! without I/O, without a clock, without `unsafe`, without a panic.
//!
//! Bytes go in, events come out; the caller lends the memory, tells the time and hands in the
//! entropy. A message of any size passes through a buffer of 140 bytes, and one that lies whole in
//! a buffer is lent from it without a copy.
//!
//! ```text
//!              bytes in                                  bytes out
//!                 │                                          ▲
//!  ┌──────────────▼──────────────────────────────────────────┴──────────────┐
//!  │ handshake   the request or response, line by line     its answer       │
//!  │ Decoder     frames → chunks and control frames        frame::Header    │
//!  │ Connection  Incoming: Close, violations               Outgoing: masks  │
//!  │             Deadlines: heartbeat and every time-out, as pure functions │
//!  │ Endpoint    Inbox: messages in a lent buffer          Outbox: staging  │
//!  └──────▲──────────────────▲─────────────────────▲──────────────▲─────────┘
//!         │                  │                     │              │
//!    io: blocking,      aio: async,            your own        tests:
//!    embedded-io        embedded-io-async      poll loop       mocked streams
//! ```
//!
//! # An echo server
//!
//! Real sockets, one connection, 140 bytes to receive with:
//!
//! ```
//! use embedded_io_adapters::std::FromStd;
//! use std::net::{TcpListener, TcpStream};
//! use ws_core::{frame::{Close, CloseCode}, io::WebSocket};
//!
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let address = listener.local_addr()?;
//!
//! let server = std::thread::spawn(move || -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//!     let (stream, _) = listener.accept()?;
//!     let mut socket = WebSocket::accept(FromStd::new(stream), [0; 140], [])?;
//!     while let Some(piece) = socket.receive_chunk()? {
//!         piece.echo()?;
//!     }
//!     Ok(())
//! });
//!
//! let entropy = |bytes: &mut [u8]| bytes.fill(7); // in earnest: a strong source, see `Entropy`
//! let stream = FromStd::new(TcpStream::connect(address)?);
//! let mut socket = WebSocket::connect(stream, entropy, [0; 1024], [0; 256], "localhost", "/")?;
//! socket.send_text("any size, through any buffer")?;
//! let answer = socket.receive()?.expect("the server has not closed");
//! assert_eq!(answer.text(), Some("any size, through any buffer"));
//! socket.close(Close::new(CloseCode::NORMAL, "done"))?;
//! assert!(socket.receive()?.is_none(), "the server has answered our Close");
//! server.join().unwrap()?;
//! # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
//! ```
//!
//! # Where to read on
//!
//! - [`io`] and `aio` (feature `async`): the drivers, for whoever has a stream.
//! - [`endpoint`]: the drivers' inside, for whoever writes a poll loop.
//! - [`Connection`], [`Decoder`], [`assembly`]: for whoever brings the buffers, too; a server with
//!   one buffer per thread.
//! - [`handshake`]: requests and responses, subprotocols, refusals.
//! - [`connection::Deadlines`]: the clocks.
//!
//! # Features
//!
//! All of them add, and none is needed.
//!
//! | feature | what it adds |
//! |---|---|
//! | `sha1`, `base64` (default) | the crates of these names for the accept key; without them compact built-ins with the same results save about 3.5 KB of flash |
//! | `reasons` (default) | words in the Close frame that ends a connection for a broken rule; without them, its code alone, and 750 bytes of flash less |
//! | `async` | `aio`, the driver over `embedded-io-async` |
//! | `deflate` | permessage-deflate: its negotiation, and inflating in a window that the caller lends |
//! | `alloc`, `heapless` | messages put together in a `Vec`, or a `heapless::Vec` |
//! | `simd` | vectorised UTF-8 validation, for hosts (needs `std`) |
//! | `defmt` | `defmt::Format` on the public types, and log events in the drivers |
//! | `testing` | mocked streams, a pair on a virtual clock, abuse scripts, for tests on a host (needs `std`) |
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
#[cfg(feature = "deflate")]
pub mod deflate;
pub mod endpoint;
mod error;
pub mod frame;
pub mod handshake;
pub mod io;
mod length;
mod role;
mod span;
#[cfg(feature = "testing")]
pub mod testing;
pub mod utf8;

pub use connection::Connection;
pub use decoder::{Chunk, Decoded, Decoder, Event, MIN_BUFFER, Side};
pub use endpoint::{Endpoint, Take, buffer_for};
pub use error::{Error, Full, Misuse, Rule, Violation};
pub use role::{Client, Entropy, Role, Server};
pub use span::Span;
