//! A threaded WebSocket server and a blocking client on [`ws_core`]: a fixed set of threads,
//! callbacks that read like sequential code, no async runtime.
#![deny(unsafe_code)]

mod actor;
mod bucket;
pub mod client;
mod clock;
mod forwarded;
pub mod http;
mod metrics;
mod origin;
mod server;
mod sys;
mod timers;
pub mod tls;
