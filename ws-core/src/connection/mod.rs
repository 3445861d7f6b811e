//! A connection after its opening handshake: what every driver needs, once, without I/O.
//!
//! ```text
//!            Open ───────── we send Close ────────▶ Closing
//!              │                                       │
//!    a Close arrives,                          a Close arrives
//!    or a rule is broken                               │
//!              ▼                                       ▼
//!          Answering ──── we send the Close owed ──▶ Closed
//! ```
//!
//! [`Incoming`] is the reading half and [`Outgoing`] the writing half; a [`Connection`] is both in
//! one place. Split, the reader hands the writer what is [`Owed`].

mod deadlines;
mod heartbeat;
mod incoming;
mod outgoing;
mod owed;
mod time;

pub use deadlines::{Deadlines, Due, Expired, Timing};
pub use heartbeat::Heartbeat;
pub use incoming::{Incoming, Progress};
pub use outgoing::{Frame, Outgoing, Prefix};
pub use owed::Owed;
pub use time::{Millis, Time};

use crate::decoder::{Decoded, Side};
use crate::error::Violation;
use crate::frame::Close;
use crate::role::Role;

/// Both halves of a connection, without a buffer: for a server that lends one buffer to all of its
/// connections in turn, and brings its own queue for output.
///
/// ```
/// use ws_core::connection::{Connection, Frame};
/// use ws_core::{Error, Event, Server};
///
/// /// Takes what has arrived, appends what is to be sent, and tells how many bytes are done with.
/// fn turn(
///     connection: &mut Connection<Server>,
///     arrived: &mut [u8],
///     output: &mut Vec<u8>,
/// ) -> Result<usize, Error> {
///     let mut done = 0;
///     loop {
///         let unread = &mut arrived[done..];
///         let decoded = connection.receive(unread)?;
///         match decoded.event {
///             // Part of a header or of a control frame may be left: keep it for the next turn.
///             None => return Ok(done + decoded.consumed),
///             Some(Event::Chunk(chunk)) if chunk.begins && chunk.ends => {
///                 let payload = chunk.span.of(unread);
///                 let prefix = connection.outgoing.prefix(
///                     Frame::Message(chunk.kind),
///                     payload.len() as u64,
///                 )?;
///                 output.extend_from_slice(prefix.header.as_slice());
///                 output.extend_from_slice(payload);
///             }
///             Some(Event::Chunk(_)) => {} // of a larger message: see `assembly`
///             Some(Event::Ping(payload)) => {
///                 let mut pong = [0; 127];
///                 let len =
///                     connection.outgoing.write(Frame::Pong, payload.of(unread), &mut pong)?;
///                 output.extend_from_slice(&pong[..len]);
///             }
///             Some(Event::Pong(_)) => {}
///             Some(Event::Close { .. }) => {
///                 let mut answer = [0; 127];
///                 if let Some(close) = connection.close_owed() {
///                     let len = connection.outgoing.write_close(close, &mut answer)?;
///                     output.extend_from_slice(&answer[..len]);
///                 }
///             }
///         }
///         done += decoded.consumed;
///     }
/// }
///
/// let mut connection = Connection::new(Server);
/// // A Ping of "hi" and the beginning of another frame, from a client whose key is four zeros.
/// let (mut arrived, mut output) = (*b"\x89\x82\0\0\0\0hi\x81", vec![]);
/// assert_eq!(turn(&mut connection, &mut arrived, &mut output)?, 8);
/// assert_eq!(output, b"\x8A\x02hi");
///
/// // A frame that is not masked breaks a rule, and the Close that says so is owed.
/// let mut unmasked = *b"\x81\x02hi";
/// assert!(turn(&mut connection, &mut unmasked, &mut output).is_err());
/// let close = connection.close_owed().expect("a Close is owed");
/// assert_eq!(close.code().map(|code| code.0), Some(1002));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Connection<R> {
    /// What arrives.
    pub incoming: Incoming,
    /// What leaves.
    pub outgoing: Outgoing<R>,
}

/// How far the closing handshake has come (RFC 6455 section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Phase {
    /// Nobody has closed.
    Open,
    /// We sent Close and wait for the peer's.
    Closing,
    /// The peer sent Close, or broke a rule: we owe a Close.
    Answering,
    /// Nothing more will be said. "The server MUST close the underlying TCP connection
    /// immediately; the client SHOULD wait for the server" (section 5.5.1): see [`Leaving`].
    Closed,
}

/// What to do with the transport once the phase is [`Phase::Closed`] and all output has been
/// written, so that the peer reads our Close and not a reset.
///
/// A reset is what a peer gets that is still sending when its input is closed unread: so the
/// write side is shut down first, and input is read and thrown away until its end, or until a
/// limit of bytes or time ("closing the connection cleanly", section 7.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Leaving {
    /// We are the server: shut down the write side, discard input, then close.
    ShutThenDiscard,
    /// We are the client: discard input until the server closes, then close.
    Discard,
}

impl Phase {
    /// The phase of a connection with these halves.
    pub fn of<R: Role>(incoming: &Incoming, outgoing: &Outgoing<R>) -> Self {
        match (outgoing.is_closed(), incoming.close_owed().is_some()) {
            (false, false) => Self::Open,
            (true, false) => Self::Closing,
            (false, true) => Self::Answering,
            (true, true) => Self::Closed,
        }
    }
}

impl Leaving {
    /// How this side of a connection leaves.
    pub const fn of(side: Side) -> Self {
        match side {
            Side::Server => Self::ShutThenDiscard,
            Side::Client => Self::Discard,
        }
    }
}

impl<R: Role> Connection<R> {
    /// A connection at the first byte after the opening handshake.
    pub const fn new(role: R) -> Self {
        Self { incoming: Incoming::new(R::SIDE), outgoing: Outgoing::new(role) }
    }

    /// Takes the next bytes from the peer: see [`Incoming::receive`].
    ///
    /// # Errors
    ///
    /// The rule that the peer broke; a Close is owed then.
    #[inline]
    pub fn receive(&mut self, bytes: &mut [u8]) -> Result<Decoded, Violation> {
        self.incoming.receive(bytes)
    }

    /// The Close frame that must be sent next: the answer to the peer's Close, or the reason why
    /// we cannot go on. None if nothing is owed, or our Close has left.
    pub fn close_owed(&self) -> Option<Close<'static>> {
        if self.outgoing.is_closed() { None } else { self.incoming.close_owed() }
    }

    /// How far the closing handshake has come.
    pub fn phase(&self) -> Phase {
        Phase::of(&self.incoming, &self.outgoing)
    }

    /// How to end the transport, once the phase is [`Phase::Closed`].
    pub const fn leaving(&self) -> Leaving {
        Leaving::of(R::SIDE)
    }
}
