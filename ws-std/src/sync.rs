//! What threads share, where it matters in which order they meet.
//!
//! With `--cfg interleavings` the unit tests take all of it from a checker that decides who goes on
//! at each step: then `interleavings` runs, and nothing else. Everybody else gets what the standard
//! library and the system have.

#[cfg(not(all(test, interleavings)))]
pub(crate) use {
    mio::Waker,
    std::sync::atomic::{AtomicBool, AtomicUsize},
    std::sync::{Condvar, Mutex, MutexGuard, RwLock, mpsc},
    std::thread,
};

#[cfg(all(test, interleavings))]
pub(crate) use {
    checked::{Condvar, Waker},
    shuttle::sync::atomic::{AtomicBool, AtomicUsize},
    shuttle::sync::{Mutex, MutexGuard, RwLock, mpsc},
    shuttle::thread,
};

#[cfg(test)]
#[cfg(interleavings)]
mod checked {
    use std::io;
    use std::sync::LockResult;
    use std::time::Duration;

    use shuttle::sync::atomic::{AtomicBool, Ordering};
    use shuttle::sync::{self, Mutex, MutexGuard};

    /// What wakes a shard that waits for sockets: here it waits for nothing else.
    #[derive(Debug, Default)]
    pub(crate) struct Waker {
        is_woken: Mutex<bool>,
        woken: Condvar,
    }

    /// Where threads wait, for as long as a test says.
    #[derive(Debug, Default)]
    pub(crate) struct Condvar {
        condvar: sync::Condvar,
        is_late: AtomicBool,
    }

    /// Whether it was too late when a thread had waited.
    pub(crate) struct Waited(bool);

    impl Waited {
        pub(crate) fn timed_out(&self) -> bool {
            self.0
        }
    }

    impl Condvar {
        pub(crate) fn new() -> Self {
            Self::default()
        }

        pub(crate) fn notify_one(&self) {
            self.condvar.notify_one();
        }

        pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
            self.condvar.wait(guard).unwrap()
        }

        pub(crate) fn wait_timeout<'a, T>(
            &self,
            mut guard: MutexGuard<'a, T>,
            _: Duration,
        ) -> LockResult<(MutexGuard<'a, T>, Waited)> {
            if !self.is_late.load(Ordering::SeqCst) {
                guard = self.wait(guard);
            }
            Ok((guard, Waited(self.is_late.load(Ordering::SeqCst))))
        }

        /// Whoever waits has waited too long. The lock must be held.
        pub(crate) fn is_late(&self) {
            self.is_late.store(true, Ordering::SeqCst);
            self.condvar.notify_all();
        }
    }

    impl Waker {
        pub(crate) fn new(_: &mio::Registry, _: mio::Token) -> io::Result<Self> {
            Ok(Self::default())
        }

        pub(crate) fn wake(&self) -> io::Result<()> {
            *self.is_woken.lock().unwrap() = true;
            self.woken.notify_one();
            Ok(())
        }

        /// Waits until it is woken, if it has not been since it waited last.
        pub(crate) fn wait(&self) {
            let mut is_woken = self.is_woken.lock().unwrap();
            while !std::mem::take(&mut *is_woken) {
                is_woken = self.woken.wait(is_woken);
            }
        }
    }
}
