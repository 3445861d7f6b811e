//! Why a supervisor ends by itself.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use super::child::loggable;
use crate::actor::Reason;

/// Why a supervisor has ended by itself: what is in its [`Reason::Error`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// Its children ended too often; this one was the last, for this reason.
    GaveUp(Cow<'static, str>, Reason),
    /// This child did not start when the supervisor did, for this reason.
    NotStarted(Cow<'static, str>, Reason),
    /// Two children are called so.
    Twice(Cow<'static, str>),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GaveUp(child, reason) => {
                write!(f, "children ended too often, the last was {}: {reason}", loggable(child))
            }
            Self::NotStarted(child, reason) => {
                write!(f, "the child {} did not start: {reason}", loggable(child))
            }
            Self::Twice(child) => write!(f, "two children are called {}", loggable(child)),
        }
    }
}

impl Error for Failure {}
