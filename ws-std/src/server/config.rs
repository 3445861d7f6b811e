//! What a server may be told, and what it does unless told otherwise.

use std::net::IpAddr;
use std::time::Duration;

use ws_core::connection::Timing;

use crate::bucket::Rate;
use crate::deflate::Compression;
use crate::forwarded::Trusted;
use crate::http::Routes;
use crate::origin::Origins;

/// How much is enough.
///
/// ```
/// use ws_std::Limits;
///
/// let limits = Limits { message: 64 * 1024, ..Limits::default() };
/// assert_eq!(limits.fields, 100);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a message, its payload only: what is larger is refused with 1009 before it is read.
    pub message: usize,
    /// Bytes of the head of a request: what is larger is refused with 431, or 414.
    pub head: u32,
    /// Header fields of a request: what is more is refused with 431.
    pub fields: u32,
    /// Bytes that wait for a peer: below this the handler is told that it may go on.
    pub outbox_low: usize,
    /// Bytes that wait for a peer: above this nothing more is read from it.
    pub outbox_high: usize,
    /// Bytes that wait for a peer: if so many wait, the next message falls to the
    /// [`overflow`](Self::overflow) policy.
    pub outbox_limit: usize,
    /// What becomes of a message for a peer that does not read.
    pub overflow: Overflow,
    /// Bytes of a message that leave in one frame: a larger one leaves in several, so that a Ping
    /// or a Close need not wait for all of it.
    pub fragment: usize,
    /// Rooms that one connection may be a member of.
    pub rooms: usize,
    /// Bytes of the name of a room.
    pub room_name: usize,
    /// Bytes of the key under which somebody is in a room: see
    /// [`Context::join_as`](crate::Context::join_as).
    pub presence_key: usize,
    /// Bytes of what is to be known of them.
    pub presence_meta: usize,
    /// So many at most are listed for who joins a room under a name.
    pub presence_list: usize,
    /// How long one who has vanished is still in the rooms where it was under a name; zero for not
    /// at all.
    pub presence_grace: Duration,
    /// Connections; none for as many as the system has descriptors for, less a reserve; with a
    /// thread for each, a quarter of that. Beyond it a client is told 503.
    pub connections: Option<usize>,
    /// Connections from one address; none for any number. Beyond it a client is told 429.
    pub per_address: Option<usize>,
    /// How often one address may connect; none for any rate. Beyond it a client is told 429.
    pub accepts: Option<Rate>,
    /// How often all together may connect; none for any rate. Beyond it a client is told 429.
    pub accepts_in_all: Option<Rate>,
    /// How many messages a peer may send; beyond it its connection is closed with 1008.
    pub messages: Option<Rate>,
    /// How many bytes a peer may send; beyond it its connection is closed with 1008.
    pub bytes: Option<Rate>,
    /// How many Pings a peer may send; beyond it its connection is closed with 1008.
    pub pings: Option<Rate>,
    /// Bytes that one connection may make us keep, of all kinds; none for a message, the outbox's
    /// limit, what compression needs, and 64 KiB. Beyond it it is closed with 1008.
    pub connection_memory: Option<usize>,
    /// Bytes that all connections may make us keep; none for half of the machine's memory. Beyond
    /// it a client is told 503.
    pub server_memory: Option<usize>,
    /// Threads for the closures of [`Context::blocking`](crate::Context::blocking).
    pub blocking_threads: usize,
    /// Closures that wait for one of these: one more is refused with
    /// [`Busy::Pool`](crate::Busy::Pool). What waits is not given up with its connection.
    pub blocking_waiting: usize,
    /// Monitors that an actor has at a time, connection or not: for one more it
    /// [ends](crate::Me::monitor). A supervisor has one for each child.
    pub monitors: usize,
    /// Names that one actor may go by, connection or not: for one more
    /// [`Me::register`](crate::Me::register) is an error.
    pub actor_names: usize,
    /// Bytes of the name of an actor.
    pub actor_name: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: 16 << 20,
            head: 16 << 10,
            fields: 100,
            outbox_low: 16 << 10,
            outbox_high: 64 << 10,
            outbox_limit: 1 << 20,
            overflow: Overflow::Close,
            fragment: 256 << 10,
            rooms: 128,
            room_name: 255,
            presence_key: 255,
            presence_meta: 1024,
            presence_list: 100,
            presence_grace: Duration::from_secs(10),
            connections: None,
            per_address: None,
            accepts: None,
            accepts_in_all: None,
            messages: None,
            bytes: None,
            pings: None,
            connection_memory: None,
            server_memory: None,
            blocking_threads: 32,
            blocking_waiting: 64 << 10,
            monitors: 64 << 10,
            actor_names: 128,
            actor_name: 255,
        }
    }
}

/// What becomes of a message for a peer for whom the limit of bytes waits already.
///
/// Never dropped are frames that have begun to leave, control frames, and messages that are sent in
/// several frames, once they wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Overflow {
    /// The connection is closed with 1008: what it would miss, it could not know of.
    #[default]
    Close,
    /// The message is dropped.
    DropNewest,
    /// The messages that wait longest are dropped until there is room.
    DropOldest,
    /// Of each key the newest message is kept: see [`Message::keyed`](crate::Message::keyed). For
    /// what is a state, of which nobody needs to know what it was.
    ///
    /// Messages are dropped for which a newer one of their key waits, or is the one that comes;
    /// while there is no room then, also messages without a key, the oldest first. If there is still
    /// none, a message without a key is dropped itself; one with a key closes the connection with
    /// 1008, since the newest message of a key is never dropped without a word. Those that wait are
    /// not dropped for a message of another policy either.
    KeepLatest,
}

/// Which threads serve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Threads {
    /// One event loop for each core.
    #[default]
    PerCore,
    /// So many event loops: at least one.
    Fixed(usize),
    /// A thread for each connection: its handler may block, and costs a stack.
    PerConnection,
}

/// Everything that a running server goes by.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(crate) limits: Limits,
    pub(crate) timing: Timing,
    pub(crate) origins: Origins,
    pub(crate) trusted: Trusted,
    pub(crate) routes: Routes,
    /// What the server speaks, the best first.
    pub(crate) subprotocols: Vec<String>,
    pub(crate) subprotocol: Subprotocol,
    pub(crate) threads: Threads,
    /// How messages are compressed, if they are.
    pub(crate) compression: Option<Compression>,
}

/// What happens to a client that offers no subprotocol that the server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Subprotocol {
    /// It is taken, without one.
    #[default]
    Optional,
    /// It is refused with 400.
    Required,
}

impl Config {
    /// What one connection may make us keep.
    pub(crate) fn connection_memory(&self) -> usize {
        let Limits { message, outbox_limit, connection_memory, .. } = self.limits;
        let deflate = self.compression.map_or(0, |compression| compression.most_retained());
        let usual = message.saturating_add(outbox_limit).saturating_add(64 << 10);
        connection_memory.unwrap_or(usual.saturating_add(deflate))
    }

    /// Whose forwarding headers count.
    pub(crate) fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted.contains(peer)
    }
}
