//! What the device does, without hardware and without I/O: events in, replies out.
//!
//! ```text
//!  a request passes by        data arrived            time passed
//!         │                        │                       │
//!   Visit::see               Session::hear           Session::say
//!         ▼                        ▼                       ▼
//!  a Session, or an Answer       a Reply               a reading
//! ```
//!
//! It is neither blocking nor async. Who has streams drives it: a superloop, async tasks, a test.
#![no_std]

#[cfg(test)]
extern crate std;

mod answer;
mod command;
mod device;
mod json;
mod session;
mod telemetry;
mod visit;

pub use answer::Answer;
pub use device::{Device, Vitals};
pub use session::{Piece, Reply, Session};
pub use telemetry::{TEXT, Telemetry};
pub use visit::Visit;
