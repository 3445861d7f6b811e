//! The server, as its clients and its handlers see it: over real sockets, on port 0.

mod harness;
mod opening;
mod messages;
mod ending;
