//! A threaded WebSocket server and a blocking client on [`ws_core`]: a fixed set of threads,
//! callbacks that read like sequential code, no async runtime.
#![deny(unsafe_code)]

mod actor;
mod bucket;
pub mod client;
mod clock;
mod desk;
mod entropy;
mod forwarded;
pub mod http;
mod meters;
mod metrics;
mod origin;
mod pool;
mod server;
pub mod socket;
mod sys;
mod timers;
pub mod tls;
mod wire;

pub use actor::{
    Answer, Busy, By, Closures, ConnectionId, Context, Ended, Handle, Handler, Message, Piece,
    Pressure, Reason, Reject, RoundTrip, Sent, Text, on_message,
};
pub use bucket::Rate;
pub use client::connect;
pub use clock::{Clock, Hand};
pub use forwarded::{BadNetwork, Trusted};
pub use http::Request;
pub use metrics::{Metrics, Snapshot};
pub use origin::Origins;
pub use server::{
    Builder, Drain, Drained, Limits, Overflow, Server, State, Stopper, Subprotocol, Threads, serve,
    serve_tls,
};
pub use socket::WebSocket;
