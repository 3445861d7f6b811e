//! A stream that the test feeds, stops up and looks at while a WebSocket has it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use ws_core::connection::{Time, Timing};
use ws_core::endpoint::Timers;
use ws_core::testing::{Clock, Random};
use ws_core::{Server, aio, io};
use ws_tests::{WireFrame, talk::Sizes};

pub(crate) type Clocks = Timers<Box<dyn FnMut() -> Time>, Random>;
type Buffer = Vec<u8>;

/// A server's stream; clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Tap(Rc<Inner>);

#[derive(Default)]
struct Inner {
    input: RefCell<VecDeque<u8>>,
    output: RefCell<Vec<u8>>,
    stopped: Cell<bool>,
    holds: Cell<bool>,
    flushes: Cell<usize>,
}

impl Tap {
    /// A server behind it with buffers of such sizes, and its clocks.
    pub(crate) fn awaited(
        &self,
        tx: usize,
        timing: Timing,
        clock: &Clock,
    ) -> (aio::WebSocket<Self, Server, Buffer, Buffer>, Clocks) {
        let endpoint = Sizes { max_message: 200, rx: 400, tx }.endpoint(Server);
        (aio::WebSocket::new(self.clone(), endpoint), clocks(timing, clock))
    }

    /// The same over the blocking driver.
    pub(crate) fn stepped(
        &self,
        tx: usize,
        timing: Timing,
        clock: &Clock,
    ) -> (io::WebSocket<Self, Server, Buffer, Buffer>, Clocks) {
        let endpoint = Sizes { max_message: 200, rx: 400, tx }.endpoint(Server);
        (io::WebSocket::new(self.clone(), endpoint), clocks(timing, clock))
    }

    /// The client sends this.
    pub(crate) fn feed(&self, frame: WireFrame) {
        self.0.input.borrow_mut().extend(frame.masked([1, 2, 3, 4]).encode());
    }

    /// It takes nothing from now on, or again.
    pub(crate) fn stop(&self, stopped: bool) {
        self.0.stopped.set(stopped);
    }

    /// What it takes it does not send from now on: a flush waits.
    pub(crate) fn hold(&self, holds: bool) {
        self.0.holds.set(holds);
    }

    pub(crate) fn flushes(&self) -> usize {
        self.0.flushes.get()
    }

    /// The frames that were written.
    pub(crate) fn sent(&self) -> Vec<WireFrame> {
        WireFrame::decode_all(&self.0.output.borrow())
    }

    /// Their opcodes.
    pub(crate) fn opcodes(&self) -> Vec<u8> {
        self.sent().iter().map(|frame| frame.opcode).collect()
    }

    /// The client answers the Ping that was sent last.
    pub(crate) fn answer(&self) {
        let ping = self.sent().into_iter().rfind(|frame| frame.opcode == 9).expect("a Ping");
        self.feed(WireFrame::pong(ping.payload));
    }
}

fn clocks(timing: Timing, clock: &Clock) -> Clocks {
    Timers::new(timing, Box::new(clock.hand()), Random::new(1))
}

impl ErrorType for Tap {
    type Error = Infallible;
}

impl Read for Tap {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Infallible> {
        let mut input = self.0.input.borrow_mut();
        let len = buf.len().min(input.len());
        assert!(len > 0, "a read that would wait");
        buf.iter_mut().zip(input.drain(..len)).for_each(|(to, from)| *to = from);
        Ok(len)
    }
}

impl Write for Tap {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Infallible> {
        assert!(!self.0.stopped.get(), "a write that would wait");
        self.0.output.borrow_mut().extend(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        assert!(!self.0.holds.get(), "a flush that would wait");
        self.0.flushes.set(self.0.flushes.get() + 1);
        Ok(())
    }
}

impl ReadReady for Tap {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.input.borrow().is_empty())
    }
}

impl WriteReady for Tap {
    fn write_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.stopped.get())
    }
}

/// Without a wake: the tests poll again.
async fn until(condition: impl Fn() -> bool) {
    poll_fn(|_| if condition() { Poll::Ready(()) } else { Poll::Pending }).await;
}

impl embedded_io_async::Read for Tap {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Infallible> {
        until(|| !self.0.input.borrow().is_empty()).await;
        Read::read(self, buf)
    }
}

impl embedded_io_async::Write for Tap {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Infallible> {
        until(|| !self.0.stopped.get()).await;
        Write::write(self, buf)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        until(|| !self.0.holds.get()).await;
        Write::flush(self)
    }
}
