//! What the core takes: no memory of its own, and no more work than the bytes that arrive.

mod allocations;
mod work;
