//! Threads for what blocks.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::sync::{Condvar, Mutex, MutexGuard, thread};

/// A bounded number of threads, made when they are needed and ended when they are not, and a bounded
/// number of closures that wait for one.
pub(crate) struct Pool {
    state: Mutex<State>,
    work: Condvar,
    most: usize,
    most_waiting: usize,
}

/// No more closures are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

type Job = Box<dyn FnOnce() + Send>;

/// A thread that has had nothing to do for so long ends.
const PATIENCE: Duration = Duration::from_secs(10);

impl Pool {
    /// Of at most so many threads, for whom at most so many closures wait: at least one of each.
    pub(crate) fn new(most: usize, most_waiting: usize) -> Arc<Self> {
        let state = Mutex::new(State::default());
        let (most, most_waiting) = (most.max(1), most_waiting.max(1));
        Arc::new(Self { state, work: Condvar::new(), most, most_waiting })
    }

    /// Runs `work`, and then `done` with what came of it, or with what a panic said; neither if too
    /// much waits.
    pub(crate) fn run<T: 'static>(
        self: &Arc<Self>,
        work: impl FnOnce() -> T + Send + 'static,
        done: impl FnOnce(Result<T, Arc<str>>) + Send + 'static,
    ) -> Result<(), Full> {
        let job: Job = Box::new(move || {
            // What comes of it is dropped here if nobody waits for it any more.
            let _told = guard(|| done(guard(work)));
        });
        let mut state = self.lock();
        if state.waiting.len() >= self.most_waiting {
            return Err(Full);
        }
        state.waiting.push_back(job);
        if state.waiting.len() <= state.idle || state.threads >= self.most {
            self.work.notify_one();
            return Ok(());
        }
        state.threads += 1;
        drop(state);
        let pool = self.clone();
        let thread = thread::Builder::new().name("ws-blocking".to_owned());
        if thread.spawn(move || pool.serve()).is_err() {
            let mut state = self.lock();
            state.threads -= 1;
            // Without a single thread the closure would wait for ever: it then runs here, and this
            // shard waits for it, which is bad, but not as bad.
            let job = if state.threads == 0 { state.waiting.pop_back() } else { None };
            drop(state);
            if let Some(job) = job {
                job();
            }
        }
        Ok(())
    }

    /// How many closures wait for a thread.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    fn serve(&self) {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                drop(state);
                job();
                state = self.lock();
                continue;
            }
            state.idle += 1;
            let waited = self.work.wait_timeout(state, PATIENCE);
            let (guard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = guard;
            state.idle -= 1;
            if timeout.timed_out() && state.waiting.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came of work.
pub(crate) struct Outcome(Option<Box<dyn Any + Send>>);

impl Outcome {
    pub(crate) fn of(result: impl Any + Send) -> Self {
        Self(Some(Box::new(result)))
    }

    /// What it is, if it is of this type.
    pub(crate) fn downcast<T: 'static>(mut self) -> Option<T> {
        self.0.take()?.downcast().ok().map(|result| *result)
    }
}

/// It is the program's, and so is what dropping it does, wherever nobody waits for it any more.
impl Drop for Outcome {
    fn drop(&mut self) {
        let result = self.0.take();
        if guard(|| drop(result)).is_err() {
            tracing::error!("dropping the result of work panicked");
        }
    }
}

/// Runs the program's code, and tells what it said if it panicked.
pub(crate) fn guard<R>(code: impl FnOnce() -> R) -> Result<R, Arc<str>> {
    // What may be left broken is what the code was about, and that is thrown away.
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| {
        let message = message_of(&*panic);
        // What was thrown may panic when it is dropped, and what it throws then may do so again:
        // that is left lying.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(again);
        }
        message
    })
}

/// What a panic said.
pub(crate) fn message_of(panic: &(dyn Any + Send)) -> Arc<str> {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
        .into()
}

#[cfg(all(test, interleavings))]
impl Pool {
    /// Its threads have had nothing to do for too long.
    pub(crate) fn is_late(&self) {
        let _state = self.lock();
        self.work.is_late();
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("most", &self.most).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn more_work_than_threads_is_all_done() {
        let pool = Pool::new(2, 50);
        let (done, results) = mpsc::channel();
        for number in 0..50 {
            let done = done.clone();
            let done = move |result: Result<_, _>| done.send(result.unwrap()).unwrap();
            pool.run(move || number * 2, done).unwrap();
        }
        let mut all: Vec<i32> = results.iter().take(50).collect();
        all.sort_unstable();
        assert_eq!(all, (0..50).map(|number| number * 2).collect::<Vec<_>>());
        assert!(pool.lock().threads <= 2);
        assert_eq!(pool.waiting(), 0);
    }

    /// ACTOR-01
    #[test]
    fn a_panic_is_told_and_the_thread_goes_on() {
        let pool = Pool::new(1, 50);
        let (done, results) = mpsc::channel();
        let second = done.clone();
        let told = move |result: Result<(), _>| done.send(result.is_err()).unwrap();
        pool.run(|| panic!("oh no"), told).unwrap();
        pool.run(|| (), move |result| second.send(result.is_err()).unwrap()).unwrap();
        assert_eq!(results.iter().take(2).collect::<Vec<_>>(), [true, false]);
        assert_eq!(pool.lock().threads, 1);
    }

    /// ACTOR-08, SEC-01
    #[test]
    fn no_more_waits_than_may_and_what_is_not_taken_is_given_up() {
        let pool = Pool::new(1, 2);
        let ((done, results), (begin, begun)) = (mpsc::channel(), mpsc::channel());
        let (release, held) = mpsc::channel::<()>();
        let holds = move || {
            begin.send(()).unwrap();
            held.recv().unwrap_err();
        };
        pool.run(holds, |_| ()).unwrap();
        begun.recv().unwrap();
        let run = |number: i32| {
            let done = done.clone();
            pool.run(move || number, move |result| done.send(result.unwrap()).unwrap())
        };
        assert_eq!([1, 2, 3, 4].map(run), [Ok(()), Ok(()), Err(Full), Err(Full)]);
        drop(release);
        assert_eq!([results.recv(), results.recv()], [Ok(1), Ok(2)]);
        assert_eq!(run(5), Ok(()));
        assert_eq!(results.recv(), Ok(5));
    }
}
