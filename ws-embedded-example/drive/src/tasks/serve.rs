//! A place for one client after the other.

use device_app::{Answer, Session, Visit};
use embassy_futures::select::Either::{First, Second};
use embedded_io_async::Write;
use ws_core::aio::{Accept, WebSocket};
use ws_core::endpoint::Timers;
use ws_core::handshake::Upgrade;
use ws_core::{Error, Server};

use super::converse::converse;
use super::{LINGER, Machine, Memory, Socket, Stream, World};

/// A client that asks for something, and one that has a WebSocket.
type Asking<'c, S> = Accept<&'c mut S, &'c mut [u8], &'c mut [u8]>;
type Talking<'c, S> = WebSocket<&'c mut S, Server, &'c mut [u8], &'c mut [u8]>;

/// Serves one client after the other. Ends only if a buffer is too small for a WebSocket.
pub async fn serve<S: Socket, M: Machine>(
    mut socket: S,
    (receive, send): Memory<'_>,
    world: &World<M>,
) {
    loop {
        if let Some(stream) = socket.connect().await {
            // An echo is of any size; commands are bounded by the buffer that they must fit.
            let Ok(accept) = Accept::new(stream, &mut *receive, &mut *send) else { return };
            visit(accept.with_max_message(u64::MAX), world).await;
        }
        socket.release().await;
    }
}

async fn visit<S: Stream, M: Machine>(mut accept: Asking<'_, S>, world: &World<M>) {
    let mut visit = Visit::NEW;
    let read = accept.read(|seen, bytes| visit.see(seen, bytes));
    let asked = match world.within(world.timing().handshake_within, read).await {
        First(Ok(upgrade)) => visit.upgrade(world.now()).map(|session| (upgrade, session)),
        First(Err(Error::Refused(refusal))) => Err(refusal),
        // The stream has ended, or it is too late.
        First(Err(_)) | Second(()) => return,
    };
    match asked {
        Ok((upgrade, session)) => open(accept, upgrade, session, world).await,
        Err(refusal) => answer(accept, visit.answer(refusal), world).await,
    }
}

async fn open<S: Stream, M: Machine>(
    accept: Asking<'_, S>,
    upgrade: Upgrade,
    mut session: Session,
    world: &World<M>,
) {
    let accepted = accept.accept(&upgrade, None, &[]);
    let First(Ok(mut socket)) = world.within(world.timing().write_within, accepted).await else {
        return;
    };
    let mut timers = Timers::new(world.timing(), world.clock(), world.entropy());
    world.change(|device| device.clients = device.clients.saturating_add(1));
    let over = converse(&mut socket, &mut timers, &mut session, world).await;
    world.change(|device| device.clients = device.clients.saturating_sub(1));
    match over {
        // A client that has ended without a word may still listen.
        Ok(()) | Err(Error::Violation(_) | Error::Expired(_) | Error::Ended) => {
            part(socket, world).await;
        }
        // The stream has broken.
        Err(_) => {}
    }
}

/// "Closing the connection cleanly" (RFC 6455 section 7.1.1): a peer that still sends would
/// otherwise get a reset in place of our last words.
async fn part<S: Stream, M: Machine>(socket: Talking<'_, S>, world: &World<M>) {
    let left = async {
        let stream = socket.leave(|stream| stream.hang_up(), LINGER).await;
        stream.drained().await;
    };
    let _ = world.within(world.timing().close_within, left).await;
}

/// Sends what is no WebSocket, and leaves like [`part`].
async fn answer<S: Stream, M: Machine>(
    mut accept: Asking<'_, S>,
    answer: Answer,
    world: &World<M>,
) {
    let written = write(accept.stream(), answer);
    let First(Some(())) = world.within(world.timing().write_within, written).await else { return };
    let left = async {
        let stream = accept.leave(|stream| stream.hang_up(), LINGER).await;
        stream.drained().await;
    };
    let _ = world.within(world.timing().close_within, left).await;
}

/// None if the stream breaks.
async fn write(stream: &mut impl Write, answer: Answer) -> Option<()> {
    let mut sent = 0usize;
    loop {
        let mut part = [0; 128];
        let len = answer.write(sent, &mut part);
        if len == 0 {
            return Some(());
        }
        match stream.write(part.get(..len).unwrap_or_default()).await {
            Ok(0) | Err(_) => return None,
            Ok(len) => sent = sent.saturating_add(len),
        }
    }
}
