//! Requests, and the answer to one that is not an upgrade.

mod head;
mod request;
mod response;
mod routes;

pub use request::Request;
pub use response::{Body, Response};
pub use routes::Routes;
pub use ws_core::handshake::{Refusal, Status};

pub(crate) use head::{Head, HeadLimits, HeadReader, Outcome, Received};
pub(crate) use request::Facts;
pub(crate) use routes::Serving;
