//! The network: chips, and TCP streams over a stack.

mod chip;
pub mod net;
mod stellaris;

pub use chip::{Chip, LONGEST_FRAME};
pub use stellaris::Stellaris;
