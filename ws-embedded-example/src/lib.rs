//! The host's side of the example: builds the firmware and boots it in an emulator, or serves the
//! same app over this host's TCP.

pub mod host;
