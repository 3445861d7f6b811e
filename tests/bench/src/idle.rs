//! The memory that connections take which are open and silent.

use crate::Result;
use crate::cells::IDLE_BYTES;
use crate::child::{Certificate, Server};
use crate::load::Echoers;
use crate::peers::Task;
use crate::sys;

/// The bytes of its own memory that a server takes for each connection.
pub(crate) struct PerConnection {
    /// Once the connections are open.
    pub(crate) opened: f64,
    /// Once each of them has had a message echoed.
    pub(crate) used: f64,
}

pub(crate) fn measure(
    server: &Server,
    connections: usize,
    tls: Option<&Certificate>,
) -> Result<PerConnection> {
    let running = server.start(Task::Echo, tls)?;
    // What a server only makes for its first connection is not counted.
    let mut first = Echoers::open(running.target(), running.protocol(), 1)?;
    first.once(IDLE_BYTES)?;
    let memory = || sys::private_memory(running.process()).ok_or("this system tells no memory");
    let before = memory()?;
    let mut echoers = Echoers::open(running.target(), running.protocol(), connections)?;
    let opened = memory()?;
    echoers.once(IDLE_BYTES)?;
    let used = memory()?;
    let each = |now: u64| (now as f64 - before as f64) / connections as f64;
    Ok(PerConnection { opened: each(opened), used: each(used) })
}
