//! What a supervisor is to be, and what it keeps.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Child;
use super::child::Name;
use super::delays::Delays;
use super::intensity::Intensity;
use super::roster::Roster;
use super::work::{Job, Work};
use crate::actor::Reply;

/// An actor that starts others, and starts them again: see the [module](crate::supervisor).
pub struct Supervisor {
    pub(super) strategy: Strategy,
    pub(super) intensity: Intensity,
    /// What it goes by.
    pub(super) name: Option<Arc<str>>,
    pub(super) roster: Roster,
    /// Two children were given this name.
    pub(super) twice: Option<Name>,
    /// What it is busy with.
    pub(super) work: Option<Work>,
    /// What it does then.
    pub(super) jobs: VecDeque<Job>,
    /// Who waits for all children to have begun.
    pub(super) awaited: Option<Reply<()>>,
    /// How often a child was to be started again.
    pub(super) attempts: u64,
    pub(super) delays: Delays,
}

/// Who is stopped and started again with a child that has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    OneForOne,
    OneForAll,
    RestForOne,
}

impl Supervisor {
    /// A child that fails is started again, and no other has to do with it.
    #[must_use]
    pub fn one_for_one() -> Self {
        Self::new(Strategy::OneForOne)
    }

    /// When a child fails all others are stopped, and all are started again: for those that cannot
    /// do without each other.
    #[must_use]
    pub fn one_for_all() -> Self {
        Self::new(Strategy::OneForAll)
    }

    /// When a child fails those that were started after it are stopped, and all of these are
    /// started again: for those that need the ones before them.
    #[must_use]
    pub fn rest_for_one() -> Self {
        Self::new(Strategy::RestForOne)
    }

    /// So many restarts within such a time are borne; with one more the supervisor gives up. If
    /// nothing is said it is one within five seconds. However many children are started again for
    /// one that has failed, it is one restart, and so is each attempt at one that fails to start.
    #[must_use]
    pub fn intensity(mut self, restarts: u32, within: Duration) -> Self {
        self.intensity.most = restarts;
        self.intensity.within = within;
        self
    }

    /// The first restart within the time of the [intensity](Self::intensity) comes at once, the
    /// second after `first`, and each that follows after twice as long, but at most after `most`.
    /// If nothing is said all come at once. Meanwhile the child is not there, and all others are.
    #[must_use]
    pub fn backoff(mut self, first: Duration, most: Duration) -> Self {
        self.intensity.backoff = (first, most);
        self
    }

    /// The supervisor goes by this name among all actors, so that others find it.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self
    }

    /// One child more, that is started after those before. Two that are called the same are a
    /// [failure](super::Failure::Twice) when the supervisor starts.
    #[must_use]
    pub fn child(mut self, child: Child) -> Self {
        if let Err(child) = self.roster.add(child) {
            self.twice.get_or_insert(child.id);
        }
        self
    }

    fn new(strategy: Strategy) -> Self {
        Self {
            strategy,
            intensity: Intensity::default(),
            name: None,
            roster: Roster::default(),
            twice: None,
            work: None,
            jobs: VecDeque::new(),
            awaited: None,
            attempts: 0,
            delays: Delays::default(),
        }
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor")
            .field("strategy", &self.strategy)
            .field("children", &self.roster.count().children)
            .finish_non_exhaustive()
    }
}
