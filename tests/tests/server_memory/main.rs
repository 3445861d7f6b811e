//! What the server's connections cost in memory, counted: while they rest, in a storm, and when
//! they are gone. It is a program of its own because its allocator counts.

mod allocator;
mod storm;
