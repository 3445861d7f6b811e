//! The app over this host's TCP: the superloop of the firmware, with sockets that do not block.

use std::collections::VecDeque;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use device_app::{Device, Vitals};
use device_drive::{Slot, Stream};
use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use ws_core::connection::{Time, Timing};

/// As many connections as the board with the most.
const SLOTS: usize = 8;

/// How often the loop looks at its sockets while nothing happens: the tick of a board, nearly.
const NAP: Duration = Duration::from_millis(1);

/// Serves the clients of a listener for ever, and tells when the output was switched.
///
/// # Errors
///
/// The listener's.
pub fn serve(listener: &TcpListener, mut switched: impl FnMut(bool)) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let start = Instant::now();
    let clock = move || Time(start.elapsed().as_millis() as u64);
    let mut slots: Vec<_> =
        (0..SLOTS).map(|_| Slot::new(Timing::DEFAULT, clock, entropy as fn(&mut [u8]))).collect();
    let (mut device, mut load) = (Device::default(), Load::default());
    loop {
        welcome(listener, &mut slots)?;
        let output = device.output;
        let next = slots.iter_mut().map(|slot| slot.turn(&mut device, load.vitals())).min();
        if device.output != output {
            switched(device.output);
        }
        if next > Some(clock()) {
            load.nap();
        }
    }
}

/// A slot of this host.
type Place<C> = Slot<Socket, [u8; 1024], [u8; 200], C, fn(&mut [u8])>;

/// Takes clients as long as there are places; the others wait in the listener's queue.
fn welcome<C>(listener: &TcpListener, slots: &mut [Place<C>]) -> io::Result<()>
where
    C: FnMut() -> Time + Clone,
{
    for slot in slots.iter_mut().filter(|slot| slot.is_free()) {
        match listener.accept() {
            Ok((stream, _)) => {
                // A client that has gone already is no fault of the server.
                if let Ok(socket) = Socket::new(stream) {
                    let _ = slot.welcome(socket, [0; 1024], [0; 200]);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn entropy(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        // Only Pings of a server are made of this: a peer that guesses them deceives itself.
        bytes.fill(0);
    }
}

/// How much of the last second this thread was awake.
#[derive(Default)]
struct Load {
    napped: VecDeque<(Instant, Duration)>,
}

impl Load {
    fn nap(&mut self) {
        let start = Instant::now();
        std::thread::sleep(NAP);
        self.napped.push_back((start, start.elapsed()));
        while self.napped.front().is_some_and(|(at, _)| at.elapsed() > Duration::from_secs(1)) {
            self.napped.pop_front();
        }
    }

    fn vitals(&self) -> Vitals {
        let asleep: Duration = self.napped.iter().map(|(_, length)| *length).sum();
        let permille = asleep.as_millis().min(1000) as u16;
        Vitals { load_permille: Some(1000 - permille), stack_free: None }
    }
}

/// A socket that says whether it is ready, without being asked by the system's poll: what it cannot
/// pass on at once waits here.
struct Socket {
    stream: TcpStream,
    waiting: VecDeque<u8>,
    hang_up: bool,
}

impl Socket {
    /// So many bytes wait at most: as in a board's socket.
    const ROOM: usize = 16 * 1024;

    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, waiting: VecDeque::new(), hang_up: false })
    }

    fn pass_on(&mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            let (front, _) = self.waiting.as_slices();
            match io::Write::write(&mut self.stream, front) {
                Ok(len) => drop(self.waiting.drain(..len)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        if std::mem::take(&mut self.hang_up) {
            self.stream.shutdown(Shutdown::Write)?;
        }
        Ok(())
    }
}

impl ErrorType for Socket {
    type Error = io::Error;
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        io::Read::read(&mut self.stream, buf)
    }
}

impl ReadReady for Socket {
    fn read_ready(&mut self) -> io::Result<bool> {
        self.pass_on()?;
        match self.stream.peek(&mut [0]) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
            // An error is for the read to tell.
            _ => Ok(true),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let len = buf.len().min(Self::ROOM.saturating_sub(self.waiting.len()));
        if len == 0 && !buf.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.waiting.extend(buf.iter().take(len));
        self.pass_on()?;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WriteReady for Socket {
    fn write_ready(&mut self) -> io::Result<bool> {
        self.pass_on()?;
        Ok(self.waiting.len() < Self::ROOM)
    }
}

impl Stream for Socket {
    fn hang_up(&mut self) {
        self.hang_up = true;
        // Fails if the peer is gone: then the next read tells.
        let _ = self.pass_on();
    }

    /// What the system has taken, it delivers.
    fn is_drained(&mut self) -> bool {
        self.pass_on().is_err() || self.waiting.is_empty()
    }
}
