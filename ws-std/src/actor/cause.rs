//! An error that an actor has ended for.

use std::error::Error;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::pool::guard;

/// The error of a [`Reason::Error`](crate::Reason::Error): many may be told of it, so it is shared.
/// It is used like the error that it is.
///
/// ```
/// use ws_std::Reason;
///
/// let reason = Reason::error("twelve".parse::<u8>().unwrap_err());
/// let Reason::Error(cause) = &reason else { unreachable!() };
/// assert!(cause.downcast_ref::<std::num::ParseIntError>().is_some());
/// ```
#[derive(Clone)]
pub struct Cause(Option<Arc<Shared>>);

type Shared = dyn Error + Send + Sync;

impl Cause {
    /// This error.
    pub fn new(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(error)))
    }
}

impl Deref for Cause {
    type Target = dyn Error + Send + Sync;

    fn deref(&self) -> &Self::Target {
        // There is one until this is dropped.
        self.0.as_deref().unwrap_or(&fmt::Error)
    }
}

/// What it says is the program's, and is asked for where a log is written: a panic harms nobody.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = guard(|| (**self).to_string());
        f.write_str(words.as_deref().unwrap_or("an error that panicked when it was to be told"))
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = guard(|| format!("{:?}", &**self));
        f.write_str(words.as_deref().unwrap_or("an error that panicked when it was to be told"))
    }
}

/// It is the program's, and so is what dropping it does, on whatever thread is the last to know it.
impl Drop for Cause {
    fn drop(&mut self) {
        let error = self.0.take();
        if guard(|| drop(error)).is_err() {
            tracing::error!("dropping the error of a reason panicked");
        }
    }
}
