//! Streams that misbehave, futures that are dropped, halves, clocks, small buffers and logs.

mod cancelled;
mod clocks;
mod clocks_awaited;
mod edges;
mod errors;
mod halves;
mod inflating;
mod logs;
mod small_buffers;
mod tap;
