//! The thread behind two halves: it sends what the reader owes, and keeps the clocks.
//!
//! Why a thread, and not the reader: a write waits when the peer does not read. If readers wrote
//! their Pongs, two peers whose pipes are full could each wait in a Pong for the other to read. So
//! the reader only leaves a note in the [`Slot`], and goes on reading.
//!
//! Why no note is lost: the attendant takes notes out of the slot only while it holds the line, and
//! sleeps only after it has found the slot empty, on a condition variable of the slot's mutex: a
//! note that comes later wakes it. A writer that holds the line takes the note along at the next
//! end of a frame, for the attendant might have to wait long for the line. A note is taken by one
//! of them, and then sent before the line is given back.
//!
//! Order of the locks: line, then slot. Nothing is read or written while the slot is held.

use std::io::{self, Write};
use std::net::Shutdown;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use ws_core::Role;
use ws_core::connection::{Due, Expired, Frame, Owed};
use ws_core::frame::Close;

use super::clocks::Clocks;
use super::outlet::Outlet;
use super::{Control, Error};
use crate::actor::Outgoing;

/// How long the reader has to read what has arrived, before a deadline is taken for missed.
const GRACE: Duration = Duration::from_millis(5);

/// What both halves and the attendant share.
pub(super) struct Shared<W, R> {
    line: Mutex<Line<W, R>>,
    slot: Mutex<Slot>,
    /// Something in the slot has changed.
    changed: Condvar,
    control: Option<Arc<dyn Control>>,
}

/// The writing half of the stream, and the rules of what may leave.
pub(super) struct Line<W, R> {
    pub(super) stream: W,
    pub(super) outlet: Outlet<R>,
}

/// Notes, each held for a moment.
pub(super) struct Slot {
    owed: Option<Owed>,
    pub(super) clocks: Clocks,
    /// The program has said Close, whose answer may arrive before the writer knows that it has left.
    pub(super) said_close: bool,
    /// Our Close has left, or never will.
    pub(super) close_left: bool,
    /// The deadline that ended the stream.
    pub(super) expired: Option<Expired>,
    /// The reader is gone: nothing will be owed any more.
    dismissed: bool,
}

impl Slot {
    pub(super) const fn new(clocks: Clocks) -> Self {
        Self {
            owed: None,
            clocks,
            said_close: false,
            close_left: false,
            expired: None,
            dismissed: false,
        }
    }
}

/// Starts the attendant, which ends when it is [dismissed](Shared::dismiss).
pub(super) fn start<W, R>(shared: Arc<Shared<W, R>>) -> io::Result<()>
where
    W: Write + Send + 'static,
    R: Role + Send + 'static,
{
    let name = String::from("websocket attendant");
    thread::Builder::new().name(name).spawn(move || shared.attend()).map(drop)
}

impl<W, R> Shared<W, R> {
    pub(super) const fn new(
        line: Line<W, R>,
        slot: Slot,
        control: Option<Arc<dyn Control>>,
    ) -> Self {
        Self { line: Mutex::new(line), slot: Mutex::new(slot), changed: Condvar::new(), control }
    }

    pub(super) fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves a note for whoever has the line.
    pub(super) fn owe(&self, owed: Owed) {
        let mut slot = self.slot();
        slot.owed = Some(owed.after(slot.owed));
        self.changed.notify_all();
    }

    /// The program receives again: the clocks go on.
    pub(super) fn resume(&self) {
        self.slot().clocks.resume();
        self.changed.notify_all();
    }

    /// The attendant may go, when it has sent what is owed.
    pub(super) fn dismiss(&self) {
        self.slot().dismissed = true;
        self.changed.notify_all();
    }

    /// Waits until our Close has left, for as long as that may take, and tells when the closing
    /// must be over.
    pub(super) fn wait_for_close(&self) -> Instant {
        let mut slot = self.slot();
        let until = Instant::now() + slot.clocks.close_within();
        while !slot.close_left {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            slot = self.wait(slot, Some(left));
        }
        until
    }

