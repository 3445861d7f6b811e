//! What an actor is told of the end of others.

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
