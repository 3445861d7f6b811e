//! A chip as `smoltcp` sees it.

use smoltcp::phy::{self, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

use super::super::chip::{Chip, LONGEST_FRAME};

/// A frame that has arrived, and one that is to be sent.
pub struct Frames {
    received: [u8; LONGEST_FRAME],
    sent: [u8; LONGEST_FRAME],
}

impl Frames {
    /// Two frames of nothing.
    pub const EMPTY: Self = Self { received: [0; LONGEST_FRAME], sent: [0; LONGEST_FRAME] };
}

impl core::fmt::Debug for Frames {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Frames").finish_non_exhaustive()
    }
}

pub(super) struct Device<'m, C> {
    chip: C,
    frames: &'m mut Frames,
}

impl<'m, C> Device<'m, C> {
    pub(super) const fn new(chip: C, frames: &'m mut Frames) -> Self {
        Self { chip, frames }
    }

    pub(super) const fn chip(&mut self) -> &mut C {
        &mut self.chip
    }
}

impl<C: Chip> phy::Device for Device<'_, C> {
    type RxToken<'a>
        = Received<'a>
    where
        Self: 'a;
    type TxToken<'a>
        = Room<'a, C>
    where
        Self: 'a;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Room<'_, C>)> {
        // What arrives may have to be answered at once.
        if !self.chip.has_room() {
            return None;
        }
        let len = self.chip.receive(&mut self.frames.received)?;
        let received = Received(self.frames.received.get(..len)?);
        Some((received, Room { chip: &mut self.chip, frame: &mut self.frames.sent }))
    }

    fn transmit(&mut self, _: Instant) -> Option<Room<'_, C>> {
        let has_room = self.chip.has_room();
        has_room.then_some(Room { chip: &mut self.chip, frame: &mut self.frames.sent })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = LONGEST_FRAME;
        capabilities
    }
}

pub(super) struct Received<'a>(&'a [u8]);

impl phy::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, look: F) -> R {
        look(self.0)
    }
}

pub(super) struct Room<'a, C> {
    chip: &'a mut C,
    frame: &'a mut [u8; LONGEST_FRAME],
}

impl<C: Chip> phy::TxToken for Room<'_, C> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        // The stack keeps to the largest frame that it was told.
        let frame = self.frame.get_mut(..len).unwrap_or_default();
        let result = fill(frame);
        self.chip.send(frame);
        result
    }
}
