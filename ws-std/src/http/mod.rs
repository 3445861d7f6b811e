//! Requests, and the answer to one that is not an upgrade.

mod head;
mod request;
mod response;
mod routes;

pub(crate) use head::{Head, HeadLimits, HeadReader, Outcome, Received};
pub(crate) use request::Facts;
pub use request::Request;
pub use response::Response;
pub use routes::Routes;
pub(crate) use routes::Serving;
