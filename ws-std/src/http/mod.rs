//! The answer to a request that is not an upgrade.
