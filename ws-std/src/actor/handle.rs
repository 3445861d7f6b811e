//! A connection, seen from anywhere.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ws_core::frame::{CloseCode, MAX_CONTROL};

use super::{Encoded, Framing, Outgoing, Sent};
use crate::server::{Command, Config, Order, Overflow, Port, Target};

/// Which connection: a number that no other connection of this process ever has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A connection, to be reached from any thread, for as long as anyone likes: once the connection
/// has ended, everything is answered with [`Sent::Gone`].
///
/// What is sent through one handle, and through its clones in turn, arrives in that order, and in
/// that of the sender's broadcasts to rooms of which the connection is a member. A handler has no use
/// for the handle of its own connection: what it sends by its [`Context`](super::Context) goes at
/// once, and overtakes what goes through that.
#[derive(Clone)]
pub struct Handle(pub(crate) Arc<Peer>);

/// What a handle and its connection share.
pub(crate) struct Peer {
    pub(crate) target: Target,
    port: Arc<Port>,
    /// Bytes on their way to the shard.
    crossing: AtomicUsize,
    /// Bytes in the outbox, as the shard last said.
    waiting: AtomicUsize,
    /// Messages that handles have dropped, since too many bytes were on their way or waited.
    dropped: AtomicUsize,
    gone: AtomicBool,
    config: Arc<Config>,
}

impl Peer {
    pub(crate) fn new(target: Target, port: Arc<Port>, config: Arc<Config>) -> Self {
        let [crossing, waiting, dropped] = [(); 3].map(|()| AtomicUsize::new(0));
        Self { target, port, crossing, waiting, dropped, gone: AtomicBool::new(false), config }
    }

    /// What weighs so many bytes has reached the shard.
    pub(crate) fn arrived(&self, bytes: usize) {
        self.crossing.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// So many bytes wait in the outbox.
    pub(crate) fn waits(&self, bytes: usize) {
        self.waiting.store(bytes, Ordering::Relaxed);
    }

    /// Bytes on their way to the shard.
    pub(crate) fn crossing(&self) -> usize {
        self.crossing.load(Ordering::Relaxed)
    }

    /// How many messages handles have dropped since this was last asked.
    pub(crate) fn take_dropped(&self) -> usize {
        match self.dropped.load(Ordering::Relaxed) {
            0 => 0,
            _ => self.dropped.swap(0, Ordering::Relaxed),
        }
    }

    /// From now on nothing can be sent.
    pub(crate) fn ends(&self) {
        self.gone.store(true, Ordering::Release);
    }
}

impl Handle {
    /// Which connection this is.
    pub fn id(&self) -> ConnectionId {
        self.0.target.id
    }

    /// Sends a message. It never blocks: [`Sent::Full`] says that the limit of bytes waits for
    /// this client, and that the message was dropped.
    pub fn send<'a>(&self, message: impl Into<Outgoing<'a>>) -> Sent {
        let limits = &self.0.config.limits;
        let backlog = match limits.overflow {
            Overflow::DropNewest => self.0.crossing() + self.0.waiting.load(Ordering::Relaxed),
            // The shard knows what to drop, or to end: only what it has not seen counts here.
            Overflow::DropOldest | Overflow::KeepLatest | Overflow::Close => self.0.crossing(),
        };
        if let Some(full) = self.full(backlog) {
            return full;
        }
        let encoded =
            Encoded::of(message.into(), Framing::of(&self.0.config), None, limits.overflow);
        let weight = Order::weight(encoded.weight());
        self.crosses(weight, Order::Send { encoded, from: self.0.clone() })
    }

    /// What becomes of a message for a client for whom so much waits, if that is too much. The limit
    /// counts what waits *before* a message: when nothing waits, one of any size goes.
    fn full(&self, backlog: usize) -> Option<Sent> {
        let is_full = backlog > 0 && backlog >= self.0.config.limits.outbox_limit;
        (is_full && !self.is_gone()).then(|| {
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
            Sent::Full
        })
    }

    /// Hands over what weighs so many bytes.
    fn crosses(&self, weight: usize, order: Order) -> Sent {
        self.0.crossing.fetch_add(weight, Ordering::Relaxed);
        let sent = self.order(order);
        if sent == Sent::Gone {
            self.0.arrived(weight);
        }
        sent
    }

    /// Sends a Ping. Its Pong is told to nobody: the heartbeat has its own.
    ///
    /// A payload above 125 bytes is [refused](Sent::Refused); what is on its way is bounded as with
    /// [`send`](Self::send).
    pub fn ping(&self, payload: &[u8]) -> Sent {
        if payload.len() > MAX_CONTROL {
            return Sent::Refused;
        }
        if let Some(full) = self.full(self.0.crossing()) {
            return full;
        }
        let (payload, from) = (payload.to_vec(), self.0.clone());
        self.crosses(Order::weight(payload.len()), Order::Ping { payload, from })
    }

    /// Closes the connection after what was sent before: see [`Context::close`](super::Context).
    pub fn close(&self, code: CloseCode, reason: &str) -> Sent {
        self.order(Order::Close { code, text: reason.to_owned() })
    }

    /// Whether nothing can be sent any more.
    pub fn is_gone(&self) -> bool {
        self.0.gone.load(Ordering::Acquire)
    }

    fn order(&self, order: Order) -> Sent {
        if self.is_gone() {
            return Sent::Gone;
        }
        match self.0.port.push(Command::To(self.0.target, order)) {
            Ok(()) => Sent::Queued,
            Err(_) => Sent::Gone,
        }
    }
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Handle {}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&self.id()).finish()
    }
}
