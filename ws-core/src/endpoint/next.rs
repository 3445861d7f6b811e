//! What an endpoint asks of its driver.

use super::received::Data;
use crate::span::Span;

/// What a driver does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Next {
    /// Write [`Endpoint::output`](super::Endpoint::output), and tell [`Endpoint::wrote`](super::Endpoint::wrote).
    Write,
    /// Read into [`Endpoint::space`](super::Endpoint::space), and tell [`Endpoint::filled`](super::Endpoint::filled).
    Read,
    /// Hand this on; it lies in [`Endpoint::bytes`](super::Endpoint::bytes).
    Data(Data),
    /// A Pong came; its payload, in [`Endpoint::bytes`](super::Endpoint::bytes).
    Pong(Span),
    /// The closing handshake is over: leave, as [`Leaving`](crate::connection::Leaving) tells.
    Closed,
}
