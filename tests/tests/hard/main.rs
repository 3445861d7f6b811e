//! The server when things are hard: time passes, peers are slow, greedy or hostile, and the server
//! has to go. Time is a test's own: nothing sleeps.

mod abuse;
mod deadlines;
mod door;
mod drain;
mod harness;
mod heartbeat;
mod inherited;
mod outbox;
mod pausing;
mod rates;
mod signals;
