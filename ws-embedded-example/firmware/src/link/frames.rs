//! Ethernet frames between a chip and a network stack.

use super::chip::{Chip, LONGEST_FRAME};

/// A frame that has arrived, and one that is to be sent.
pub struct Frames {
    pub(super) received: [u8; LONGEST_FRAME],
    pub(super) sent: [u8; LONGEST_FRAME],
}

impl Frames {
    /// Two frames of nothing.
    pub const EMPTY: Self = Self { received: [0; LONGEST_FRAME], sent: [0; LONGEST_FRAME] };
}

/// A frame that has arrived.
#[derive(Debug)]
pub struct Received<'a>(pub(super) &'a mut [u8]);

/// Room for a frame to send.
#[derive(Debug)]
pub struct Room<'a, C> {
    pub(super) chip: &'a mut C,
    pub(super) frame: &'a mut [u8; LONGEST_FRAME],
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
