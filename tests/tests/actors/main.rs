//! Connections as actors, and actors without one: on real sockets, driven from outside by closures
//! that they are told.

mod asking;
mod ending;
mod living;
mod puppet;
mod refusing;
mod supervising;
mod turns;
