//! The app over this host's TCP: the superloop of the firmware, with sockets that do not block.

mod line;
mod socket;

use std::collections::VecDeque;
use std::io;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use device_app::{Device, Vitals};
use device_drive::{Dialer, Shelf, Slot};
use ws_core::connection::{Time, Timing};

use line::Line;
use socket::Socket;

/// As many connections as the board with the most.
const SLOTS: usize = 12;

/// How often the loop looks at its sockets while nothing happens: the tick of a board, nearly.
const NAP: Duration = Duration::from_millis(1);

/// Whom the device dials, and what it asks for: as on a board.
const SERVER: (&str, &str) = ("127.0.0.1", "/device");

/// What a connection receives with, and what it stages in: as on the larger board.
const RECEIVE: usize = 1024;
const SEND: usize = 200;

/// Serves the clients of a listener for ever, stays connected with a server on the port to `dial`, and
/// tells when the output was switched.
///
/// # Errors
///
/// The listener's, or the system has no entropy.
pub fn serve(
    listener: &TcpListener,
    dial: Option<u16>,
    mut switched: impl FnMut(bool),
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    getrandom::fill(&mut [0]).map_err(io::Error::other)?;
    let start = Instant::now();
    let clock = move || Time(start.elapsed().as_millis() as u64);
    let mut slots: Vec<_> =
        (0..SLOTS).map(|_| Slot::new(Timing::DEFAULT, clock, entropy as fn(&mut [u8]))).collect();
    let (mut receive, mut send) = ([0; RECEIVE], [0; SEND]);
    let memory = (&Shelf::new(&mut receive), &Shelf::new(&mut send));
    let mut line = dial.map(Line::new);
    let mut dialer = Dialer::new(SERVER, memory, Timing::DEFAULT, clock, entropy as fn(&mut [u8]));
    let (mut device, mut load) = (Device::default(), Load::default());
    loop {
        welcome(listener, &mut slots)?;
        let output = device.output;
        let vitals = load.vitals();
        let mut next = slots.iter_mut().map(|slot| slot.turn(&mut device, vitals)).min();
        if let Some(line) = &mut line {
            next = next.min(Some(dialer.turn(line, &mut device, vitals)));
        }
        if device.output != output {
            switched(device.output);
        }
        if next > Some(clock()) {
            load.nap();
        }
    }
}

/// A slot of this host.
type Place<C> = Slot<Socket, [u8; RECEIVE], [u8; SEND], C, fn(&mut [u8])>;

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
                    let _ = slot.welcome(socket, [0; RECEIVE], [0; SEND]);
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
    // A system that had entropy at the start has it still.
    let _ = getrandom::fill(bytes);
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