    fn wait<'a>(
        &self,
        slot: MutexGuard<'a, Slot>,
        at_most: Option<Duration>,
    ) -> MutexGuard<'a, Slot> {
        match at_most {
            None => self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner),
            Some(span) => {
                self.changed.wait_timeout(slot, span).unwrap_or_else(PoisonError::into_inner).0
            }
        }
    }

    fn line(&self) -> MutexGuard<'_, Line<W, R>> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn free_line(&self) -> Option<MutexGuard<'_, Line<W, R>>> {
        match self.line.try_lock() {
            Ok(line) => Some(line),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl<W: Write, R: Role> Shared<W, R> {
    pub(super) fn send_message(&self, message: Outgoing<'_>) -> Result<(), Error> {
        let mut line = self.line();
        let Line { stream, outlet } = &mut *line;
        let pay = |outlet: &mut Outlet<R>, stream: &mut W| self.pay(outlet, stream);
        outlet.send_message(stream, message, pay)?;
        self.pay(outlet, stream)
    }

    pub(super) fn send(&self, frame: Frame, payload: &[u8]) -> Result<(), Error> {
        let mut line = self.line();
        let Line { stream, outlet } = &mut *line;
        self.pay(outlet, stream)?;
        outlet.send(stream, frame, payload)
    }

    pub(super) fn close(&self, close: Close<'_>) -> Result<(), Error> {
        let mut line = self.line();
        let Line { stream, outlet } = &mut *line;
        self.pay(outlet, stream)?;
        let said_before = std::mem::replace(&mut self.slot().said_close, true);
        match outlet.close(stream, close) {
            Err(Error::Misuse(misuse)) => {
                self.slot().said_close = said_before;
                Err(misuse.into())
            }
            result => {
                self.close_has_left();
                result
            }
        }
    }

    /// Sends what is owed.
    fn pay(&self, outlet: &mut Outlet<R>, stream: &mut W) -> Result<(), Error> {
        let Some(owed) = self.slot().owed.take() else { return Ok(()) };
        let result = outlet.pay(stream, &owed);
        if matches!(owed, Owed::Close(_)) {
            self.close_has_left();
        }
        result
    }

    fn close_has_left(&self) {
        let mut slot = self.slot();
        slot.close_left = true;
        slot.clocks.closing();
        self.changed.notify_all();
    }

    fn attend(&self) {
        let mut warned = false;
        loop {
            let mut slot = self.slot();
            if slot.owed.is_some() {
                drop(slot);
                let mut line = self.line();
                let Line { stream, outlet } = &mut *line;
                // A stream that fails tells the reader, too.
                let _ = self.pay(outlet, stream);
                continue;
            }
            if slot.dismissed {
                return;
            }
            let span = slot.clocks.until_due();
            if span != Some(Duration::ZERO) {
                drop(self.wait(slot, span));
            } else if !std::mem::replace(&mut warned, true) {
                // If all of us slept, the answer may lie in the socket: the reader comes first.
                drop(self.wait(slot, Some(GRACE)));
            } else {
                warned = false;
                let due = slot.clocks.due();
                drop(slot);
                if let Some(due) = due
                    && self.act(due) == After::Leave
                {
                    return;
                }
            }
        }
    }

    fn act(&self, due: Due) -> After {
        match due {
            Due::Ping(nonce) => {
                let mut line = self.line();
                let Line { stream, outlet } = &mut *line;
                let _ = outlet.send(stream, Frame::Ping, &nonce);
                self.slot().clocks.ping_left();
                After::Stay
            }
            Due::Expired(expired) => {
                self.slot().expired = Some(expired);
                self.expire(expired);
                After::Leave
            }
        }
    }

    /// Ends the stream, which wakes the reader and a writer that is stuck; if none is, the peer is
    /// told first.
    fn expire(&self, expired: Expired) {
        if let (Some(code), Some(mut line)) = (expired.close_code(), self.free_line()) {
            if let Some(control) = &self.control {
                let _ = control.set_write_timeout(Some(Duration::from_secs(1)));
            }
            let Line { stream, outlet } = &mut *line;
            let _ = outlet.close(stream, Close::new(code, expired.text()));
        }
        self.close_has_left();
        if let Some(control) = &self.control {
            let _ = control.shutdown(Shutdown::Both);
        }
    }
}

/// What the attendant does next.
#[derive(PartialEq, Eq)]
enum After {
    Stay,
    Leave,
}
