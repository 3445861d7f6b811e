//! The time of `embassy-time`: the ticks of the processor's own timer.

use core::cell::RefCell;
use core::task::Waker;

use critical_section::Mutex;
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;

use super::now;

/// Who is to be woken, and when. Each task has its place in it.
struct Alarms(Mutex<RefCell<Queue>>);

embassy_time_driver::time_driver_impl!(static ALARMS: Alarms = Alarms(Mutex::new(RefCell::new(Queue::new()))));

/// Wakes whose moment has come. To be called whenever the processor has been woken: each tick does.
pub(super) fn ring() {
    ALARMS.with(|queue| queue.next_expiration(now().0));
}

impl Alarms {
    fn with<T>(&self, work: impl FnOnce(&mut Queue) -> T) -> Option<T> {
        critical_section::with(|section| {
            self.0.borrow(section).try_borrow_mut().ok().map(|mut queue| work(&mut queue))
        })
    }
}

impl Driver for Alarms {
    fn now(&self) -> u64 {
        now().0
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        if at <= self.now() {
            waker.wake_by_ref();
        } else {
            self.with(|queue| queue.schedule_wake(at, waker));
        }
    }
}
