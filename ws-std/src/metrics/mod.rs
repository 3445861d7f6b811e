//! Counters and histograms, and their text for Prometheus.
//!
//! Each thread that does the server's work counts in a [`Shard`] of its own, so that counting costs
//! a load and a store and no thread waits for another; the shards are added up when somebody asks.

mod cell;
mod histogram;
mod registry;
mod shard;
mod table;
#[cfg(test)]
mod tests;
mod text;

pub use registry::Metrics;
pub(crate) use registry::Observed;
pub(crate) use shard::Dropped;
pub(crate) use table::Shard;
pub use table::Snapshot;
