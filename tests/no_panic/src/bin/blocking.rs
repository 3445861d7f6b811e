//! Every call of the blocking driver, in both roles: nothing of it may panic.

#![no_std]
#![no_main]

use core::hint::black_box;

use ws_core::connection::{Frame, Timing};
use ws_core::endpoint::{Arrival, Endpoint, Inbox, Take, Timers};
use ws_core::frame::{Close, CloseCode, Kind};
use ws_core::handshake::server::Seen;
use ws_core::handshake::{Offers, Subprotocols, Target};
use ws_core::io::{Accept, Connect, Step, WebSocket};
use ws_core::{Client, Error, Role, Server};
use ws_no_panic::{Cut, Wire, any, clock, entropy, see};

/// Lives through one connection after the other.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let mut memory = [0; 2048];
    loop {
        ws_no_panic::canary();
        let _ = accept(any(&mut memory));
        let _ = connect(any(&mut memory));
        let _ = converse(Server, any(&mut memory));
        let _ = converse(Client(entropy), any(&mut memory));
        let _ = superloop(Server, any(&mut memory));
        let _ = superloop(Client(entropy), any(&mut memory));
        let _ = halves(Server, any(&mut memory));
        let _ = halves(Client(entropy), any(&mut memory));
    }
}

fn accept(memory: &mut [u8]) -> Result<(), Error<Cut>> {
    WebSocket::accept(Wire, [0; 140], [])?;
    let mut chosen = Subprotocols::new(black_box(&["chat.v2", "chat"]));
    let mut accept = Accept::new(Wire, memory, [0; 200])?.with_max_head(black_box(4096));
    let look = |seen, bytes: &[u8]| match seen {
        Seen::Request { target, .. } => see(Target::parse(target.of(bytes))),
        Seen::Field(field) => {
            if let Some(value) = field.value("Sec-WebSocket-Protocol", bytes) {
                chosen.observe(value);
            }
            if let Some(value) = field.value("Sec-WebSocket-Extensions", bytes) {
                Offers::new(value).for_each(see);
            }
        }
        Seen::Complete(upgrade) => see(upgrade),
    };
    match accept.read(look) {
        Ok(upgrade) => {
            let headers = black_box(&[("Server", "none")]);
            accept.accept(&upgrade, chosen.chosen(), headers)?;
        }
        Err(Error::Refused(refusal)) => accept.refuse(&refusal)?,
        Err(error) => return Err(error),
    }
    Ok(())
}

fn connect(memory: &mut [u8]) -> Result<(), Error<Cut>> {
    let (host, target) = black_box(("example.com", "/chat"));
    WebSocket::connect(Wire, entropy, [0; 140], [0; 200], host, target)?;
    let connect = Connect {
        subprotocols: black_box(&["chat.v2", "chat"]),
        headers: black_box(&[("Origin", "null")]),
        ..Connect::to(host, target)
    };
    let look = |seen, bytes: &[u8]| see((seen, bytes));
    connect.open(Wire, entropy, memory, [0; 200], look)?;
    Ok(())
}

type Socket<'a, R> = WebSocket<Wire, R, &'a mut [u8], [u8; 200]>;

fn socket<R: Role>(role: R, memory: &mut [u8]) -> Result<Socket<'_, R>, Error<Cut>> {
    let inbox = Inbox::new(memory, R::SIDE)?;
    let endpoint = Endpoint::new(role, black_box(1024), inbox, [0; 200])?;
    Ok(WebSocket::new(Wire, endpoint))
}

fn converse<R: Role>(role: R, memory: &mut [u8]) -> Result<(), Error<Cut>> {
    let mut payload = [0; 256];
    let mut socket = socket(role, memory)?;
    while let Some(mut message) = socket.receive()? {
        black_box(message.text());
        black_box(message.bytes_mut());
        match black_box(0) {
            0 => message.echo()?,
            1 => message.stage_echo()?,
            2 => message.reply_text(as_text(any(&mut payload)))?,
            3 => message.stage_reply(black_box(Kind::Text), any(&mut payload))?,
            _ => message.reply(black_box(Kind::Binary), any(&mut payload))?,
        }
    }
    while let Some(chunk) = socket.receive_chunk()? {
        black_box((chunk.kind(), chunk.begins(), chunk.ends(), chunk.bytes()));
        chunk.echo()?;
    }
    socket.send_text(as_text(any(&mut payload)))?;
    socket.send_part(black_box(Kind::Text), any(&mut payload))?;
    socket.send_last_part(black_box(Kind::Text), any(&mut payload))?;
    socket.send_lent(black_box(Kind::Text), any(&mut payload))?;
    socket.ping(any(&mut payload))?;
    socket.close(Close::new(CloseCode(black_box(1000)), as_text(any(&mut payload))))?;
    black_box((socket.phase(), socket.peer_close(), socket.open_message()));
    socket.leave(|wire| see(wire), black_box(4096));
    Ok(())
}

fn superloop<R: Role>(role: R, memory: &mut [u8]) -> Result<(), Error<Cut>> {
    let mut payload = [0; 256];
    let mut socket = socket(role, memory)?;
    let mut timers = Timers::new(black_box(Timing::default()), clock, entropy);
    loop {
        let take = black_box(Take::Messages);
        match socket.step(take, &mut timers)? {
            Step::Data(message) => match black_box(true) {
                true => message.stage_echo()?,
                false => message.stage_reply(Kind::Binary, any(&mut payload))?,
            },
            Step::Idle(until) => see(until),
            Step::Closed => return Ok(()),
        }
        socket.stage(black_box(Frame::Ping), any(&mut payload))?;
        socket.stage_close(Close::new(CloseCode(black_box(1000)), as_text(any(&mut payload))))?;
        black_box(timers.poll_timeout());
    }
}

fn halves<R: Role>(role: R, memory: &mut [u8]) -> Result<(), Error<Cut>> {
    let mut payload = [0; 256];
    let (mut reader, mut writer) = socket(role, memory)?.split(|_| (Wire, Wire))?;
    while let Some(arrival) = reader.receive(black_box(Take::Chunks))? {
        match arrival {
            Arrival::Owed(owed) => writer.pay(&owed)?,
            Arrival::Data { bytes, .. } => writer.send(black_box(Frame::Pong), bytes)?,
            Arrival::Pong(bytes) => see(bytes),
        }
    }
    writer.send_lent(black_box(Kind::Text), any(&mut payload))?;
    writer.close(Close::new(CloseCode(black_box(1000)), as_text(any(&mut payload))))?;
    Ok(())
}

fn as_text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}
