//! One frame: its header, its mask, and what a Close frame carries.

mod close;

pub use close::CloseCode;
