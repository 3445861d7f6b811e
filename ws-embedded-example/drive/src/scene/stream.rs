//! What is served: a pipe.

use core::future::poll_fn;
use core::task::Poll;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use ws_core::testing::PipeEnd;

use crate::{Stream, tasks};

/// A pipe whose writes fail where they would wait; those of a task wait.
pub(crate) struct Served(pub(crate) PipeEnd);

impl Served {
    /// A pipe does not tell; one that is full is not drained.
    fn has_room(&mut self) -> bool {
        self.0.write_ready() == Ok(true)
    }
}

impl ErrorType for Served {
    type Error = ErrorKind;
}

impl Read for Served {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        self.0.read(buf)
    }
}

impl Write for Served {
    fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        if self.0.write_ready()? { self.0.write(buf) } else { Err(ErrorKind::Other) }
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl ReadReady for Served {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        self.0.read_ready()
    }
}

impl WriteReady for Served {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        self.0.write_ready()
    }
}

impl Stream for Served {
    fn hang_up(&mut self) {
        self.0.shut();
    }

    fn is_drained(&mut self) -> bool {
        self.has_room()
    }
}

impl embedded_io_async::Read for Served {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        embedded_io_async::Read::read(&mut self.0, buf).await
    }
}

impl embedded_io_async::Write for Served {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        embedded_io_async::Write::write(&mut self.0, buf).await
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl tasks::Stream for Served {
    fn hang_up(&mut self) {
        self.0.shut();
    }

    /// Nobody wakes it: it is looked at in each turn.
    async fn drained(&mut self) {
        poll_fn(|_| if self.has_room() { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}
