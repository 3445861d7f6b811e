//! What goes to a room, and what becomes of it.

use std::any::Any;
use std::num::NonZeroU64;
use std::slice;
use std::sync::Arc;

use super::{Filter, Receipt, Room};
use crate::actor::{ConnectionId, Encoded};

/// A message on its way to the members that a shard has.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) room: Arc<Room>,
    pub(crate) encoded: Encoded,
    pub(crate) except: Except,
    /// Which change of who is there it tells of, if it does.
    pub(crate) change: Option<NonZeroU64>,
    /// Whom it is for, if not for all.
    pub(crate) filter: Option<Arc<Filter>>,
    /// Who wants to know what became of it.
    pub(crate) receipt: Option<Arc<Receipt>>,
}

impl Post {
    /// Whether both can leave in one piece. What is not for everybody goes alone.
    pub(crate) fn goes_with(&self, next: &Self) -> bool {
        Arc::ptr_eq(&self.room, &next.room) && self.is_plain() && next.is_plain()
    }

    /// Whether every member gets it who is not excepted, and nobody asks who did.
    pub(super) fn is_plain(&self) -> bool {
        self.change.is_none() && self.filter.is_none() && self.receipt.is_none()
    }

    /// Whether it is for a member of whom this is remembered.
    pub(crate) fn is_for(&self, state: &dyn Any) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.admits(state))
    }

    /// What it costs to remember it.
    pub(crate) fn weight(&self) -> usize {
        self.encoded.weight() + size_of_val(self.except.ids()) + size_of::<Self>()
    }
}

/// Members who do not get a message.
#[derive(Clone)]
pub(crate) enum Except {
    Nobody,
    One(ConnectionId),
    /// In order, each once: whoever is asked for is found without looking at all of them.
    These(Arc<[ConnectionId]>),
}

impl Except {
    pub(crate) fn contains(&self, id: ConnectionId) -> bool {
        match self {
            Self::Nobody => false,
            Self::One(one) => *one == id,
            Self::These(these) => these.binary_search(&id).is_ok(),
        }
    }

    pub(crate) fn ids(&self) -> &[ConnectionId] {
        match self {
            Self::Nobody => &[],
            Self::One(one) => slice::from_ref(one),
            Self::These(these) => these,
        }
    }

    /// The same and this one.
    pub(crate) fn and(self, id: ConnectionId) -> Self {
        match self {
            Self::Nobody => Self::One(id),
            _ => Self::these(self.ids().iter().copied().chain([id]).collect()),
        }
    }

    fn these(mut ids: Vec<ConnectionId>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        Self::These(ids.into())
    }
}

impl From<&[ConnectionId]> for Except {
    fn from(ids: &[ConnectionId]) -> Self {
        match ids {
            [] => Self::Nobody,
            [one] => Self::One(*one),
            these => Self::these(these.to_vec()),
        }
    }
}

/// What is known of a broadcast when it has been sent: it is on its way to the shards, and reaches
/// whoever is a member when its shard takes it up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Posted {
    /// How many members the room had, those included who are excepted.
    pub members: usize,
    /// To how many shards it went.
    pub shards: usize,
    /// How far these are with what was broadcast before.
    pub pace: Pace,
}

/// How far shards are with what was broadcast to their members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pace {
    /// They keep up.
    #[default]
    Steady,
    /// More than 4 MiB wait for one of them. A client whose handler has said so much is not read
    /// from until it is half of that, and its mailbox waits, too; a thread of your own had better
    /// wait, for example until a [broadcast that is counted](crate::Rooms::broadcast_counted) has
    /// been. What is said in one call is always taken, so that what waits may be more by a call of
    /// each connection.
    Behind,
    /// More than 8 MiB waited for one of them, so this message was not taken: nobody gets it. Only
    /// [`Rooms`](crate::Rooms) answers so, since those who use that cannot be made to wait.
    Refused,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u64]) -> Vec<ConnectionId> {
        numbers.iter().copied().map(ConnectionId).collect()
    }

    /// ROOM-04
    #[test]
    fn who_is_excepted_is_found_however_it_was_said() {
        let lists: [&[u64]; 6] = [&[], &[3], &[3, 3], &[5, 1], &[9, 2, 7, 2, 0], &[4, 3, 2, 1]];
        for list in lists {
            for more in 0..10 {
                let some = Except::from(&*ids(list));
                let and = some.clone().and(ConnectionId(more));
                for id in 0..10 {
                    let id = ConnectionId(id);
                    let is_in = list.contains(&id.0);
                    assert_eq!(some.contains(id), is_in, "{id} in {list:?}");
                    assert_eq!(and.contains(id), is_in || id.0 == more, "{id} in {list:?}, {more}");
                }
                for except in [some, and] {
                    assert!(except.ids().iter().all(|id| except.contains(*id)));
                    assert!(except.ids().is_sorted());
                }
            }
        }
    }
}
