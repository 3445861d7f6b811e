//! The host's side of the example: builds the firmware and boots it in an emulator, or serves the
//! same app over this host's TCP.

mod board;
mod emulator;
pub mod host;
mod image;
mod logs;

pub use board::Board;
pub use emulator::{Emulator, Options};
pub use image::build;
