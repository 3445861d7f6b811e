//! The server, as its clients and its handlers see it: over real sockets, on port 0.

mod blocking;
mod closing;
mod ending;
mod entry;
mod harness;
mod http;
mod messages;
mod opening;
mod panics;
mod parts;
mod sending;
mod storm;
mod tls;
