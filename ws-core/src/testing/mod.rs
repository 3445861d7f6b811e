//! For tests on a host: streams that do as they are told, and a pair of ends on a clock of yours.
//!
//! Needs the feature `testing`, and std. What is here is what this crate is tested with.
//!
//! - [`Script`] is a stream whose input was written beforehand, cut where you like, that fails or
//!   is not ready when you say, and keeps what was written to it;
//! - [`pipe`] joins two ends in memory, for threads and for tasks;
//! - [`Pair`] is a client and a server back to back, stepped by hand on a virtual [`Clock`];
//! - [`WireFrame`] is a frame as it travels, lawful or not, to write and to read;
//! - [`abuse`] is what bad peers send, and what a good server answers.
//!
//! ```
//! use ws_core::endpoint::{Endpoint, Inbox};
//! use ws_core::testing::{Script, WireFrame};
//! use ws_core::{Error, Server, Side, io::WebSocket};
//!
//! let hello = WireFrame::text("hello").masked([1, 2, 3, 4]).encode();
//! let mut script = Script::new().bytewise(&hello);
//! let inbox = Inbox::new([0; 256], Side::Server)?;
//! let mut socket = WebSocket::new(&mut script, Endpoint::new(Server, 1024, inbox, [])?);
//!
//! if let Some(message) = socket.receive()? {
//!     message.echo()?;
//! }
//! assert!(matches!(socket.receive(), Err(Error::Ended)));
//! assert_eq!(WireFrame::decode_all(script.written()), [WireFrame::text("hello")]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod abuse;
mod clock;
mod pair;
mod pipe;
mod script;
mod wire;

pub use clock::{Clock, Random};
pub use pair::{End, Pair, Told};
pub use pipe::{PipeEnd, PipeReader, PipeWriter, pipe};
pub use script::{Failure, Script};
pub use wire::WireFrame;
