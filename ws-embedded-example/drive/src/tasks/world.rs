//! What all tasks share.

use core::cell::Cell;
use core::fmt;

use device_app::{Device, Vitals};
use embassy_futures::select::{Either, select};
use ws_core::Entropy;
use ws_core::connection::{Millis, Time, Timing};

/// What the tasks ask of the machine that they run on.
pub trait Machine {
    /// The time since the start.
    fn now(&self) -> Time;

    /// Waits until a moment.
    fn sleep_until(&self, moment: Time) -> impl Future<Output = ()>;

    /// Fills `bytes` with random ones.
    fn fill(&self, bytes: &mut [u8]);

    /// What the board knows of itself at this moment.
    fn vitals(&self) -> Vitals;

    /// Switches the output.
    fn switch(&self, on: bool);
}

/// The device, and the machine that it lives on. Tasks of one thread share it.
pub struct World<M> {
    device: Cell<Device>,
    machine: M,
    timing: Timing,
}

impl<M: Machine> World<M> {
    /// A device that has not done anything yet.
    pub fn new(machine: M, timing: Timing) -> Self {
        Self { device: Cell::new(Device::default()), machine, timing }
    }

    /// How the device stands.
    pub fn device(&self) -> Device {
        self.device.get()
    }

    /// The machine.
    pub const fn machine(&self) -> &M {
        &self.machine
    }

    pub(super) const fn timing(&self) -> Timing {
        self.timing
    }

    /// Changes the device, and what it switches.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Device) -> T) -> T {
        let mut device = self.device.get();
        let result = change(&mut device);
        self.device.set(device);
        self.machine.switch(device.output);
        result
    }

    pub(super) fn now(&self) -> Time {
        self.machine.now()
    }

    /// The clock, as a connection wants it.
    pub(super) fn clock(&self) -> impl FnMut() -> Time {
        || self.now()
    }

    /// The entropy, as a connection wants it.
    pub(super) fn entropy(&self) -> impl Entropy {
        |bytes: &mut [u8]| self.machine.fill(bytes)
    }

    /// Waits for a future, but no longer than for so long.
    pub(super) fn within<F: Future>(
        &self,
        span: Millis,
        future: F,
    ) -> impl Future<Output = Either<F::Output, ()>> {
        self.until(self.now().after(span), future)
    }

    /// Waits for a future, but not beyond a moment. The future comes first.
    pub(super) fn until<F: Future>(
        &self,
        moment: Time,
        future: F,
    ) -> impl Future<Output = Either<F::Output, ()>> {
        select(future, self.machine.sleep_until(moment))
    }

    pub(super) async fn rest(&self, span: Millis) {
        self.machine.sleep_until(self.now().after(span)).await;
    }
}

impl<M> fmt::Debug for World<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("device", &self.device).finish_non_exhaustive()
    }
}
