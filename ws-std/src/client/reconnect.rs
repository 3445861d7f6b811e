//! Connecting again and again, until somebody says stop.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::backoff::{Advice, Backoff};
use super::error::ConnectError;

/// Says stop to whoever waits for the next attempt: clones are the same switch.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// A switch that nobody has used.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops: a wait ends at once.
    pub fn stop(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Whether somebody has said stop.
    pub fn is_stopped(&self) -> bool {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits so long, or until somebody says stop, and tells whether it may go on.
    pub(super) fn wait(&self, span: Duration) -> bool {
        let begin = Instant::now();
        let mut stopped = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !*stopped {
            let left = span.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return true;
            }
            let waited = self.0.1.wait_timeout(stopped, left);
            stopped = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        false
    }
}

/// Calls `session` until it, or what went wrong, says that there is no use, or `stop` is used.
///
/// A session connects, talks, and tells what to do next: [`Advice::of_close`] and
/// [`Advice::of_error`] know what the end of a conversation means, and an attempt to connect that
/// failed may be returned as it is.
///
/// ```no_run
/// use ws_std::client::{Advice, Backoff, Stop, reconnecting};
///
/// let stop = Stop::new();
/// let outcome = reconnecting(Backoff::new(), &stop, || {
///     let mut socket = ws_std::connect("wss://example.com/feed")?;
///     loop {
///         match socket.receive() {
///             Ok(Some(message)) => println!("{message:?}"),
///             Ok(None) => return Ok(socket.ended().map_or(Advice::GiveUp, Advice::of_close)),
///             Err(error) => return Ok(Advice::of_error(&error)),
///         }
///     }
/// });
/// ```
///
/// # Errors
///
/// The last attempt's, if another one is of no use.
pub fn reconnecting(
    mut backoff: Backoff,
    stop: &Stop,
    mut session: impl FnMut() -> Result<Advice, ConnectError>,
) -> Result<(), ConnectError> {
    while !stop.is_stopped() {
        let begin = Instant::now();
        let result = session();
        let advice = match &result {
            Ok(advice) => {
                backoff.lasted(begin.elapsed());
                *advice
            }
            Err(error) => Advice::of_refusal(error),
        };
        match advice {
            Advice::GiveUp => return result.map(drop),
            Advice::Retry => {}
            Advice::RetryAfter(span) => backoff.hint(span),
        }
        if !stop.wait(backoff.next_delay(random())) {
            break;
        }
    }
    Ok(())
}

/// Without entropy half of the longest delay will do.
fn random() -> u64 {
    getrandom::u64().unwrap_or(u64::MAX / 2)
}
