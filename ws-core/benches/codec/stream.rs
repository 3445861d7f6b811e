//! Streams that are always ready, for the peers that are asynchronous.

use std::io::{self, Write};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The reading half of a stream in memory. (Not `io::Read`: that asks for initialised memory, and
/// the peers, which do not, would pay for it.)
pub(crate) trait Receive {
    /// The bytes of one read into memory for `room` bytes.
    fn receive(&mut self, room: usize) -> &[u8];
}

/// A stream in memory, seen as an asynchronous one that never waits.
pub(crate) struct Ready<S>(pub(crate) S);

impl<S: Receive + Unpin> AsyncRead for Ready<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buffer.put_slice(self.0.receive(buffer.remaining()));
        Poll::Ready(Ok(()))
    }
}

impl<S: Write + Unpin> AsyncWrite for Ready<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.0.write(bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Runs a future over streams that are always ready: it is ready when it is polled first.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a stream that is always ready waited"),
    }
}
