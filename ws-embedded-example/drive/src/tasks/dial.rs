//! A server that the device dials, and stays connected with.

use device_app::{Session, Telemetry};
use embassy_futures::select::Either::First;
use ws_core::aio::{Connect, WebSocket};
use ws_core::connection::Millis;
use ws_core::endpoint::Timers;
use ws_core::{Client, Entropy, Error};

use super::converse::converse;
use super::{LINGER, Machine, Memory, Socket, Stream, World};
use crate::backoff::Backoff;

/// Dials a server for ever, by its name and the target to ask for: sends readings and takes commands,
/// as from clients on `/telemetry`, but does not answer what is no command.
pub async fn dial<S: Socket, M: Machine>(
    mut socket: S,
    (host, target): (&str, &str),
    (receive, send): Memory<'_>,
    world: &World<M>,
) -> ! {
    let mut backoff = Backoff::NEW;
    loop {
        let by = world.now().after(world.timing().handshake_within);
        if let First(Some(stream)) = world.until(by, socket.connect()).await {
            let connect = Connect { max_message: u64::MAX, ..Connect::to(host, target) };
            let entropy = world.entropy();
            let opening = connect.open(stream, entropy, &mut *receive, &mut *send, |_, _| {});
            if let First(Ok((socket, _))) = world.until(by, opening).await {
                backoff.lasted(talk(socket, world).await);
            }
        }
        socket.release().await;
        let mut random = [0; 1];
        world.machine().fill(&mut random);
        let [random] = random;
        world.rest(backoff.next(random)).await;
    }
}

/// Tells how long the connection has lasted.
async fn talk<S: Stream, E: Entropy, M: Machine>(
    mut socket: WebSocket<&mut S, Client<E>, &mut [u8], &mut [u8]>,
    world: &World<M>,
) -> Millis {
    let since = world.now();
    let mut session = Session::Dialed(Telemetry::new(since));
    let mut timers = Timers::new(world.timing(), world.clock(), world.entropy());
    let over = converse(&mut socket, &mut timers, &mut session, world).await;
    let lasted = world.now().since(since);
    // "The client SHOULD wait for the server to close the connection" (RFC 6455 section 5.5.1).
    if matches!(over, Ok(()) | Err(Error::Violation(_) | Error::Expired(_))) {
        let left = socket.leave(|_| {}, LINGER);
        let _ = world.within(world.timing().close_within, left).await;
    }
    lasted
}
