//! A loop that serves all clients, and the server that is dialed, and sleeps when there is nothing to
//! do.

use device_app::Device;
use device_drive::{Dialer, Shelf, Slot};
use smoltcp::iface::{SocketHandle, SocketStorage};
use ws_core::connection::{Time, Timing};

use crate::board::{self, Board, Meter, now, semihosting};
use crate::entropy;
use crate::life::{self, Ending, SERVER, Standing};
use crate::link::net::{Line, Net};
use crate::link::{Chip, GATEWAY, PORT};
use crate::memory::Memory;

/// Serves so many clients for ever, with one connection more: for the server that is dialed.
pub fn run<
    C: Chip,
    const SLOTS: usize,
    const N: usize,
    const WINDOW: usize,
    const RECEIVE: usize,
>(
    board: Board,
    chip: C,
    memory: &'static mut Memory<N, WINDOW, RECEIVE>,
    sockets: &'static mut [SocketStorage<'static>; N],
) -> ! {
    let (meter, dial) = life::begin(&board, SLOTS);
    let (frames, buffers) = memory.hand_out();
    let net = Net::new(chip, frames, sockets, entropy::number());
    let mut places = buffers.map(|buffers| Place {
        socket: net.add(buffers.tcp_receive, buffers.tcp_send),
        receive: Shelf::new(buffers.ws_receive),
        send: Shelf::new(buffers.ws_send),
    });
    let clients: [_; SLOTS] = core::array::from_fn(|_| places.next());
    let Some(server) = places.next() else { semihosting::fail() };
    serve(board, &net, &clients, &server, dial, meter)
}

/// What a connection needs.
struct Place<'m> {
    socket: Option<SocketHandle>,
    receive: Shelf<'m>,
    send: Shelf<'m>,
}

/// The places of clients.
type Places<'m, const SLOTS: usize> = [Option<Place<'m>>; SLOTS];

fn serve<C: Chip, const SLOTS: usize>(
    board: Board,
    net: &Net<'_, C>,
    places: &Places<'_, SLOTS>,
    server: &Place<'_>,
    dial: Option<u16>,
    mut meter: Meter,
) -> ! {
    let clock: fn() -> Time = now;
    let entropy: fn(&mut [u8]) = entropy::fill;
    let mut slots: [_; SLOTS] =
        core::array::from_fn(|_| Slot::new(Timing::DEFAULT, clock, entropy));
    let line = dial.zip(server.socket);
    let mut line = line.map(|(port, socket)| Line::new(net, socket, GATEWAY, port));
    let memory = (&server.receive, &server.send);
    let mut dialer = Dialer::new(SERVER, memory, Timing::DEFAULT, clock, entropy);
    let (mut device, mut vitals) = (Device::default(), life::examine(&meter));
    let mut ending = Ending::NONE;
    loop {
        let mut next = net.poll(now());
        if meter.is_renewed() {
            vitals = life::examine(&meter);
        }
        for (slot, place) in slots.iter_mut().zip(places.iter().flatten()) {
            if slot.is_free()
                && let Some(stream) = place.socket.and_then(|socket| net.accept(socket, PORT))
                && let (Some(receive), Some(send)) = (place.receive.lend(), place.send.lend())
                && slot.welcome(stream, receive, send).is_err()
            {
                defmt::error!("a buffer is too small");
            }
            next = next.min(slot.turn(&mut device, vitals));
        }
        if let Some(line) = &mut line {
            next = next.min(dialer.turn(line, &mut device, vitals));
        }
        (board.switch)(device.output);
        next = next.min(net.poll(now()));
        ending.look(&board, || Standing { device, ready: ready(net, places), places: SLOTS });
        net.chip(|chip| {
            chip.listen();
            board::listen_to(board.line);
            meter.sleep(|| next > now() && !chip.has_frame());
        });
    }
}

/// How many places lack nothing: no client is there, both buffers are home, the socket listens.
fn ready<C: Chip>(net: &Net<'_, C>, places: &[Option<Place<'_>>]) -> usize {
    let is_ready = |place: &&Place<'_>| {
        place.socket.is_some_and(|socket| net.is_listening(socket))
            && place.receive.is_home()
            && place.send.is_home()
    };
    places.iter().flatten().filter(is_ready).count()
}
