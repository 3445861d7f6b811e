//! Rooms: connections that hear the same.
//!
//! ```text
//! Directory   name ─▶ Room: how many members, which shards have some     (all threads)
//! Local       room ─▶ its members on this shard, in a dense list         (one shard)
//! ```
//!
//! A broadcast is encoded once and pushed to every shard that has members; each shard walks its own
//! list. No lock is held meanwhile, and nobody waits for the slowest.

mod absent;
mod delivery;
mod directory;
mod filter;
mod group;
mod info;
mod local;
mod pieces;
mod posted;
mod presence;
mod room;
mod rules;

pub(crate) use absent::{Absent, Departure, Farewells, Manner};
pub use delivery::Delivery;
pub(crate) use delivery::Receipt;
pub(crate) use directory::Directory;
pub use directory::Rooms;
pub(crate) use filter::Filter;
pub(crate) use group::{Group, Piece};
pub use info::RoomInfo;
pub(crate) use local::Local;
pub(crate) use pieces::Pieces;
pub(crate) use posted::{Except, Post};
pub use posted::{Pace, Posted};
pub use presence::{Entry, Presence};
pub(crate) use presence::{Say, Step};
pub(crate) use room::{Membership, Present, Room};
pub use rules::{Denied, JoinError, RoomRules};
