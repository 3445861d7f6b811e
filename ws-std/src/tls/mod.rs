//! TLS: the only place that names rustls.

mod client;
mod duplex;
mod error;
mod facts;
mod held;
mod identity;
mod names;
mod records;
mod roots;
mod server;
mod session;

pub use client::ClientTls;
pub use duplex::{TlsControl, TlsReader, TlsStream, TlsWriter};
pub use error::{Flaw, ProtocolError, TlsError};
pub use facts::{TlsFacts, TlsVersion};
pub use identity::Identity;
pub use roots::Roots;
pub use server::{ClientCertificate, ServerTls};
pub(crate) use session::Session;

/// The one protocol that we speak inside of TLS: WebSocket opens with HTTP/1.1 (RFC 6455 section
/// 4.1).
const HTTP_1_1: &[u8] = b"http/1.1";

#[cfg(test)]
mod abuse_tests;
#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod testing;
