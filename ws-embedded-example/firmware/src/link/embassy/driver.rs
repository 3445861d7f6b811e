//! A chip as `embassy-net` sees it.

use core::fmt;
use core::task::Context;

use embassy_net::driver::{self, Capabilities, Driver, HardwareAddress, LinkState};

use super::super::MAC;
use super::super::chip::{Chip, LONGEST_FRAME};
use super::super::frames::{Frames, Received, Room};
use crate::board;

/// A chip, and the line of its interrupt, which wakes the task of the stack.
pub struct Link<C> {
    chip: C,
    line: u16,
    frames: &'static mut Frames,
}

impl<C: Chip> Link<C> {
    /// A chip that runs.
    pub const fn new(chip: C, line: u16, frames: &'static mut Frames) -> Self {
        Self { chip, line, frames }
    }

    /// Lets the next frame wake the task, and one that has arrived meanwhile, too.
    fn listen(&mut self, context: &Context<'_>) {
        board::wake_by_interrupt(context.waker());
        self.chip.listen();
        board::listen_to(self.line);
        if self.chip.has_frame() {
            context.waker().wake_by_ref();
        }
    }

    /// Whether there is room for a frame to send. There will be as soon as the last one has left, which
    /// takes no longer than a frame: the task comes again until then, and others have their turn.
    fn has_room(&self, context: &Context<'_>) -> bool {
        let has_room = self.chip.has_room();
        if !has_room {
            context.waker().wake_by_ref();
        }
        has_room
    }
}

impl<C: Chip> Driver for Link<C> {
    type RxToken<'a>
        = Received<'a>
    where
        Self: 'a;
    type TxToken<'a>
        = Room<'a, C>
    where
        Self: 'a;

    fn receive(&mut self, context: &mut Context<'_>) -> Option<(Received<'_>, Room<'_, C>)> {
        // What arrives may have to be answered at once.
        if !self.has_room(context) {
            return None;
        }
        let Some(len) = self.chip.receive(&mut self.frames.received) else {
            self.listen(context);
            return None;
        };
        self.frames.arrived(len, &mut self.chip)
    }

    fn transmit(&mut self, context: &mut Context<'_>) -> Option<Room<'_, C>> {
        let has_room = self.has_room(context);
        has_room.then_some(self.frames.room(&mut self.chip))
    }

    /// Nobody asks the PHY: without a network there is no client, and what was open ends by itself.
    fn link_state(&mut self, _: &mut Context<'_>) -> LinkState {
        LinkState::Up
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = LONGEST_FRAME;
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        HardwareAddress::Ethernet(MAC)
    }
}

impl driver::RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, look: F) -> R {
        look(self.0)
    }
}

impl<C: Chip> driver::TxToken for Room<'_, C> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, len: usize, fill: F) -> R {
        self.send(len, fill)
    }
}

impl<C> fmt::Debug for Link<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("line", &self.line).finish_non_exhaustive()
    }
}
