//! A loop that serves all clients, and the server that is dialed, and sleeps when there is nothing to
//! do.

use cortex_m::peripheral::SYST;
use device_app::{Device, Vitals};
use device_drive::{Dialer, Shelf, Slot};
use smoltcp::iface::{SocketHandle, SocketStorage};
use ws_core::connection::{Millis, Time, Timing};

use crate::board::semihosting::{self, Arguments};
use crate::board::{self, Meter, now, stack_free};
use crate::entropy;
use crate::link::Chip;
use crate::link::net::{ADDRESS, GATEWAY, Line, Net};
use crate::memory::Memory;

/// Where clients find us.
const PORT: u16 = 80;

/// Locally administered, as befits an address that nobody has assigned.
pub const MAC: [u8; 6] = [0x02, 0, 0, 0, 0, 1];

/// The server that is dialed is on the host: its name there, and what it is asked for.
const SERVER: (&str, &str) = ("10.0.2.2", "/device");

/// What the host sends on the serial line to end the emulator.
const STOP: u8 = b'q';

/// How long connections may take to end then.
const GRACE: Millis = Millis::seconds(15);

/// What the loop asks of a board that has so many places for clients.
#[derive(Clone, Copy, Debug)]
pub struct Board<const SLOTS: usize> {
    /// The processor's clock.
    pub hz: u32,
    /// The network's interrupt.
    pub line: u16,
    /// A byte from the serial line, if one has come.
    pub take: fn() -> Option<u8>,
    /// Switches the output.
    pub switch: fn(bool),
}

/// Serves for ever, with one connection more than there are places: for the server that is dialed.
pub fn run<
    C: Chip,
    const SLOTS: usize,
    const N: usize,
    const WINDOW: usize,
    const RECEIVE: usize,
>(
    board: Board<SLOTS>,
    timer: SYST,
    chip: C,
    memory: &'static mut Memory<N, WINDOW, RECEIVE>,
    sockets: &'static mut [SocketStorage<'static>; N],
) -> ! {
    let arguments = Arguments::read();
    let Some(seed) = arguments.seed() else {
        defmt::error!("no seed");
        semihosting::fail()
    };
    entropy::seed(seed);
    let Memory { tcp_receive, tcp_send, ws_receive, ws_send, frames } = memory;
    let net = Net::new(chip, frames, sockets, MAC, entropy::number());
    let tcp = tcp_receive.each_mut().into_iter().zip(tcp_send);
    let ws = ws_receive.each_mut().into_iter().zip(ws_send);
    let mut places = tcp.zip(ws).map(|((tcp_receive, tcp_send), (receive, send))| Place {
        socket: net.add(tcp_receive, tcp_send),
        receive: Shelf::new(receive),
        send: Shelf::new(send),
    });
    let clients: [_; SLOTS] = core::array::from_fn(|_| places.next());
    let Some(server) = places.next() else { semihosting::fail() };
    let [a, b, c, d] = ADDRESS.octets();
    defmt::info!("{=u8}.{=u8}.{=u8}.{=u8}:{=u16}, {=usize} places", a, b, c, d, PORT, SLOTS);
    let meter = board::start_clock(timer, board.hz);
    let dial = arguments.value("dial").and_then(|port| port.parse().ok());
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
    board: Board<SLOTS>,
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
    let (mut device, mut vitals) = (Device::default(), examine(&meter));
    let mut stop_by = Time::NEVER;
    loop {
        let mut next = net.poll(now());
        if meter.is_renewed() {
            vitals = examine(&meter);
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
        stop_by = if (board.take)() == Some(STOP) { now().after(GRACE) } else { stop_by };
        if stop_by != Time::NEVER && (is_whole(net, places, device) || stop_by <= now()) {
            stop(net, places, device);
        }
        net.chip(|chip| {
            chip.listen();
            board::listen_to(board.line);
            meter.sleep(|| next > now() && !chip.has_frame());
        });
    }
}

fn examine(meter: &Meter) -> Vitals {
    Vitals { load_permille: meter.load_permille(), stack_free: Some(stack_free()) }
}

/// Whether nothing is missing: no client is here, every buffer is home, every socket listens.
fn is_whole<C: Chip, const SLOTS: usize>(
    net: &Net<'_, C>,
    places: &Places<'_, SLOTS>,
    device: Device,
) -> bool {
    device.clients == 0 && ready(net, places) == SLOTS
}

fn ready<C: Chip>(net: &Net<'_, C>, places: &[Option<Place<'_>>]) -> usize {
    let is_ready = |place: &&Place<'_>| {
        place.socket.is_some_and(|socket| net.is_listening(socket))
            && place.receive.is_home()
            && place.send.is_home()
    };
    places.iter().flatten().filter(is_ready).count()
}

/// Ends with status 0 if nothing is missing.
fn stop<C: Chip, const SLOTS: usize>(
    net: &Net<'_, C>,
    places: &Places<'_, SLOTS>,
    device: Device,
) -> ! {
    defmt::info!(
        "stopped: {=u32} messages served, {=u16} clients here, {=usize} of {=usize} places ready, \
         {=u32} bytes of stack never used",
        device.messages,
        device.clients,
        ready(net, places),
        SLOTS,
        stack_free()
    );
    if is_whole(net, places, device) { semihosting::succeed() } else { semihosting::fail() }
}
