//! The answer to a request that is not an upgrade.

mod response;

pub use response::{Body, Response};
