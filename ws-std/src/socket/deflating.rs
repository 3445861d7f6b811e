//! Compression of what a socket sends, and of what it receives.

use ws_core::handshake::{Agreement, Flow, Takeover};
use ws_core::{Role, Side};

use super::Settings;
use crate::actor::Compress;
use crate::deflate::{Compression, Compressor, Inflater, inflater};

/// What compresses the messages of a socket.
pub(super) struct Deflating {
    settings: Compression,
    flow: Flow,
    /// Made for the first message that is worth it.
    compressor: Option<Box<Compressor>>,
    scratch: Vec<u8>,
}

/// What compresses and what inflates, as far as that was agreed on.
pub(super) fn both<R: Role>(
    settings: &Settings,
    agreed: Option<Agreement>,
) -> (Option<Deflating>, Option<Box<Inflater>>) {
    let Some((compression, agreed)) = settings.compression.zip(agreed) else {
        return (None, None);
    };
    let (sends, receives) = match R::SIDE {
        Side::Server => (agreed.server, agreed.client),
        Side::Client => (agreed.client, agreed.server),
    };
    let inflater = inflater(receives, settings.max_message, &compression).ok();
    (Some(Deflating::new(compression, sends)), inflater)
}

impl Deflating {
    const fn new(settings: Compression, flow: Flow) -> Self {
        Self { settings, flow, compressor: None, scratch: Vec::new() }
    }

    /// The message compressed, in memory to be [put back](Self::put_back); none if it is to leave as
    /// it is.
    pub(super) fn deflate(&mut self, payload: &[u8], compress: Compress) -> Option<Vec<u8>> {
        if !self.settings.wants(compress, payload.len()) {
            return None;
        }
        let Self { settings, flow, compressor, .. } = self;
        let make = || Box::new(Compressor::new(settings.level, flow.window));
        let compressor = compressor.get_or_insert_with(make);
        let mut out = std::mem::take(&mut self.scratch);
        let forgets = flow.takeover == Takeover::Forget;
        if forgets {
            compressor.reset();
        }
        let is_done = compressor.compress(std::iter::once(payload), &mut out);
        // What is in its history must be sent like that.
        if is_done && (!forgets || out.len() < payload.len()) {
            return Some(out);
        }
        compressor.reset();
        self.put_back(out);
        None
    }

    pub(super) fn put_back(&mut self, mut scratch: Vec<u8>) {
        scratch.clear();
        scratch.shrink_to(MOST_SCRATCH);
        self.scratch = scratch;
    }
}

/// So much memory for compressed messages is kept.
const MOST_SCRATCH: usize = 64 << 10;
