//! What a handler can do with the connection whose event it is told.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ws_core::connection::{Frame, Millis};
use ws_core::frame::CloseCode;

use super::{
    Answered, Cell, ConnectionId, Handle, Handler, Message, Outgoing, Peer, Sent, Waits,
    say_farewells,
};
use crate::desk::Desk;
use crate::pool::{Full, Outcome, Pool};
use crate::server::{Command, Order, Target};
use crate::wire::{Ending, Wire};

/// The connection whose event a [`Handler`] is told, and what can be done with it.
pub struct Context<'a, H: Handler> {
    pub(crate) handler: &'a H,
    pub(crate) wire: &'a mut Wire,
    pub(crate) desk: &'a mut Desk,
    pub(crate) pool: &'a Arc<Pool>,
    /// Where the shard keeps the connection.
    pub(crate) key: usize,
    /// What it waits for, and its mailbox.
    pub(crate) extra: &'a mut Option<Box<Extra<H>>>,
}

/// What a connection has that does more than to answer its client.
pub(crate) struct Extra<H: Handler> {
    /// What to do when the work that the handler waits for is done.
    pub(crate) suspended: Option<Box<Then<H>>>,
    /// Its mailbox.
    pub(crate) cell: Option<Arc<Cell>>,
    /// Answers and moments.
    pub(crate) waits: Waits<Box<Later<H>>>,
}

impl<H: Handler> Default for Extra<H> {
    fn default() -> Self {
        Self { suspended: None, cell: None, waits: Waits::default() }
    }
}

/// What a connection does when its work is done.
pub(crate) type Then<H> = dyn FnOnce(&H, &mut <H as Handler>::State, &mut Context<'_, H>, Outcome);

/// What it does with an answer, or when it is time.
pub(crate) type Later<H> =
    dyn FnOnce(&H, &mut <H as Handler>::State, &mut Context<'_, H>, Answered);

impl<H: Handler> Context<'_, H> {
    /// Which connection this is.
    pub fn id(&self) -> ConnectionId {
        self.wire.id
    }

    /// The connection for other threads, and for later.
    pub fn handle(&mut self) -> Handle {
        let target = Target { key: self.key, id: self.wire.id };
        let desk = &*self.desk;
        let is_over = self.wire.ws.outgoing.is_closed() || self.wire.ends_now();
        let peer = self.wire.rare_mut().peer.get_or_insert_with(|| {
            Arc::new(Peer::new(target, desk.port.clone(), desk.config.clone()))
        });
        if is_over {
            peer.ends();
        }
        Handle(peer.clone())
    }

    /// Sends a message: `ctx.send("text")`, `ctx.send(&bytes)`, or one that has come.
    ///
    /// What a handler sends in one call, and in all calls of one turn, leaves in one write; what
    /// is larger than 64 KiB leaves at once, from where it lies.
    pub fn send<'m>(&mut self, message: impl Into<Outgoing<'m>>) -> Sent {
        self.wire.send(self.desk, message.into())
    }

    /// Sends a part of a message whose end is not known yet; the first part says whether it is text
    /// or binary. [`send_last_part`](Self::send_last_part) ends it, in this call or a later one.
    /// Until then other messages for this client wait, from wherever they are sent.
    pub fn send_part<'m>(&mut self, part: impl Into<Message<'m>>) -> Sent {
        self.wire.send_part(self.desk, part.into(), Frame::Part)
    }

    /// Sends the last part of a message, which may be empty.
    pub fn send_last_part<'m>(&mut self, part: impl Into<Message<'m>>) -> Sent {
        self.wire.send_part(self.desk, part.into(), Frame::LastPart)
    }

    /// Sends a Ping. (The heartbeat has its own: this one is for a peer that wants to be asked.)
    ///
    /// A payload above 125 bytes is [refused](Sent::Refused).
    pub fn ping(&mut self, payload: &[u8]) -> Sent {
        self.wire.send_ping(self.desk, payload)
    }

    /// Closes the connection after what was sent before. From now on no message is told, and it is
    /// in no room; when the
    /// peer has answered, or has not in time, `on_close` is.
    ///
    /// A code that must not be sent (RFC 6455 section 7.4) is sent as 1000, and of the reason the
    /// first 123 bytes.
    pub fn close(&mut self, code: CloseCode, reason: &str) {
        self.wire.close(self.desk, code, reason, Ending::by_handler(code, reason));
        say_farewells(self.handler, self.desk);
    }

    /// From the next message on, messages are told in pieces, as they arrive, to
    /// [`Handler::on_piece`]: for those that are larger than one wants to keep. The limit of a
    /// message holds all the same.
    pub fn take_pieces(&mut self) {
        self.wire.flags.pieces = true;
    }

    /// From the next message on, messages are told whole again.
    pub fn take_messages(&mut self) {
        self.wire.flags.pieces = false;
    }

    /// Does what takes long, or blocks, on a thread of its own. Until it is done nothing is read
    /// from this client and none of its messages is told; then `then` is called with the result.
    /// A panic of either ends the connection like one of the handler.
    ///
    /// At most one closure runs for a connection: to start another before the first is done is an
    /// error.
    ///
    /// # Errors
    ///
    /// Why nothing was started.
    pub fn blocking<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> T + Send + 'static,
        then: impl FnOnce(&H, &mut H::State, &mut Context<'_, H>, T) + 'static,
    ) -> Result<(), Busy> {
        if self.wire.flags.suspended {
            return Err(Busy::Connection);
        }
        let port = self.desk.port.clone();
        let target = Target { key: self.key, id: self.wire.id };
        let done = move |result| {
            // A shard that has ended has no connections that could go on.
            let _ended = port.push(Command::To(target, Order::Resume(result)));
        };
        self.pool.run(move || Outcome::of(work()), done).map_err(|Full| Busy::Pool)?;
        self.extra().suspended = Some(Box::new(move |handler, state, ctx, result| {
            if let Some(result) = result.downcast::<T>() {
                then(handler, state, ctx, result);
            }
        }));
        let now = self.desk.now;
        self.wire.pause(now, |flags| flags.suspended = true);
        Ok(())
    }

    /// The address at the other end of the socket: that of a proxy, if there is one. None on a
    /// Unix socket.
    pub fn peer(&self) -> Option<SocketAddr> {
        self.wire.socket.peer()
    }

    /// How many bytes wait for this client.
    pub fn waiting(&self) -> usize {
        self.wire.waiting() + self.desk.cork.len()
    }

    /// How long the last Ping and its Pong took, and the same smoothed; none before the first.
    pub fn round_trip(&self) -> Option<RoundTrip> {
        let heartbeat = self.wire.deadlines.heartbeat();
        let duration = |span: Millis| Duration::from_millis(span.0.into());
        Some(RoundTrip {
            last: duration(heartbeat.last_round_trip()?),
            smoothed: duration(heartbeat.smoothed_round_trip()?),
        })
    }
}

/// How long a Ping and its Pong take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundTrip {
    /// The last time.
    pub last: Duration,
    /// Smoothed over some times.
    pub smoothed: Duration,
}

/// Why a closure was not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Busy {
    /// The connection waits for the result of another one already.
    Connection,
    /// Too many [wait](crate::Limits::blocking_waiting) for a thread.
    Pool,
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "the connection waits for another closure already",
            Self::Pool => "too many closures wait for a thread",
        })
    }
}

impl std::error::Error for Busy {}

impl<H: Handler> fmt::Debug for Context<'_, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("id", &self.id()).finish_non_exhaustive()
    }
}
