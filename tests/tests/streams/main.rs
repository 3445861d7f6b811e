//! Streams that misbehave, futures that are dropped, halves, clocks and small buffers.

mod cancelled;
mod clocks;
mod edges;
mod errors;
mod halves;
mod small_buffers;
