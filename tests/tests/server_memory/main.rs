//! What the server's connections cost in memory, counted: while they rest, in a storm, and when
//! they are gone. It is a program of its own because its allocator counts the whole process.

mod actors;
mod harness;
mod storm;
mod tls;

#[global_allocator]
static COUNTING: ws_tests::counting::Counting = ws_tests::counting::Counting;
