//! A threaded WebSocket server and a blocking client on [`ws_core`], plain or over TLS: a fixed set
//! of threads, callbacks that read like sequential code, no async runtime, no `unsafe`.
//!
//! Limits, deadlines, a heartbeat and the check of origins are on unless told otherwise; a
//! connection at rest holds no buffer.
//!
//! ```text
//!   listeners ─▶ acceptor: caps, rates         threads, timers, signals of the program
//!                   │ least loaded                      │ Handle, Stopper
//!  ┌────────────────▼───────────────────────────────────▼─────────────────────┐
//!  │ shards   one event loop per core: read ─▶ decode ─▶ Handler ─▶ one write  │
//!  │          a connection stays on its shard, its calls come one at a time    │
//!  │          TLS · heartbeat · deadlines · limits · routes · metrics · drain  │
//!  └────────────────┬──────────────────────────────────────────────────────────┘
//!                   │ Context::blocking
//!                 pool: what blocks                     WebSocket: a blocking client,
//!                                                       whole or as two halves
//! ```
//!
//! # A server and a client
//!
//! ```
//! use ws_std::{Drain, Message};
//!
//! let shout = ws_std::on_message(|ctx, message| {
//!     match message {
//!         Message::Text(text) => ctx.send(&text.to_uppercase()),
//!         bytes => ctx.send(bytes),
//!     };
//! });
//! let server = ws_std::serve(shout, "127.0.0.1:0")?;
//!
//! let mut socket = ws_std::connect(&format!("ws://{}", server.address().unwrap()))?;
//! socket.send_text("is there anybody?")?;
//! assert_eq!(socket.receive()?.unwrap().text(), Some("IS THERE ANYBODY?"));
//!
//! let reader = std::thread::spawn(move || socket.receive());
//! let drained = server.drain(Drain::quick());
//! assert_eq!((drained.closed, drained.cut), (1, 0));
//! assert!(reader.join().unwrap()?.is_none(), "the server said goodbye");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to read on
//!
//! - [`Handler`]: a server that remembers something of each connection; [`on_message`] for one that
//!   does not. [`Context`] is what it can do, [`Handle`] what other threads can.
//! - [`Actor`]: what has no socket; [`supervisor`]: what starts those again that fail.
//! - [`Builder`]: where a server listens and what is to be otherwise than usual: [`Limits`],
//!   [`Timing`], [`Threads`], [`Origins`], [`Trusted`] proxies, subprotocols.
//! - [`http::Routes`]: pages, health, readiness and [`Metrics`] on the same port.
//! - [`tls::ServerTls`]: certificates, by name, replaced in flight; those of clients.
//! - [`Server::drain`]: taking it down.
//! - [`client`] and [`socket`]: connecting, and talking.
//! - [`Clock::manual`]: tests that do not sleep.
//!
//! # What it logs
//!
//! Events of `tracing`, which cost nothing unless somebody listens. None of them has payloads,
//! queries or cookies in it.
#![deny(unsafe_code)]

mod actor;
mod bucket;
pub mod client;
mod clock;
mod deflate;
mod desk;
mod entropy;
mod forwarded;
pub mod http;
#[cfg(test)]
#[cfg(interleavings)]
mod interleavings;
mod meters;
mod metrics;
mod origin;
mod pool;
mod rooms;
mod server;
pub mod socket;
mod sync;
mod sys;
mod timers;
pub mod tls;
mod wire;

pub use actor::{
    Actor, ActorContext, ActorId, ActorRef, Actors, Address, Answer, AskError, Busy, By, Cause,
    Closures, Compress, ConnectionId, Context, Down, Ended, Exit, Handle, Handler, Me, Message,
    MonitorId, NameError, Outgoing, OwnedMessage, Piece, Place, Pressure, Reason, Reject, Reply,
    RoundTrip, Sent, TellError, Text, TimerId, TooManyMonitors, on_message, supervisor,
};
pub use bucket::Rate;
pub use client::connect;
pub use clock::{Clock, Hand};
pub use deflate::{Compression, Level};
pub use forwarded::{BadNetwork, Trusted};
pub use http::Request;
pub use metrics::{Metrics, Snapshot};
pub use origin::Origins;
pub use rooms::{
    Delivery, Denied, Entry, JoinError, Pace, Posted, Presence, RoomInfo, RoomRules, Rooms,
};
pub use server::{
    Builder, Drain, Drained, Limits, Overflow, Server, State, Stopper, Subprotocol, Threads, serve,
    serve_tls,
};
pub use socket::WebSocket;

// What of the core stands in our signatures, so that nobody needs to name both crates.
pub use ws_core::connection::{Expired, Millis, Timing};
pub use ws_core::deflate::Density;
pub use ws_core::frame::{CloseCode, Kind};
pub use ws_core::handshake::{Takeover, WindowBits};
