//! TLS: the only place that names rustls.

pub mod client;
mod facts;
pub mod server;

pub use facts::{TlsFacts, TlsVersion};
