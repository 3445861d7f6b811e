//! What holds in a room, and why somebody does not become a member.

use std::borrow::Cow;
use std::fmt;

use crate::server::Overflow;

/// What holds in a room: [`Handler::on_room`](crate::Handler::on_room) says it when the room comes
/// into being, and it stays so until the room is gone.
///
/// ```
/// use ws_std::{Overflow, RoomRules};
///
/// let rules = RoomRules::default().members(100).overflow(Overflow::DropOldest);
/// assert_eq!(rules.members, Some(100));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomRules {
    /// What becomes of its messages for a member who does not read; none for what the server's
    /// [`Limits::overflow`](crate::Limits::overflow) says.
    pub overflow: Option<Overflow>,
    /// How many members it has at most; none for any number.
    pub members: Option<usize>,
}

impl RoomRules {
    /// With this policy for those who do not read.
    #[must_use]
    pub const fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = Some(overflow);
        self
    }

    /// With so many members at most.
    #[must_use]
    pub const fn members(mut self, most: usize) -> Self {
        self.members = Some(most);
        self
    }
}

/// A refusal, in words of the program.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Denied(Cow<'static, str>);

impl Denied {
    /// For this reason.
    pub fn new(words: impl Into<Cow<'static, str>>) -> Self {
        Self(words.into())
    }

    /// The reason.
    pub fn words(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Denied {}

/// Why a connection does not become a member of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JoinError {
    /// The connection is closing.
    Closed,
    /// It is in as many rooms as it may be: see [`Limits::rooms`](crate::Limits::rooms).
    TooManyRooms,
    /// The name is longer than [`Limits::room_name`](crate::Limits::room_name), or empty.
    BadName,
    /// The key is longer than [`Limits::presence_key`](crate::Limits::presence_key), or empty.
    BadKey,
    /// The meta is longer than [`Limits::presence_meta`](crate::Limits::presence_meta).
    LongMeta,
    /// The program does not want it.
    Denied(Denied),
    /// The room has as many members as its [rules](RoomRules::members) allow.
    Full,
}

impl JoinError {
    /// The program does not want it, for this reason: what a handler answers that decides by itself
    /// who may join.
    pub fn denied(words: impl Into<Cow<'static, str>>) -> Self {
        Self::Denied(Denied::new(words))
    }
}

impl From<Denied> for JoinError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the connection is closing",
            Self::TooManyRooms => "too many rooms",
            Self::BadName => "the name of the room is empty or too long",
            Self::BadKey => "the key is empty or too long",
            Self::LongMeta => "the meta is too long",
            Self::Denied(denied) => denied.words(),
            Self::Full => "the room is full",
        })
    }
}

impl std::error::Error for JoinError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// ROOM-07
    #[test]
    fn errors_say_what_is_wrong() {
        assert_eq!(JoinError::Closed.to_string(), "the connection is closing");
        assert_eq!(JoinError::TooManyRooms.to_string(), "too many rooms");
        assert!(JoinError::BadName.to_string().contains("name"));
        assert_eq!(JoinError::denied("members only").to_string(), "members only");
        assert_eq!(JoinError::from(Denied::new(format!("not {}", 7))).to_string(), "not 7");
        assert_eq!(JoinError::Full.to_string(), "the room is full");
    }
}
