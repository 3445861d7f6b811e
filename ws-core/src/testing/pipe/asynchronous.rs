//! The ends of a pipe for tasks.

use core::future::poll_fn;
use core::task::Poll;

use embedded_io::ErrorKind;
use embedded_io_async::{Read, Write};

use super::{Flow, PipeEnd, PipeReader, PipeWriter, Way};

impl Way {
    /// Waits in this task until `attempt` comes to something.
    async fn wait_async<T>(&self, mut attempt: impl FnMut(&mut Flow) -> Option<T>) -> T {
        let result = poll_fn(|context| {
            let mut flow = self.lock();
            let Some(result) = attempt(&mut flow) else {
                flow.waiting.push(context.waker().clone());
                return Poll::Pending;
            };
            Poll::Ready(result)
        })
        .await;
        self.change(|_| ());
        result
    }
}

impl Read for PipeReader {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        Ok(self.0.wait_async(|flow| flow.read(buf)).await)
    }
}

impl Write for PipeWriter {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        self.0.wait_async(|flow| flow.write(buf)).await
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl Read for PipeEnd {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        Read::read(&mut self.reader, buf).await
    }
}

impl Write for PipeEnd {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        Write::write(&mut self.writer, buf).await
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
