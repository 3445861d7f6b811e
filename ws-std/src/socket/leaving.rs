//! Ending the stream so that the peer reads our Close, and not a reset.

use std::io::Read;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use ws_core::Role;
use ws_core::connection::Leaving;

use super::Control;

/// How long a peer that has nothing more to say may take to end the stream.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// How much of what such a peer still sends is read and thrown away.
const LINGER_BYTES: usize = 256 * 1024;

/// Ends the stream as [`Leaving`] says, once our Close has left. What fails here changes nothing:
/// the conversation is over.
pub(super) fn leave<R: Role>(stream: &mut impl Read, control: &dyn Control, until: Instant) {
    let until = until.min(Instant::now() + LINGER);
    let _ = control.set_write_timeout(Some(LINGER));
    if Leaving::of(R::SIDE) == Leaving::ShutThenDiscard {
        let _ = control.shutdown(Shutdown::Write);
    }
    let (mut left, mut waste) = (LINGER_BYTES, [0; 4096]);
    while left > 0 {
        let wait = until.saturating_duration_since(Instant::now());
        if wait.is_zero() || control.set_read_timeout(Some(wait)).is_err() {
            break;
        }
        match stream.read(&mut waste) {
            Ok(0) | Err(_) => break,
            Ok(len) => left = left.saturating_sub(len),
        }
    }
    let _ = control.shutdown(Shutdown::Both);
}
