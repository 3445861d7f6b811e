//! A WebSocket over a blocking stream: whole, or as two halves for two threads.
//!
//! ```
//! use std::net::{TcpListener, TcpStream};
//! use ws_std::socket::WebSocket;
//!
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let url = format!("ws://{}/chat", listener.local_addr()?);
//!
//! // One thread per connection is enough for a simple program, and for a test.
//! let server = std::thread::spawn(move || -> Result<(), ws_std::socket::Error> {
//!     let (stream, _) = listener.accept()?;
//!     let mut socket = WebSocket::accept(stream)?;
//!     while let Some(message) = socket.receive()? {
//!         socket.send(&message)?;
//!     }
//!     Ok(())
//! });
//!
//! let socket = ws_std::connect(&url)?;
//! let (mut reader, mut writer) = socket.split()?;
//! let echo = std::thread::spawn(move || reader.receive());
//! writer.send_text("hello")?;
//! assert_eq!(echo.join().unwrap()?.unwrap().text(), Some("hello"));
//! # drop(writer); let _ = server.join();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Dropping
//!
//! Dropping a socket, or both of its halves, ends the stream at once and sends nothing: a drop must
//! not wait for a peer. The peer then sees code 1006. To leave properly, [`WebSocket::close`].

mod accept;
mod attendant;
mod clocks;
mod deflating;
mod entropy;
mod error;
mod halves;
mod inlet;
mod leaving;
mod message;
mod outlet;
mod transport;
mod whole;

pub use entropy::Masks;
pub use error::Error;
pub use halves::{Reader, Writer};
pub use message::{Ended, Message};
pub use transport::{Control, Split};
pub use whole::WebSocket;

pub use crate::actor::{By, Piece};
pub use ws_core::connection::Expired;
pub use ws_core::frame::{CloseCode, Kind};
pub use ws_core::handshake::Refusal;
pub use ws_core::{Misuse, Rule, Violation};

pub(crate) use accept::write_head;
pub(crate) use clocks::millis;
pub(crate) use error::is_timeout;

use std::time::Duration;

use ws_core::connection::{Millis, Timing};

use crate::deflate::Compression;

/// What a socket is told when it is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// How large a message may be, inclusive.
    pub(crate) max_message: u64,
    pub(crate) timing: Timing,
    /// How long a call of `receive` waits for a message.
    pub(crate) read_timeout: Option<Duration>,
    /// How messages are compressed, if the peer understands that.
    pub(crate) compression: Option<Compression>,
}

impl Settings {
    /// No heartbeat, and all the time in the world for a message: who connects may hang up.
    pub(crate) const DEFAULT: Self = Self {
        max_message: ws_core::Decoder::DEFAULT_MAX_MESSAGE,
        timing: Timing { ping_every: None, message_within: Millis(u32::MAX), ..Timing::DEFAULT },
        read_timeout: None,
        compression: None,
    };
}
