//! The clocks of a connection, on the system's time.

use std::time::{Duration, Instant};

use ws_core::Event;
use ws_core::connection::{Deadlines, Due, Millis, Progress, Time, Timing};

/// A deadline beyond this is as good as none.
const FAR: Duration = Duration::from_secs(7 * 24 * 3600);

/// The deadlines of a connection and where its time began.
pub(super) struct Clocks {
    begin: Instant,
    timing: Timing,
    deadlines: Deadlines,
}

impl Clocks {
    /// Of a connection whose opening handshake has just ended.
    pub(super) fn new(timing: Timing) -> Self {
        let mut deadlines = Deadlines::new(&timing, Time(0));
        deadlines.opened(&timing, Time(0), u8::from_ne_bytes(random()));
        Self { begin: Instant::now(), timing, deadlines }
    }

    /// How long until something is due; none if nothing will be, or so late that it needs no timer.
    pub(super) fn until_due(&self) -> Option<Duration> {
        let span = self.deadlines.poll_timeout().0.saturating_sub(self.now().0);
        Some(Duration::from_millis(span)).filter(|span| *span < FAR)
    }

    /// What is due now.
    pub(super) fn due(&mut self) -> Option<Due> {
        self.deadlines.handle_timeout(&self.timing, self.now(), random)
    }

    pub(super) fn event(&mut self, event: &Event, payload: &[u8]) {
        self.deadlines.event(&self.timing, self.now(), event, payload);
    }

    pub(super) fn read(&mut self, progress: Progress) {
        self.deadlines.read(&self.timing, self.now(), progress);
    }

    pub(super) fn ping_left(&mut self) {
        self.deadlines.ping_left(&self.timing, self.now());
    }

    pub(super) fn closing(&mut self) {
        self.deadlines.closing(&self.timing, self.now());
    }

    /// The program is busy with something else than receiving.
    pub(super) fn pause(&mut self) {
        self.deadlines.pause(self.now());
    }

    pub(super) fn resume(&mut self) {
        self.deadlines.resume(self.now());
    }

    pub(super) const fn close_within(&self) -> Duration {
        duration(self.timing.close_within)
    }

    fn now(&self) -> Time {
        Time(u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// Without entropy the nonce of a Ping is one that could be guessed, which harms nobody but the
/// peer that does.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let _ = getrandom::fill(&mut bytes);
    bytes
}

const fn duration(span: Millis) -> Duration {
    Duration::from_millis(span.0 as u64)
}

/// The same, as far as it goes: 49 days.
pub(crate) fn millis(span: Duration) -> Millis {
    Millis(u32::try_from(span.as_millis()).unwrap_or(u32::MAX))
}
