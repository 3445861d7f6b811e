//! What is measured: the cells of the tables.

/// What a message is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Payload {
    Binary,
    /// Text whose characters are one to four bytes long.
    MixedText,
    /// Records of a few fields, as programs tell them each other.
    Json,
}

/// A column of a table of echoes.
#[derive(Clone, Copy)]
pub(crate) struct Echo {
    pub(crate) name: &'static str,
    pub(crate) payload: Payload,
    pub(crate) bytes: usize,
    pub(crate) connections: usize,
    /// Messages under way on each connection.
    pub(crate) in_flight: usize,
}

const fn echo(name: &'static str, bytes: usize, connections: usize, in_flight: usize) -> Echo {
    Echo { name, payload: Payload::Binary, bytes, connections, in_flight }
}

pub(crate) const ECHO: &[Echo] = &[
    echo("16B-P1", 16, 64, 1),
    echo("125B-P1", 125, 64, 1),
    echo("1KiB-P1", 1024, 64, 1),
    echo("16KiB-P1", 16 << 10, 64, 1),
    echo("16B-P16", 16, 64, 16),
    echo("125B-P16", 125, 64, 16),
    echo("1KiB-P16", 1024, 64, 16),
    echo("16KiB-P16", 16 << 10, 64, 16),
    echo("125B-1000", 125, 1000, 1),
    Echo { payload: Payload::MixedText, ..echo("text-1KiB-P16", 1024, 64, 16) },
    echo("1MiB-P1", 1 << 20, 64, 1),
];

/// Some of the same, under their names there.
pub(crate) const TLS: &[Echo] = &[
    echo("125B-P1", 125, 64, 1),
    echo("1KiB-P16", 1024, 64, 16),
    echo("16KiB-P1", 16 << 10, 64, 1),
];

/// A column of the table that shows whether a message costs more where there are more connections.
#[derive(Clone, Copy)]
pub(crate) struct Growth {
    pub(crate) name: &'static str,
    pub(crate) connections: usize,
}

/// The bytes of each of the messages.
pub(crate) const GROWTH_BYTES: usize = 125;

/// Messages under way, on all connections together: the load is the same in every column.
pub(crate) const GROWTH_UNDER_WAY: usize = 64;

pub(crate) const GROWTH: &[Growth] = &[
    Growth { name: "C1", connections: 1 },
    Growth { name: "C100", connections: 100 },
    Growth { name: "C1000", connections: 1000 },
    Growth { name: "C10000", connections: 10_000 },
];

/// A column of the table of fan-out.
#[derive(Clone, Copy)]
pub(crate) struct Fanout {
    pub(crate) name: &'static str,
    pub(crate) members: usize,
    /// Messages that have not reached every member yet.
    pub(crate) outstanding: usize,
}

/// The bytes of a message that goes to every member.
pub(crate) const FANOUT_BYTES: usize = 64;

pub(crate) const FANOUT: &[Fanout] = &[
    Fanout { name: "1000-W1", members: 1000, outstanding: 1 },
    Fanout { name: "1000-W16", members: 1000, outstanding: 16 },
    Fanout { name: "5000-W1", members: 5000, outstanding: 1 },
    Fanout { name: "5000-W16", members: 5000, outstanding: 16 },
];

/// A column of the table of compression.
#[derive(Clone, Copy)]
pub(crate) struct Deflate {
    pub(crate) name: &'static str,
    pub(crate) payload: Payload,
    pub(crate) bytes: usize,
}

pub(crate) const DEFLATE: &[Deflate] = &[
    Deflate { name: "JSON-1KiB", payload: Payload::Json, bytes: 1024 },
    Deflate { name: "JSON-4KiB", payload: Payload::Json, bytes: 4096 },
    Deflate { name: "noise-4KiB", payload: Payload::Binary, bytes: 4096 },
];

/// How many connections have a message under way each.
pub(crate) const DEFLATE_CONNECTIONS: usize = 64;

/// How many connections are opened, and left alone, where each may keep a compressor.
pub(crate) const DEFLATE_IDLE: usize = 1000;

/// How many connections are opened, and left alone, for the figures of memory.
pub(crate) const IDLE_CONNECTIONS: usize = 10_000;

/// The bytes of the one message that each of them sends.
pub(crate) const IDLE_BYTES: usize = 125;

/// How many handshakes are under way at any moment.
pub(crate) const HANDSHAKES_AT_ONCE: usize = 64;

impl Echo {
    /// A cell that proves that the server answers, and is over in a moment.
    pub(crate) fn quick(self) -> Self {
        Self { connections: self.connections.min(8), ..self }
    }
}

impl Growth {
    /// As [`Echo::quick`].
    pub(crate) fn quick(self) -> Self {
        Self { connections: self.connections.min(100), ..self }
    }
}

impl Fanout {
    /// As [`Echo::quick`].
    pub(crate) fn quick(self) -> Self {
        Self { members: self.members.min(20), ..self }
    }
}
