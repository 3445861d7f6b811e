//! Compression (permessage-deflate, RFC 7692): what may be told, and what is shared. Inflating is
//! `ws_core`'s.

mod compressor;
mod pool;
mod settings;

pub(crate) use compressor::Compressor;
pub(crate) use pool::{Pool, WINDOWS, index};
pub use settings::{Compression, Level};

use ws_core::Misuse;
use ws_core::deflate::Inflate;
use ws_core::handshake::Flow;

/// What inflates messages: its window is its own.
pub(crate) type Inflater = Inflate<Box<[u8]>>;

/// One that takes messages like this, and has a window of just that size.
pub(crate) fn inflater(
    flow: Flow,
    max_message: u64,
    compression: &Compression,
) -> Result<Box<Inflater>, Misuse> {
    let window = vec![0; flow.window.bytes()].into_boxed_slice();
    let inflate = Inflate::new(window, flow)?.with_max_message(max_message);
    Ok(Box::new(inflate.with_density(compression.density)))
}

/// What an inflater keeps.
pub(crate) fn retained(inflater: &Inflater) -> usize {
    size_of::<Inflater>() + inflater.flow().window.bytes()
}
