//! Runs tasks: `embassy-executor`, in a loop of our own, which knows how much the processor sleeps.

use core::sync::atomic::{AtomicBool, Ordering};

use embassy_executor::raw::Executor;
use embassy_executor::{SpawnError, SpawnToken, Spawner};
use static_cell::StaticCell;

use super::{Meter, alarms, semihosting};

static EXECUTOR: StaticCell<Executor> = StaticCell::new();

/// A task is to be polled.
static PENDING: AtomicBool = AtomicBool::new(false);

/// Runs the tasks that `start` spawns, for ever; `renewed` is told each time that the meter is.
pub fn run_tasks(
    mut meter: Meter,
    start: impl FnOnce(Spawner),
    mut renewed: impl FnMut(&Meter),
) -> ! {
    let executor = EXECUTOR.try_init_with(|| Executor::new(core::ptr::null_mut()));
    let Some(executor) = executor.map(|executor| &*executor) else { semihosting::fail() };
    start(executor.spawner());
    loop {
        alarms::ring();
        PENDING.store(false, Ordering::Relaxed);
        // SAFETY: nobody else polls this executor, and no task comes here.
        unsafe { executor.poll() };
        if meter.is_renewed() {
            renewed(&meter);
        }
        meter.sleep(|| !PENDING.load(Ordering::Relaxed));
    }
}

/// Spawns a task; without a place for it in its pool the program is wrong.
pub fn spawn<S>(spawner: Spawner, task: Result<SpawnToken<S>, SpawnError>) {
    match task {
        Ok(task) => spawner.spawn(task),
        Err(_) => semihosting::fail(),
    }
}

/// What the executor calls, from tasks and from interrupts, when there is something to poll.
// SAFETY: the executor asks for a function of this name and kind, and there is no other.
#[unsafe(export_name = "__pender")]
fn pend(_: *mut ()) {
    PENDING.store(true, Ordering::Relaxed);
}
