//! The smallest executors that tests need.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

#[derive(Debug, Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Polls a future for as long as it wakes itself: its result, or none once it is stuck for good.
pub fn run_until_stuck<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_times(future.as_mut(), usize::MAX).0
}

/// How often a future was polled.
pub type Polls = usize;

/// Polls a future until it is ready or stuck, but at most so many times.
pub fn poll_times<F: Future>(mut future: Pin<&mut F>, most: Polls) -> (Option<F::Output>, Polls) {
    let flag = Arc::new(Flag::default());
    let waker = Waker::from(Arc::clone(&flag));
    for polls in 1..=most {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return (Some(output), polls),
            Poll::Pending if flag.0.swap(false, Ordering::SeqCst) => {}
            Poll::Pending => return (None, polls),
        }
    }
    (None, most)
}

#[derive(Debug)]
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end on this thread, which sleeps until another one wakes it.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        std::thread::park();
    }
}
