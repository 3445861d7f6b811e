//! Members who do not get a message for what is remembered of them.

use std::any::Any;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::pool::guard;

type Test = dyn Fn(&dyn Any) -> bool + Send + Sync;

/// Whom a message is for: the program's question, put on each member's own thread.
pub(crate) struct Filter {
    test: Option<Box<Test>>,
    /// It has panicked, and is not asked any more.
    failed: AtomicBool,
}

impl Filter {
    /// For those with a state of this type, of which this is true.
    pub(crate) fn new<S: 'static>(test: impl Fn(&S) -> bool + Send + Sync + 'static) -> Self {
        let test = move |state: &dyn Any| state.downcast_ref().is_some_and(&test);
        Self { test: Some(Box::new(test)), failed: AtomicBool::new(false) }
    }

    /// Whether the message is for a member with this state.
    pub(crate) fn admits(&self, state: &dyn Any) -> bool {
        let Some(test) = self.test.as_ref().filter(|_| !self.failed.load(Ordering::Relaxed)) else {
            return false;
        };
        guard(|| test(state)).unwrap_or_else(|panic| {
            self.failed.store(true, Ordering::Relaxed);
            tracing::error!(%panic, "a filter panicked");
            false
        })
    }
}

/// What it was made of is the program's, and so is what dropping that does.
impl Drop for Filter {
    fn drop(&mut self) {
        let test = self.test.take();
        if guard(|| drop(test)).is_err() {
            tracing::error!("dropping a filter panicked");
        }
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter").finish_non_exhaustive()
    }
}
