//! What an actor is told of the end of others.

use std::error::Error;
use std::fmt;

use super::{ActorId, Reason};

/// Somebody wants an actor that traps exits to end, or one that it is linked to has ended.
#[derive(Clone, Debug)]
pub struct Exit {
    /// Who has ended; none if somebody [asked](crate::ActorRef::exit).
    pub from: Option<ActorId>,
    /// Why.
    pub reason: Reason,
}

/// An actor that is monitored has ended. Whoever hears of it finds that actor in no room, and its
/// names free.
#[derive(Clone, Debug)]
pub struct Down {
    /// Which monitor tells it.
    pub monitor: MonitorId,
    /// Who has ended.
    pub actor: ActorId,
    /// Why: [`Reason::NoProc`] if it was dead when the monitor began.
    pub reason: Reason,
}

/// A monitor: see [`Me::monitor`](crate::Me::monitor).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonitorId(pub(crate) u64);

/// An actor monitors as many others as it [may](crate::Limits::monitors), and has begun to monitor
/// one more: it ends with this in its [`Reason::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TooManyMonitors;

impl fmt::Display for TooManyMonitors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it monitors too many actors")
    }
}

impl Error for TooManyMonitors {}
