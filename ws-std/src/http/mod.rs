//! The answer to a request that is not an upgrade.

mod response;
mod routes;

pub use response::{Body, Response};
pub use routes::Routes;
pub(crate) use routes::Serving;
