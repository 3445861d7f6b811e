//! What goes to a room, and what becomes of it.

use std::fmt;
use std::sync::Arc;

use super::Room;
use crate::actor::{ConnectionId, Encoded};

/// A message on its way to the members that a shard has.
#[derive(Clone)]
pub(crate) struct Post {
    pub(crate) room: Arc<Room>,
    pub(crate) encoded: Encoded,
    pub(crate) except: Except,
}

/// Members who do not get a message.
#[derive(Clone)]
pub(crate) enum Except {
    Nobody,
    One(ConnectionId),
    These(Arc<[ConnectionId]>),
}

impl Except {
    pub(crate) fn is_nobody(&self) -> bool {
        matches!(self, Self::Nobody)
    }

    pub(crate) fn contains(&self, id: ConnectionId) -> bool {
        match self {
            Self::Nobody => false,
            Self::One(one) => *one == id,
            Self::These(these) => these.contains(&id),
        }
    }

    /// The same and this one.
    pub(crate) fn and(self, id: ConnectionId) -> Self {
        match self {
            Self::Nobody => Self::One(id),
            Self::One(one) => Self::These(Arc::new([one, id])),
            Self::These(these) => Self::These(these.iter().copied().chain([id]).collect()),
        }
    }
}

impl From<&[ConnectionId]> for Except {
    fn from(ids: &[ConnectionId]) -> Self {
        match ids {
            [] => Self::Nobody,
            [one] => Self::One(*one),
            these => Self::These(these.into()),
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
}

/// Why a connection does not become a member of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JoinError {
    /// The connection is closing.
    Closed,
    /// It is in as many rooms as it may be: see [`Limits::rooms`](crate::Limits::rooms).
    TooManyRooms,
    /// The name is longer than [`Limits::room_name`](crate::Limits::room_name), or empty.
    BadName,
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the connection is closing",
            Self::TooManyRooms => "too many rooms",
            Self::BadName => "the name of the room is empty or too long",
        })
    }
}

impl std::error::Error for JoinError {}
