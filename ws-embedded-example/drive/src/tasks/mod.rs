//! The app over streams, in tasks that wait, with the driver `ws_core::aio`: [`serve`] is a place for
//! one client after the other, [`dial`] a server that the device dials.
//!
//! They ask for no runtime: what waits is [`Machine`]'s, and the streams'.

mod converse;
mod dial;
mod serve;
mod stream;
mod world;

pub use dial::dial;
pub use serve::serve;
pub use stream::{Socket, Stream};
pub use world::{Machine, World};

use ws_core::connection::Millis;

/// How much of what a peer still sends is read before its connection is closed.
const LINGER: usize = 64 * 1024;

/// A deadline that begins while a task sleeps cannot wake it: none is looked at later than this.
const LATEST: Millis = Millis::seconds(1);

/// The buffers of a place, to receive with and to send from: lent to one connection after the other.
pub type Memory<'m> = (&'m mut [u8], &'m mut [u8]);
