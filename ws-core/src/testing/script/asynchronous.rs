//! The stream for tasks.

use core::future::poll_fn;
use core::task::Poll;

use super::{Failure, Script};

impl Script {
    async fn ready(&mut self) {
        poll_fn(|context| {
            if self.is_ready() {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

impl embedded_io_async::Read for Script {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Failure> {
        self.ready().await;
        if self.is_silent() {
            core::future::pending::<()>().await;
        }
        embedded_io::Read::read(self, buf)
    }
}

impl embedded_io_async::Write for Script {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Failure> {
        self.ready().await;
        embedded_io::Write::write(self, buf)
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        self.ready().await;
        Ok(())
    }
}
