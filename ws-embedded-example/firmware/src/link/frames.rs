//! Ethernet frames between a chip and a network stack.

use super::chip::{Chip, LONGEST_FRAME};

/// A frame that has arrived, and one that is to be sent.
pub struct Frames {
    pub(super) received: [u8; LONGEST_FRAME],
    sent: [u8; LONGEST_FRAME],
}

impl Frames {
    /// Two frames of nothing.
    pub const EMPTY: Self = Self { received: [0; LONGEST_FRAME], sent: [0; LONGEST_FRAME] };

    /// The frame of `len` bytes that the chip has put here, and room for the answer.
    pub(super) fn arrived<'a, C>(
        &'a mut self,
        len: usize,
        chip: &'a mut C,
    ) -> Option<(Received<'a>, Room<'a, C>)> {
        let received = Received(self.received.get_mut(..len)?);
        Some((received, Room { chip, frame: &mut self.sent }))
    }

    /// Room for a frame that the chip is to send.
    pub(super) const fn room<'a, C>(&'a mut self, chip: &'a mut C) -> Room<'a, C> {
        Room { chip, frame: &mut self.sent }
    }
}

/// A frame that has arrived.
#[derive(Debug)]
pub struct Received<'a>(pub(super) &'a mut [u8]);

/// Room for a frame to send.
#[derive(Debug)]
pub struct Room<'a, C> {
    chip: &'a mut C,
    frame: &'a mut [u8; LONGEST_FRAME],
}

impl<C: Chip> Room<'_, C> {
    pub(super) fn send<R>(self, len: usize, fill: impl FnOnce(&mut [u8]) -> R) -> R {
        // The stack keeps to the largest frame that it was told.
        let frame = self.frame.get_mut(..len).unwrap_or_default();
        let result = fill(frame);
        self.chip.send(frame);
        result
    }
}
