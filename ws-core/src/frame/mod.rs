//! One frame: its header, its mask, and what a Close frame carries.

mod close;
mod header;
mod mask;

pub use close::{Close, CloseCode, MAX_REASON};
pub use header::{
    Header, HeaderBytes, Kind, MAX_CONTROL, MAX_HEADER, Opcode, Reserved, header_len,
};
pub use mask::Mask;

pub(crate) use header::{FirstByte, MASK_BIT};
