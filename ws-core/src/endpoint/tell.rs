//! What an endpoint tells to a log.

use core::fmt;

use super::Endpoint;

/// The memory is not asked to be printed.
impl<R, Rx, Tx> fmt::Debug for Endpoint<R, Rx, Tx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("incoming", &self.incoming)
            .field("inbox", &self.inbox)
            .field("outbox", &self.outbox)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl<R, Rx, Tx> defmt::Format for Endpoint<R, Rx, Tx> {
    fn format(&self, f: defmt::Formatter<'_>) {
        let Self { incoming, inbox, outbox, .. } = self;
        defmt::write!(
            f,
            "Endpoint {{ incoming: {}, inbox: {}, outbox: {} }}",
            incoming,
            inbox,
            outbox
        );
    }
}
