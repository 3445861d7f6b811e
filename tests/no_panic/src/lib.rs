//! What the programs share: a stream that may do anything, and a panic handler that does not
//! link.
//!
//! The handler calls a function that nobody defines. If the optimiser can show that no panic is
//! ever reached, it removes the handler, and with it the call; if a single one survives, anywhere
//! in the program, the linker stops with `undefined symbol: ws_core_can_panic`.

#![no_std]

use core::hint::black_box;
use core::panic::PanicInfo;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use ws_core::connection::Time;

unsafe extern "C" {
    safe fn ws_core_can_panic() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    ws_core_can_panic()
}

/// A stream of which the optimiser knows nothing: it reads any bytes, claims any lengths (also
/// longer ones than the contract of `Read` allows), is ready or not, and fails when it likes.
#[derive(Debug)]
pub struct Wire;

/// Why a [`Wire`] failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut;

impl core::fmt::Display for Cut {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("cut")
    }
}

impl core::error::Error for Cut {}

impl embedded_io::Error for Cut {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::Other
    }
}

impl embedded_io::ErrorType for Wire {
    type Error = Cut;
}

impl embedded_io::Read for Wire {
    #[inline(never)]
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Cut> {
        black_box(bytes);
        black_box(Ok(0))
    }
}

impl embedded_io::Write for Wire {
    #[inline(never)]
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Cut> {
        black_box(bytes);
        black_box(Ok(0))
    }

    fn flush(&mut self) -> Result<(), Cut> {
        black_box(Ok(()))
    }
}

impl embedded_io::ReadReady for Wire {
    fn read_ready(&mut self) -> Result<bool, Cut> {
        black_box(Ok(true))
    }
}

impl embedded_io::WriteReady for Wire {
    fn write_ready(&mut self) -> Result<bool, Cut> {
        black_box(Ok(true))
    }
}

impl embedded_io_async::Read for Wire {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Cut> {
        pause().await;
        embedded_io::Read::read(self, bytes)
    }
}

impl embedded_io_async::Write for Wire {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Cut> {
        pause().await;
        embedded_io::Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Cut> {
        pause().await;
        embedded_io::Write::flush(self)
    }
}

/// Is pending as often as it likes.
pub async fn pause() {
    core::future::poll_fn(|_| if black_box(true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// Polls a future until it is done, or drops it before.
pub fn run(future: impl Future) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    while black_box(true) {
        if future.as_mut().poll(&mut context).is_ready() {
            return;
        }
    }
}

/// Any time at all, also one that runs backwards.
pub fn clock() -> Time {
    Time(black_box(0))
}

/// Any bytes at all.
pub fn entropy(bytes: &mut [u8]) {
    black_box(bytes);
}

/// Any part of this memory, of any length.
pub fn any(memory: &mut [u8]) -> &mut [u8] {
    black_box(&mut *memory);
    memory.get_mut(black_box(0)..black_box(0)).unwrap_or_default()
}

/// Looks at a value in a way that the optimiser cannot foresee.
pub fn see<T>(value: T) {
    let _ = black_box(value);
}

/// With the feature `canary`, a panic that the link must fail for.
pub fn canary() {
    #[cfg(feature = "canary")]
    assert!(black_box(true), "found");
}
