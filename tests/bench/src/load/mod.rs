//! The load generator: one thread, which knows beforehand what it sends and what must come back.

mod deflate;
mod echo;
mod fanout;
mod handshakes;
mod link;
mod opening;
mod receiving;
mod script;

use std::io;
use std::time::{Duration, Instant};

use mio::{Events, Poll};

pub(crate) use deflate::Squeezers;
pub(crate) use echo::{Echo, Echoers, Growth};
pub(crate) use fanout::Room;
pub(crate) use handshakes::Handshakes;
pub(crate) use link::Target;
pub(crate) use script::Protocol;

/// After so long without any event a server counts as stuck.
const STUCK: Duration = Duration::from_secs(20);

/// What loads one server, whenever it is told to.
pub(crate) trait Crowd {
    /// Loads the server as long as `window` says, tells `watcher` when the counting begins and
    /// ends, and has nothing under way any more when it returns.
    fn work(&mut self, window: Window, watcher: &mut dyn FnMut()) -> io::Result<Counted>;
}

/// How long to let things settle, and how long to count.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub(crate) settle: Duration,
    pub(crate) count: Duration,
}

/// What has been counted, and over what time.
#[derive(Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) count: u64,
    pub(crate) time: Duration,
}

fn wait(poll: &mut Poll, events: &mut Events) -> io::Result<()> {
    match poll.poll(events, Some(STUCK)) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
        Ok(()) if events.is_empty() => {
            Err(io::Error::new(io::ErrorKind::TimedOut, "the server says nothing any more"))
        }
        result => result,
    }
}

/// Has `turn` told whether to put something new under way for what is complete, over and over until
/// the meter says that it is over, and then until nothing is under way any more. A turn tells how
/// much is complete, and how much is under way after it.
fn keep_busy(
    mut meter: Meter<'_>,
    mut turn: impl FnMut(bool) -> io::Result<(usize, usize)>,
) -> io::Result<Counted> {
    let mut counted = None;
    loop {
        let (complete, under_way) = turn(counted.is_none())?;
        if counted.is_none() {
            counted = meter.add(complete as u64);
        }
        if let Some(counted) = counted.filter(|_| under_way == 0) {
            return Ok(counted);
        }
    }
}

/// Counts what happens within a [`Window`], and tells `watcher` when the counting begins and ends.
struct Meter<'a> {
    window: Window,
    start: Instant,
    counting: Option<Instant>,
    count: u64,
    watcher: &'a mut dyn FnMut(),
}

impl<'a> Meter<'a> {
    fn new(window: Window, watcher: &'a mut dyn FnMut()) -> Self {
        Self { window, start: Instant::now(), counting: None, count: 0, watcher }
    }

    /// Adds to the count. Tells the result once the window is over.
    fn add(&mut self, count: u64) -> Option<Counted> {
        let now = Instant::now();
        match self.counting {
            None => {
                if now - self.start >= self.window.settle {
                    (self.watcher)();
                    self.counting = Some(Instant::now());
                }
                None
            }
            Some(since) => {
                self.count += count;
                let time = now - since;
                // A server that does nothing is stuck, not slow: it is to run into that error.
                if time < self.window.count || self.count == 0 {
                    return None;
                }
                (self.watcher)();
                Some(Counted { count: self.count, time })
            }
        }
    }
}
