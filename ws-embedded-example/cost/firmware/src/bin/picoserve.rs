//! picoserve: its WebSockets are responses of its HTTP server, which comes with them.

#![no_std]
#![no_main]

use core::cell::{Cell, RefCell, RefMut};
use core::future::pending;

use cortex_m_rt::entry;
use picoserve::futures::Either;
use picoserve::io::{BaseWrite, ErrorType, Read, Socket, Write};
use picoserve::mem::{BorrowedBuffer, BorrowedCursor};
use picoserve::response::ws::{Message, SocketRx, SocketTx, WebSocketCallback, WebSocketUpgrade};
use picoserve::routing::{Router, get};
use picoserve::time::{Duration, Timer};
use picoserve::{Config, Server, Timeouts};
use ws_cost_firmware::{Cut, Echo, MESSAGE, Wire, block_on, measure};

const HEAD: usize = 512;

/// What the server formats its response through, a piece at a time.
const PIECE: usize = 64;

/// The runtime of this harness, which has no clock.
struct Harness;

struct NoTimer;

impl Timer<Harness> for NoTimer {
    fn delay(&self, _: Duration) -> impl Future<Output = ()> {
        pending()
    }
}

struct Connection<'a, 'w>(RefCell<&'a mut Wire<'w>>);

/// Either half of a connection: nothing is ever read and written at the same time.
struct Half<'c, 'a, 'w>(&'c Connection<'a, 'w>);

impl<'a, 'w> Half<'_, 'a, 'w> {
    fn wire(&self) -> Result<RefMut<'_, &'a mut Wire<'w>>, Cut> {
        self.0.0.try_borrow_mut().map_err(|_| Cut)
    }
}

impl ErrorType for Half<'_, '_, '_> {
    type Error = Cut;
}

impl Read for Half<'_, '_, '_> {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Cut> {
        self.wire()?.read(bytes)
    }
}

impl BaseWrite for Half<'_, '_, '_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Cut> {
        self.wire()?.write(bytes)
    }

    async fn flush(&mut self) -> Result<(), Cut> {
        Ok(())
    }
}

impl Write for Half<'_, '_, '_> {
    async fn write_with<F: FnOnce(BorrowedCursor<'_>) -> R, R>(
        &mut self,
        write: F,
    ) -> Result<R, Cut> {
        let mut piece = [0; PIECE];
        let mut piece = BorrowedBuffer::new(&mut piece);
        let output = write(piece.unfilled());
        self.wire()?.write(piece.filled())?;
        Ok(output)
    }
}

impl<'a, 'w> Socket<Harness> for Connection<'a, 'w> {
    type Error = Cut;
    type ReadHalf<'c>
        = Half<'c, 'a, 'w>
    where
        Self: 'c;
    type WriteHalf<'c>
        = Half<'c, 'a, 'w>
    where
        Self: 'c;

    fn split(&mut self) -> (Self::ReadHalf<'_>, Self::WriteHalf<'_>) {
        (Half(self), Half(self))
    }

    async fn abort<T: Timer<Harness>>(
        self,
        _: &Timeouts,
        _: &T,
    ) -> Result<(), picoserve::Error<Cut>> {
        Ok(())
    }

    async fn shutdown<T: Timer<Harness>>(
        self,
        _: &Timeouts,
        _: &T,
    ) -> Result<(), picoserve::Error<Cut>> {
        Ok(())
    }
}

/// What echoes, through memory that it is lent once a connection.
struct Echoing<'m>(&'m mut [u8]);

impl WebSocketCallback for Echoing<'_> {
    async fn run<R: Read, W: Write<Error = R::Error>>(
        self,
        mut rx: SocketRx<R>,
        mut tx: SocketTx<W>,
    ) -> Result<(), W::Error> {
        loop {
            match rx.next_message(self.0, pending::<()>()).await? {
                Either::First(Ok(Message::Text(text))) => tx.send_text(text).await?,
                Either::First(Ok(Message::Binary(bytes))) => tx.send_binary(bytes).await?,
                Either::First(Ok(Message::Ping(bytes))) => tx.send_pong(bytes).await?,
                Either::First(Ok(Message::Pong(_))) => {}
                Either::First(Ok(Message::Close(reason))) => return tx.close(reason).await,
                Either::First(Err(error)) => return tx.close((error.code(), "")).await,
                Either::Second(()) => return Ok(()),
            }
        }
    }
}

#[entry]
fn main() -> ! {
    static mut HEADERS: [u8; HEAD] = [0; HEAD];
    static mut MEMORY: [u8; MESSAGE] = [0; MESSAGE];
    measure(Echo::Messages, HEAD + MESSAGE, |wire| run(wire, HEADERS, MEMORY))
}

#[inline(never)]
fn run(wire: &mut Wire<'_>, head: &mut [u8], memory: &mut [u8]) -> usize {
    let future = serve(wire, head, memory);
    let state = size_of_val(&future);
    let _ = block_on(future);
    state
}

async fn serve(wire: &mut Wire<'_>, head: &mut [u8], memory: &mut [u8]) {
    let memory = Cell::new(Some(memory));
    let upgrade = async |upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(Echoing(memory.take().unwrap_or_default()))
    };
    let app = Router::new().route("/chat", get(upgrade));
    let config = Config::const_default();
    let _ =
        Server::custom(&app, NoTimer, &config, head).serve(Connection(RefCell::new(wire))).await;
}
