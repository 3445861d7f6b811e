//! Streams that misbehave, futures that are dropped, halves, clocks and small buffers.

mod errors;

mod small_buffers;
