//! A chip as `smoltcp` sees it.

use smoltcp::phy::{self, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

use super::super::chip::{Chip, LONGEST_FRAME};
use super::super::frames::{Frames, Received, Room};

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
        self.frames.arrived(len, &mut self.chip)
    }

    fn transmit(&mut self, _: Instant) -> Option<Room<'_, C>> {
        let has_room = self.chip.has_room();
        has_room.then_some(self.frames.room(&mut self.chip))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = LONGEST_FRAME;
        capabilities
    }
}

impl phy::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, look: F) -> R {
        look(self.0)
    }
}

impl<C: Chip> phy::TxToken for Room<'_, C> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        self.send(len, fill)
    }
}
