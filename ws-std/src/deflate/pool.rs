//! What the connections of a thread share, since they keep nothing between messages.

use ws_core::handshake::{Flow, WindowBits};

use super::{Compression, Compressor, Inflater, inflater};

/// Compressors and inflaters that nobody needs now.
#[derive(Default)]
pub(crate) struct Pool {
    /// One for each size of a window, made when it is needed first.
    compressors: [Option<Box<Compressor>>; WINDOWS],
    // In their boxes, since that is how they are used.
    #[expect(clippy::vec_box)]
    inflaters: Vec<Box<Inflater>>,
    /// Where messages are compressed to.
    pub(crate) scratch: Vec<u8>,
    /// How many bytes have been inflated in what is now a connection's share of a turn.
    inflated: usize,
}

/// So many sizes there are.
pub(crate) const WINDOWS: usize = (WindowBits::MAX.bits() - WindowBits::MIN.bits()) as usize + 1;

/// So many bytes of what one read has brought are inflated before it is others' turn: a few bytes can
/// become many.
const SHARE: usize = 1 << 20;

/// So many inflaters are kept: most messages come in one piece, and need one for a moment.
const MOST_INFLATERS: usize = 8;

/// So much scratch is kept.
const MOST_SCRATCH: usize = 256 << 10;

impl Pool {
    /// A compressor that has forgotten everything.
    pub(crate) fn compressor(
        &mut self,
        settings: &Compression,
        window: WindowBits,
    ) -> Option<&mut Compressor> {
        let slot = self.compressors.get_mut(index(window))?;
        let compressor =
            slot.get_or_insert_with(|| Box::new(Compressor::new(settings.level, window)));
        compressor.reset();
        Some(compressor)
    }

    /// An inflater for a peer that forgets its window after each message.
    pub(crate) fn inflater(
        &mut self,
        flow: Flow,
        max_message: u64,
        settings: &Compression,
    ) -> Option<Box<Inflater>> {
        while let Some(mut inflater) = self.inflaters.pop() {
            if inflater.reset(flow).is_ok() {
                return Some(inflater);
            }
        }
        // Of the largest window, so that it will do for whoever comes next.
        let largest = Flow { window: WindowBits::MAX, ..flow };
        let mut inflater = inflater(largest, max_message, settings).ok()?;
        inflater.reset(flow).ok()?;
        Some(inflater)
    }

    /// Takes an inflater back.
    pub(crate) fn put_back(&mut self, inflater: Box<Inflater>) {
        if self.inflaters.len() < MOST_INFLATERS {
            self.inflaters.push(inflater);
        }
    }

    /// It is another connection's turn, or its next.
    pub(crate) const fn begin_share(&mut self) {
        self.inflated = 0;
    }

    /// So many bytes have been inflated.
    pub(crate) const fn has_inflated(&mut self, count: usize) {
        self.inflated = self.inflated.saturating_add(count);
    }

    /// Whether that is enough for now.
    pub(crate) const fn has_had_share(&self) -> bool {
        self.inflated >= SHARE
    }

    /// Takes the scratch back, empty.
    pub(crate) fn put_scratch(&mut self, mut scratch: Vec<u8>) {
        scratch.clear();
        scratch.shrink_to(MOST_SCRATCH);
        self.scratch = scratch;
    }
}

/// Which of the sizes it is.
pub(crate) fn index(window: WindowBits) -> usize {
    usize::from(window.bits().saturating_sub(WindowBits::MIN.bits()))
}
