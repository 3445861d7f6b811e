//! The blocking client: connecting, through proxies and TLS, and connecting again.
//!
//! ```no_run
//! let mut socket = ws_std::connect("wss://example.com/chat")?;
//! socket.send_text("hello")?;
//! while let Some(message) = socket.receive()? {
//!     println!("{}", message.text().unwrap_or("some bytes"));
//! }
//! println!("{:?}", socket.ended());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Connector`] knows more: headers, subprotocols, timeouts, a heartbeat, certificates, a proxy.
//! Reconnecting is a layer of its own: [`Backoff`] tells how long to wait, [`Advice`] whether that
//! makes sense, and [`reconnecting`] is the loop around both.

mod backoff;
mod connector;
mod dial;
mod error;
mod handshake;
mod proxy;
mod reconnect;
mod response;
mod stream;
mod url;

pub use backoff::{Advice, Backoff};
pub use connector::Connector;
pub use error::{ConnectError, Stage};
pub use proxy::ProxyError;
pub use reconnect::{Stop, reconnecting};
pub use response::Response;
pub use stream::{ReadHalf, Stream, WriteHalf};
pub use url::UrlError;

use crate::socket::WebSocket;

/// Connects to a `ws` or `wss` address.
///
/// # Errors
///
/// Why there is no connection.
pub fn connect(url: &str) -> Result<WebSocket<Stream>, ConnectError> {
    Connector::new().connect(url)
}
