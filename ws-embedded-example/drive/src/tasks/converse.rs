//! An open WebSocket, in either role.

use device_app::{Piece, Reply, Session, TEXT};
use embassy_futures::select::Either::First;
use ws_core::aio::WebSocket;
use ws_core::connection::{Frame, Phase, Time};
use ws_core::endpoint::Timers;
use ws_core::frame::Kind;
use ws_core::{Entropy, Error, Role};

use super::{LATEST, Machine, Stream, World};

/// Talks until the closing handshake is over.
pub(super) async fn converse<S, R, C, E, M>(
    socket: &mut WebSocket<&mut S, R, &mut [u8], &mut [u8]>,
    timers: &mut Timers<C, E>,
    session: &mut Session,
    world: &World<M>,
) -> Result<(), Error<S::Error>>
where
    S: Stream,
    R: Role,
    C: FnMut() -> Time,
    E: Entropy,
    M: Machine,
{
    loop {
        let we_have_closed = socket.phase() != Phase::Open;
        let due = timers.poll_timeout().min(session.poll_timeout());
        let due = due.min(world.now().after(LATEST));
        let received = world.until(due, socket.receive_timed(session.take(), timers)).await;
        let First(received) = received else {
            say(socket, session, world);
            continue;
        };
        let message = match received? {
            // What was on its way when we closed is neither obeyed nor answered: "The application MUST NOT
            // send any more data frames after sending a Close frame" (RFC 6455 section 5.5.1).
            Some(_) if we_have_closed => continue,
            Some(message) => message,
            None => return Ok(()),
        };
        let mut text = [0; TEXT];
        let (kind, ends) = (message.kind(), message.ends());
        let piece = Piece { kind, ends, bytes: message.bytes() };
        let now = world.now();
        match world.change(|device| session.hear(device, piece, now, &mut text)) {
            Reply::Echo => message.stage_echo()?,
            Reply::Text(text) => message.stage_reply(Kind::Text, text)?,
            Reply::None => {}
            Reply::Close(close) => socket.stage_close(close)?,
        }
    }
}

/// What the device says of its own accord, if it is time. A client that has not taken the last reading
/// misses this one.
fn say<S: Stream, R: Role, M: Machine>(
    socket: &mut WebSocket<&mut S, R, &mut [u8], &mut [u8]>,
    session: &mut Session,
    world: &World<M>,
) {
    let mut text = [0; TEXT];
    let vitals = world.machine().vitals();
    if let Some(reading) = session.say(&world.device(), vitals, world.now(), &mut text) {
        let _ = socket.stage(Frame::Message(Kind::Text), reading);
    }
}
