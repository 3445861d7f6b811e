//! An open WebSocket, in either role.

use device_app::{Device, Piece, Reply, Session, TEXT, Vitals};
use ws_core::connection::{Frame, Phase, Time};
use ws_core::endpoint::Timers;
use ws_core::frame::Kind;
use ws_core::io::{Step, WebSocket};
use ws_core::{Entropy, Error, Role};

use crate::stream::Stream;

/// So many messages, or pieces, are taken from a connection before the others have their turn.
const PIECES_PER_TURN: usize = 8;

/// One turn of an open WebSocket: when it wants the next, or none if it is over.
pub(crate) fn converse<S, R, Rx, Tx, C, E>(
    socket: &mut WebSocket<S, R, Rx, Tx>,
    timers: &mut Timers<C, E>,
    session: &mut Session,
    device: &mut Device,
    vitals: Vitals,
    now: Time,
) -> Result<Option<Time>, Error<S::Error>>
where
    S: Stream,
    R: Role,
    Rx: AsRef<[u8]> + AsMut<[u8]>,
    Tx: AsRef<[u8]> + AsMut<[u8]>,
    C: FnMut() -> Time,
    E: Entropy,
{
    let mut text = [0; TEXT];
    for _ in 0..PIECES_PER_TURN {
        let we_have_closed = socket.phase() != Phase::Open;
        let message = match socket.step(session.take(), timers)? {
            // What was on its way when we closed is neither obeyed nor answered: "The application MUST NOT
            // send any more data frames after sending a Close frame" (RFC 6455 section 5.5.1).
            Step::Data(_) if we_have_closed => continue,
            Step::Data(message) => message,
            Step::Closed => return Ok(None),
            Step::Idle(next) => {
                let Some(reading) = session.say(device, vitals, now, &mut text) else {
                    return Ok(Some(next.min(session.poll_timeout())));
                };
                // A client that has not taken the last one misses this one.
                let _ = socket.stage(Frame::Message(Kind::Text), reading);
                continue;
            }
        };
        let (kind, ends) = (message.kind(), message.ends());
        let piece = Piece { kind, ends, bytes: message.bytes() };
        match session.hear(device, piece, now, &mut text) {
            Reply::Echo => message.stage_echo()?,
            Reply::Text(text) => message.stage_reply(Kind::Text, text)?,
            Reply::None => {}
            Reply::Close(close) => socket.stage_close(close)?,
        }
    }
    // There is more to take.
    Ok(Some(Time::default()))
}
