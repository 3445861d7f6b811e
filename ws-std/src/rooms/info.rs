//! A room in a list of rooms.

use std::fmt;
use std::sync::Arc;

/// A room in a [list](crate::Rooms::list).
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RoomInfo {
    /// What it is called.
    pub name: Arc<str>,
    /// How many members it has: none while it awaits some.
    pub members: usize,
    /// How many are there under a name, those included whose return is awaited.
    pub present: usize,
}

/// Tells how long the name is, and not what it is: it may be secret.
impl fmt::Debug for RoomInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomInfo")
            .field("name_len", &self.name.len())
            .field("members", &self.members)
            .field("present", &self.present)
            .finish()
    }
}
