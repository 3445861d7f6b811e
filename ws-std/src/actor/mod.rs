//! What the program is to a connection: its handler, and what that is given.

mod answer;
mod closures;
mod context;
mod encoded;
mod ended;
mod gather;
mod handle;
mod handler;
mod message;

pub use answer::Answer;
pub(crate) use answer::{Accept, Kind as AnswerKind};
pub use closures::{Closures, on_message};
pub(crate) use context::Suspended;
pub use context::{Busy, Context, RoundTrip};
pub(crate) use encoded::Encoded;
pub use ended::{By, Ended, Reason, Reject};
pub(crate) use handle::Peer;
pub use handle::{ConnectionId, Handle};
pub use handler::{Handler, Pressure};
pub use message::{Message, Piece, Sent, Text};
