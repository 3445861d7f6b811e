//! TLS: the only place that names rustls.

pub mod client;
pub mod server;
