//! The network: chips, and TCP streams over a stack.

mod chip;
mod lan9118;
pub mod net;
mod stellaris;

pub use chip::{Chip, LONGEST_FRAME};
pub use lan9118::Lan9118;
pub use stellaris::Stellaris;
