//! The server when things are hard: time passes, peers are slow, greedy or hostile, and the server
//! has to go. Time is a test's own: nothing sleeps.

mod deadlines;
mod drain;
mod harness;
mod heartbeat;
mod pausing;
