//! The network: chips, and TCP streams over two stacks.

mod chip;
pub mod embassy;
mod frames;
mod lan9118;
pub mod net;
mod stellaris;

pub use chip::{Chip, LONGEST_FRAME};
pub use frames::{Frames, Received, Room};
pub use lan9118::Lan9118;
pub use stellaris::Stellaris;

use core::net::Ipv4Addr;

use ws_core::connection::Millis;

/// Locally administered, as befits an address that nobody has assigned.
pub const MAC: [u8; 6] = [0x02, 0, 0, 0, 0, 1];

/// The address that QEMU's network gives to its first guest.
pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);

/// How much of an address is the network's.
const PREFIX: u8 = 24;

/// The way out of it, and the host's loopback.
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

/// Where clients find us.
pub const PORT: u16 = 80;

/// How long a peer may be silent that owes us an acknowledgement.
const PATIENCE: Millis = Millis::seconds(20);
