//! Why a supervisor ends by itself.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use super::child::loggable;
use crate::actor::Reason;

/// Why a supervisor has ended by itself: what is in its [`Reason::Error`].
#[derive(Clone)]
#[non_exhaustive]
pub enum Failure {
    /// Its children ended too often.
    GaveUp {
        /// The last that did.
        child: Cow<'static, str>,
        /// Why.
        reason: Reason,
    },
    /// A child did not start when the supervisor did.
    NotStarted {
        /// Which.
        child: Cow<'static, str>,
        /// Why.
        reason: Reason,
    },
    /// Two children are called the same.
    Twice {
        /// How.
        child: Cow<'static, str>,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GaveUp { child, reason } => {
                write!(f, "children ended too often, the last was {}: {reason}", loggable(child))
            }
            Self::NotStarted { child, reason } => {
                write!(f, "the child {} did not start: {reason}", loggable(child))
            }
            Self::Twice { child } => write!(f, "two children are called {}", loggable(child)),
        }
    }
}

/// What is said of it, and no name that may be secret.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Failure({self})")
    }
}

impl Error for Failure {}
