//! TLS: the only place that names rustls.

pub mod client;
mod duplex;
mod error;
mod facts;
mod held;
mod identity;
mod names;
mod records;
mod server;
mod session;

pub use duplex::{TlsControl, TlsReader, TlsStream, TlsWriter};
pub use error::{Flaw, ProtocolError, TlsError};
pub use facts::{TlsFacts, TlsVersion};
pub use identity::Identity;
pub use server::{ClientCertificate, ServerTls};
pub(crate) use session::Session;

#[cfg(test)]
mod abuse_tests;
#[cfg(test)]
mod memory_tests;
#[cfg(test)]
mod server_tests;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod testing;
