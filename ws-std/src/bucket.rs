//! Token buckets: how often is too often.
