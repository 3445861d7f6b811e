//! The LM3S6965 with 64 KB of RAM: a superloop over `smoltcp` and the blocking driver.
#![no_std]
#![no_main]

mod memory;

use cortex_m_rt::entry;
use device_app::{Device, Vitals};
use device_drive::{Dialer, Shelf, Slot};
use device_firmware::board::lm3s6965evb::{self as board, ETHERNET, ETHERNET_LINE};
use device_firmware::board::{self as any_board, Meter, now, semihosting, stack_free};
use device_firmware::entropy;
use device_firmware::link::net::{ADDRESS, GATEWAY, Line, Net};
use device_firmware::link::{Chip, Stellaris};
use memory::{CONNECTIONS, SLOTS};
use smoltcp::iface::SocketHandle;
use ws_core::connection::{Millis, Time, Timing};

/// Where clients find us.
const PORT: u16 = 80;

/// Locally administered, as befits an address that nobody has assigned.
const MAC: [u8; 6] = [0x02, 0, 0, 0, 0, 1];

#[entry]
fn main() -> ! {
    board::start();
    any_board::log_to(board::put);
    let arguments = semihosting::Arguments::read();
    let (Some(core), Some(seed)) = (cortex_m::Peripherals::take(), arguments.seed()) else {
        defmt::error!("no seed");
        semihosting::fail();
    };
    entropy::seed(seed);
    let meter = any_board::start_clock(core.SYST, board::HZ);
    let Some(memory) = memory::take() else { semihosting::fail() };
    let chip = Stellaris::start(ETHERNET, MAC);
    let net = Net::new(chip, memory.frames, memory.sockets, MAC, entropy::number());
    let tcp = memory.tcp_receive.each_mut().into_iter().zip(memory.tcp_send);
    let ws = memory.ws_receive.each_mut().into_iter().zip(memory.ws_send);
    let mut places = tcp.zip(ws).map(|((tcp_receive, tcp_send), (receive, send))| Place {
        socket: net.add(tcp_receive, tcp_send),
        receive: Shelf::new(receive),
        send: Shelf::new(send),
    });
    let places: [_; CONNECTIONS] = core::array::from_fn(|_| places.next());
    let [a, b, c, d] = ADDRESS.octets();
    defmt::info!("{=u8}.{=u8}.{=u8}.{=u8}:{=u16}, {=usize} places", a, b, c, d, PORT, SLOTS);
    let [clients @ .., Some(server)] = &places else { semihosting::fail() };
    let port = arguments.value("dial").and_then(|port| port.parse().ok());
    serve(&net, clients, server, port, meter)
}

/// The server that is dialed is on the host: its name there, and what it is asked for.
const SERVER: (&str, &str) = ("10.0.2.2", "/device");

/// What a connection needs.
struct Place<'m> {
    socket: Option<SocketHandle>,
    receive: Shelf<'m>,
    send: Shelf<'m>,
}

type Places<'m> = [Option<Place<'m>>; SLOTS];

fn serve(
    net: &Net<'_, Stellaris>,
    places: &Places<'_>,
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
    let (mut device, mut vitals) = (Device::default(), Vitals::default());
    let mut stop_by = Time::NEVER;
    loop {
        let mut next = net.poll(now());
        if meter.is_renewed() {
            vitals = Vitals { load_permille: meter.load_permille(), stack_free: stack_free() };
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
        board::switch(device.output);
        next = next.min(net.poll(now()));
        if board::take() == Some(STOP) {
            stop_by = now().after(GRACE);
        }
        if stop_by != Time::NEVER && (is_whole(net, places, device) || stop_by <= now()) {
            stop(net, places, device);
        }
        net.chip(|chip| {
            chip.listen();
            any_board::listen_to(ETHERNET_LINE);
            meter.sleep(|| next > now() && !chip.has_frame());
        });
    }
}

/// What the host sends on the serial line to end the emulator.
const STOP: u8 = b'q';

/// How long connections may take to end then.
const GRACE: Millis = Millis::seconds(15);

/// Whether nothing is missing: no client is here, every buffer is home, every socket listens.
fn is_whole(net: &Net<'_, Stellaris>, places: &Places<'_>, device: Device) -> bool {
    device.clients == 0 && ready(net, places) == SLOTS
}

fn ready(net: &Net<'_, Stellaris>, places: &Places<'_>) -> usize {
    let is_ready = |place: &&Place<'_>| {
        place.socket.is_some_and(|socket| net.is_listening(socket))
            && place.receive.is_home()
            && place.send.is_home()
    };
    places.iter().flatten().filter(is_ready).count()
}

/// Ends with status 0 if nothing is missing.
fn stop(net: &Net<'_, Stellaris>, places: &Places<'_>, device: Device) -> ! {
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
