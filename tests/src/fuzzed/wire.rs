//! A stream that behaves as badly as the contract allows: short reads and writes, errors, waits.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};

use super::Dice;

/// One end of a stream; clones are the same end.
#[derive(Clone, Debug)]
pub struct Wire(Rc<RefCell<State>>);

#[derive(Debug)]
struct State {
    dice: Dice,
    /// What the peer says, last byte first.
    input: Vec<u8>,
    output: Vec<u8>,
    faults: bool,
    /// How often it lets itself be called: a driver that spins runs out.
    fuel: u32,
}

impl Wire {
    /// A stream on which the peer says `input` and ends.
    pub fn new(dice: &mut Dice, input: &[u8]) -> Self {
        let input: Vec<u8> = input.iter().rev().copied().collect();
        let fuel = 10_000 + 20 * input.len() as u32;
        let faults = dice.once_in(4);
        let dice = Dice::seeded(dice.next());
        Self(Rc::new(RefCell::new(State { dice, input, output: Vec::new(), faults, fuel })))
    }

    /// What was written so far.
    pub fn output(&self) -> Vec<u8> {
        self.0.borrow().output.clone()
    }

    /// Is not ready now and then.
    async fn wait(&self) {
        poll_fn(|_| match self.0.borrow_mut().dice.once_in(3) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
        .await;
    }
}

impl State {
    fn fault(&mut self) -> Result<(), ErrorKind> {
        self.fuel = self.fuel.checked_sub(1).expect("the driver spins");
        if self.faults && self.dice.once_in(40) { Err(ErrorKind::TimedOut) } else { Ok(()) }
    }
}

impl ErrorType for Wire {
    type Error = ErrorKind;
}

impl Read for Wire {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!bytes.is_empty(), "reading nothing looks like the end");
        let mut state = self.0.borrow_mut();
        state.fault()?;
        let len = (1 + state.dice.len(2000)).min(bytes.len()).min(state.input.len());
        let left = state.input.len() - len;
        for (to, from) in bytes.iter_mut().zip(state.input.drain(left..).rev()) {
            *to = from;
        }
        Ok(len)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        assert!(!bytes.is_empty(), "writing nothing looks like the end");
        let mut state = self.0.borrow_mut();
        state.fault()?;
        let len = (1 + state.dice.len(2000)).min(bytes.len());
        state.output.extend_from_slice(&bytes[..len]);
        Ok(len)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.0.borrow_mut().fault()
    }
}

impl ReadReady for Wire {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.0.borrow_mut().dice.once_in(2))
    }
}

impl WriteReady for Wire {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        Ok(self.0.borrow_mut().dice.once_in(2))
    }
}

impl embedded_io_async::Read for Wire {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, ErrorKind> {
        self.wait().await;
        Read::read(self, bytes)
    }
}

impl embedded_io_async::Write for Wire {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        self.wait().await;
        Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        self.wait().await;
        Write::flush(self)
    }
}
