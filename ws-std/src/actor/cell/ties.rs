//! Links and monitors: what changes two actors.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Cell, Event, Life, Signal, State};
use crate::actor::{ActorId, Down, Exit, MonitorId, Reason};
use crate::sys::AtomicU64;

/// Links two actors. The links of both change under both locks, or a link and an unlink that meet
/// would leave half of it.
pub(crate) fn link(one: &Arc<Cell>, other: &Arc<Cell>) {
    if one.id == other.id {
        return;
    }
    let is_dead = with_both(one, other, |mine, theirs| {
        if matches!(mine.life, Life::Dead) {
            return false;
        }
        mine.links.insert(other.id, other.clone());
        let is_dead = matches!(theirs.life, Life::Dead);
        if !is_dead {
            theirs.links.insert(one.id, one.clone());
        }
        is_dead
    });
    if is_dead {
        one.signal(Signal::Link(Exit { from: Some(other.id), reason: Reason::NoProc }));
    }
}

/// Undoes a link. What it has put into a mailbox stays there.
pub(crate) fn unlink(one: &Arc<Cell>, other: &Arc<Cell>) {
    if one.id != other.id {
        with_both(one, other, |mine, theirs| {
            mine.links.remove(&other.id);
            theirs.links.remove(&one.id);
        });
    }
}

/// Takes what a link has put into a mailbox out of it.
pub(crate) fn forget_exit(one: &Cell, from: ActorId) {
    let is_from = |event: &Event| matches!(event, Event::Exit(exit) if exit.from == Some(from));
    drop(one.take_out(is_from));
}

/// Has `watcher` told how `watched` ends.
pub(crate) fn monitor(watcher: &Arc<Cell>, watched: &Arc<Cell>) -> MonitorId {
    let monitor = next_monitor();
    watcher.lock().watches.insert(monitor, watched.clone());
    let mut theirs = watched.lock();
    if matches!(theirs.life, Life::Dead) {
        drop(theirs);
        watcher.down(Down { monitor, actor: watched.id, reason: Reason::NoProc });
    } else {
        theirs.watchers.insert(monitor, watcher.clone());
    }
    monitor
}

/// The number of a monitor that there has not been.
pub(crate) fn next_monitor() -> MonitorId {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    MonitorId(NUMBERS.fetch_add(1, Ordering::Relaxed))
}

/// Ends a monitor, and tells whether there was one. What it has put into a mailbox stays there.
pub(crate) fn demonitor(watcher: &Cell, monitor: MonitorId) -> bool {
    let watched = watcher.lock().watches.remove(&monitor);
    watched.is_some_and(|watched| {
        watched.lock().watchers.remove(&monitor);
        true
    })
}

/// Takes what a monitor has put into a mailbox out of it.
pub(crate) fn forget_down(watcher: &Cell, monitor: MonitorId) {
    let is_of = |event: &Event| matches!(event, Event::Down(down) if down.monitor == monitor);
    drop(watcher.take_out(is_of));
}

/// Locks both, always in the same order, so that nobody waits for ever.
fn with_both<R>(one: &Cell, other: &Cell, change: impl FnOnce(&mut State, &mut State) -> R) -> R {
    if one.id < other.id {
        let mut mine = one.lock();
        change(&mut mine, &mut other.lock())
    } else {
        let mut theirs = other.lock();
        change(&mut one.lock(), &mut theirs)
    }
}
