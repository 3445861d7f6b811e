//! The memory between the ends.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::convert::Infallible;

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};

/// The stream of one end.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) from: Rc<RefCell<Way>>,
    pub(super) to: Rc<RefCell<Way>>,
}

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Way {
    bytes: VecDeque<u8>,
    pub(super) log: Vec<u8>,
    pub(super) cut: bool,
    pub(super) blocked: bool,
    pub(super) ended: bool,
}

impl ErrorType for Wire {
    type Error = Infallible;
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Infallible> {
        let bytes = &mut self.from.borrow_mut().bytes;
        let len = bytes.len().min(buf.len());
        for (to, from) in buf.iter_mut().zip(bytes.drain(..len)) {
            *to = from;
        }
        Ok(len)
    }
}

impl ReadReady for Wire {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        let way = self.from.borrow();
        Ok(!way.bytes.is_empty() || way.ended && !way.cut)
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Infallible> {
        let mut way = self.to.borrow_mut();
        way.log.extend_from_slice(buf);
        if !way.cut {
            way.bytes.extend(buf);
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl WriteReady for Wire {
    fn write_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.to.borrow().blocked)
    }
}
