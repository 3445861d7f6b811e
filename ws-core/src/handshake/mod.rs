//! The opening handshake, both sides (RFC 6455 section 4).
//!
//! A handshake reads the peer's head line by line where it lies in the caller's buffer, shows every
//! line as it passes, and keeps next to nothing: a buffer of 140 bytes serves a browser with
//! 4 KB of cookies. What is sent is an [`OutgoingHead`], written bit by bit into any buffer.
//!
//! A server reads with a [`ServerHandshake`] until it has an [`Upgrade`] or a [`Refusal`], and
//! sends the response of either:
//!
//! ```
//! use ws_core::handshake::{ServerHandshake, Subprotocols, server::Seen};
//!
//! let mut unread: &[u8] = b"GET /chat HTTP/1.1\r\n\
//!     Host: example.com\r\n\
//!     Upgrade: websocket\r\n\
//!     Connection: keep-alive, Upgrade\r\n\
//!     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
//!     Sec-WebSocket-Protocol: chat\r\n\
//!     Sec-WebSocket-Version: 13\r\n\r\n";
//! let mut handshake = ServerHandshake::default();
//! let mut subprotocols = Subprotocols::new(&["chat"]);
//! let upgrade = loop {
//!     let progress = handshake.receive(unread, 1024)?;
//!     match progress.seen {
//!         Some(Seen::Request { target, .. }) => assert_eq!(target.of(unread), b"/chat"),
//!         Some(Seen::Field(field)) => {
//!             if let Some(value) = field.value("Sec-WebSocket-Protocol", unread) {
//!                 subprotocols.observe(value);
//!             }
//!         }
//!         Some(Seen::Complete(upgrade)) => break upgrade,
//!         None => unreachable!("here one would read more"),
//!     }
//!     unread = &unread[progress.consumed..];
//! };
//! let response = upgrade.response(subprotocols.chosen(), &[])?;
//! let mut out = [0; 200];
//! let len = response.write(0, &mut out);
//! assert!(out[..len].starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A client sends a request and reads the response with a [`ClientHandshake`]:
//!
//! ```
//! use ws_core::handshake::{ClientHandshake, client::Seen};
//!
//! let nonce = *b"the sample nonce"; // sixteen random bytes
//! let mut handshake = ClientHandshake::new(nonce, &[]);
//! let mut out = [0; 200];
//! let len = handshake.request("example.com", "/chat", &[])?.write(0, &mut out);
//! assert!(out[..len].starts_with(b"GET /chat HTTP/1.1\r\nHost: example.com\r\n"));
//!
//! let mut unread: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\
//!     Upgrade: websocket\r\n\
//!     Connection: Upgrade\r\n\
//!     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
//! loop {
//!     let progress = handshake.receive(unread, 1024)?;
//!     unread = &unread[progress.consumed..];
//!     if let Some(Seen::Complete { subprotocol }) = progress.seen {
//!         assert_eq!(subprotocol, None);
//!         break;
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accept;
#[cfg(feature = "deflate")]
mod agreement;
mod answer;
#[cfg(any(test, not(feature = "base64")))]
mod base64;
pub mod client;
mod deflate;
mod extension;
mod grammar;
mod head;
mod negotiate;
mod outgoing;
mod progress;
mod refusal;
mod request;
pub mod server;
#[cfg(any(test, not(feature = "sha1")))]
mod sha1;
mod status;
mod target;
mod upgrade;

pub use accept::{accept_key, is_key, new_key};
#[cfg(feature = "deflate")]
pub use agreement::{Agreement, DeflateAnswer, Flow, Takeover};
pub use answer::ClientError;
pub use client::ClientHandshake;
pub use deflate::{DeflateOffer, WindowBits};
pub use extension::{MalformedExtensions, Offer, Offers};
pub use head::{HeadError, MAX_HEAD};
pub use negotiate::Subprotocols;
pub use outgoing::OutgoingHead;
pub use progress::{Field, Progress};
pub use refusal::Refusal;
pub use server::ServerHandshake;
pub use status::Status;
pub use target::Target;
pub use upgrade::{BadHeader, Upgrade};
