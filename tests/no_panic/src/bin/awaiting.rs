//! Every call of the async driver, in both roles: nothing of it may panic.

#![no_std]
#![no_main]

use core::hint::black_box;

use ws_core::aio::{Accept, Connect, WebSocket};
use ws_core::connection::{Frame, Timing};
use ws_core::endpoint::{Arrival, Endpoint, Inbox, Take, Timers};
use ws_core::frame::{Close, CloseCode, Kind};
use ws_core::handshake::server::Seen;
use ws_core::handshake::{Offers, Subprotocols, Target};
use ws_core::{Client, Error, Role, Server};
use ws_no_panic::{Cut, Wire, any, clock, entropy, run, see};

/// Lives through one connection after the other.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    let mut memory = [0; 2048];
    loop {
        ws_no_panic::canary();
        run(accept(any(&mut memory)));
        run(connect(any(&mut memory)));
        run(converse(Server, any(&mut memory)));
        run(converse(Client(entropy), any(&mut memory)));
        run(timed(Server, any(&mut memory)));
        run(timed(Client(entropy), any(&mut memory)));
        run(halves(Server, any(&mut memory)));
        run(halves(Client(entropy), any(&mut memory)));
    }
}

async fn accept(memory: &mut [u8]) -> Result<(), Error<Cut>> {
    WebSocket::accept(Wire, [0; 140], []).await?;
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
    match accept.read(look).await {
        Ok(upgrade) => {
            let headers = black_box(&[("Server", "none")]);
            accept.accept(&upgrade, chosen.chosen(), headers).await?;
        }
        Err(Error::Refused(refusal)) => accept.refuse(&refusal).await?,
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn connect(memory: &mut [u8]) -> Result<(), Error<Cut>> {
    let (host, target) = black_box(("example.com", "/chat"));
    WebSocket::connect(Wire, entropy, [0; 140], [0; 200], host, target).await?;
    let connect = Connect {
        subprotocols: black_box(&["chat.v2", "chat"]),
        headers: black_box(&[("Origin", "null")]),
        ..Connect::to(host, target)
    };
    let look = |seen, bytes: &[u8]| see((seen, bytes));
    connect.open(Wire, entropy, memory, [0; 200], look).await?;
    Ok(())
}

type Socket<'a, R> = WebSocket<Wire, R, &'a mut [u8], [u8; 200]>;

fn socket<R: Role>(role: R, memory: &mut [u8]) -> Result<Socket<'_, R>, Error<Cut>> {
    let inbox = Inbox::new(memory, R::SIDE)?;
    let endpoint = Endpoint::new(role, black_box(1024), inbox, [0; 200])?;
    Ok(WebSocket::new(Wire, endpoint))
}

async fn converse<R: Role>(role: R, memory: &mut [u8]) -> Result<(), Error<Cut>> {
    let mut payload = [0; 256];
    let mut socket = socket(role, memory)?;
    while let Some(mut message) = socket.receive().await? {
        black_box(message.text());
        black_box(message.bytes_mut());
        match black_box(0) {
            0 => message.echo().await?,
            1 => message.stage_echo()?,
            2 => message.reply_text(as_text(any(&mut payload))).await?,
            3 => message.stage_reply(black_box(Kind::Text), any(&mut payload))?,
            _ => message.reply(black_box(Kind::Binary), any(&mut payload)).await?,
        }
    }
    while let Some(chunk) = socket.receive_chunk().await? {
        black_box((chunk.kind(), chunk.begins(), chunk.ends(), chunk.bytes()));
        chunk.echo().await?;
    }
    socket.send_text(as_text(any(&mut payload))).await?;
    socket.send_part(black_box(Kind::Text), any(&mut payload)).await?;
    socket.send_last_part(black_box(Kind::Text), any(&mut payload)).await?;
    socket.send_lent_or_poison(black_box(Kind::Text), any(&mut payload)).await?;
    socket.ping(any(&mut payload)).await?;
    socket.close(Close::new(CloseCode(black_box(1000)), as_text(any(&mut payload)))).await?;
    black_box((socket.phase(), socket.peer_close(), socket.open_message()));
    socket.leave(|wire| see(wire), black_box(4096)).await;
    Ok(())
}

async fn timed<R: Role>(role: R, memory: &mut [u8]) -> Result<(), Error<Cut>> {
    let mut payload = [0; 256];
    let mut socket = socket(role, memory)?;
    let mut timers = Timers::new(black_box(Timing::default()), clock, entropy);
    while let Some(message) = socket.receive_timed(black_box(Take::Messages), &mut timers).await? {
        match black_box(true) {
            true => message.stage_echo()?,
            false => message.stage_reply(Kind::Binary, any(&mut payload))?,
        }
        socket.stage(black_box(Frame::Ping), any(&mut payload))?;
        socket.stage_close(Close::new(CloseCode(black_box(1000)), as_text(any(&mut payload))))?;
        black_box(timers.poll_timeout());
    }
    Ok(())
}

async fn halves<R: Role>(role: R, memory: &mut [u8]) -> Result<(), Error<Cut>> {
    let mut payload = [0; 256];
    let (mut reader, mut writer) = socket(role, memory)?.split(|_| (Wire, Wire)).await?;
    while let Some(arrival) = reader.receive(black_box(Take::Chunks)).await? {
        match arrival {
            Arrival::Owed(owed) => writer.pay(&owed).await?,
            Arrival::Data { bytes, .. } => writer.send(black_box(Frame::Pong), bytes).await?,
            Arrival::Pong(bytes) => see(bytes),
        }
    }
    writer.send_lent_or_poison(black_box(Kind::Text), any(&mut payload)).await?;
    writer.close(Close::new(CloseCode(black_box(1000)), as_text(any(&mut payload)))).await?;
    Ok(())
}

fn as_text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}
