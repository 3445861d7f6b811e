//! Rooms: connections that hear the same.
//!
//! ```text
//! Directory   name ─▶ Room: how many members, which shards have some     (all threads)
//! Local       room ─▶ its members on this shard, in a dense list         (one shard)
//! ```
//!
//! A broadcast is encoded once and pushed to every shard that has members; each shard walks its own
//! list. No lock is held meanwhile, and nobody waits for the slowest.

mod directory;
mod group;
mod local;
mod posted;
mod room;
mod rules;

pub(crate) use directory::Directory;
pub use directory::Rooms;
pub(crate) use group::Group;
pub(crate) use local::Local;
pub use posted::Posted;
pub(crate) use posted::{Except, Post};
pub(crate) use room::Room;
pub use rules::{Denied, JoinError, RoomRules};
