//! The drivers: whatever the peer says, however the stream behaves and wherever a future is
//! dropped, they end, and what they say is legal.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use embedded_io::ErrorKind;
use ws_core::connection::{Frame, Timing};
use ws_core::endpoint::{Take, Timers};
use ws_core::frame::{Close, CloseCode};
use ws_core::io::Step;
use ws_core::{Client, Error, Role, Server, Side, aio, io};

use super::Dice;
use super::samples::payload;
use super::script::{Plan, Wish, clock, entropy, judge};
use super::wire::Wire;

/// How many calls a conversation has.
const WISHES: usize = 60;

type Answer = Result<(), Error<ErrorKind>>;

/// Whether a conversation goes on after this.
fn goes_on(answer: &Answer) -> bool {
    !matches!(answer, Err(Error::Ended | Error::Expired(_)))
}

/// The blocking driver.
pub fn the_blocking_driver_stays_legal(input: &[u8]) {
    let (mut dice, input) = Dice::split(input);
    let plan = Plan::new(&mut dice);
    let wire = Wire::new(&mut dice, input);
    let (rx, tx) = (vec![0; plan.rx], vec![0; plan.tx]);
    match (plan.side, plan.handshake) {
        (Side::Server, true) => {
            if let Ok(socket) = io::WebSocket::accept(wire.clone(), rx, tx) {
                block(&plan, &mut dice, socket);
            }
        }
        (Side::Client, true) => {
            let random = entropy(&mut dice);
            if let Ok(socket) = io::WebSocket::connect(wire.clone(), random, rx, tx, "a", "/") {
                block(&plan, &mut dice, socket);
            }
        }
        (Side::Server, false) => {
            let Ok(endpoint) = plan.endpoint(Server) else { return };
            block(&plan, &mut dice, io::WebSocket::new(wire.clone(), endpoint));
        }
        (Side::Client, false) => {
            let Ok(endpoint) = plan.endpoint(Client(entropy(&mut dice))) else { return };
            block(&plan, &mut dice, io::WebSocket::new(wire.clone(), endpoint));
        }
    }
    judge(&plan, &wire);
}

fn block<R: Role>(
    plan: &Plan,
    dice: &mut Dice,
    mut socket: io::WebSocket<Wire, R, Vec<u8>, Vec<u8>>,
) {
    let mut timers = Timers::new(Timing::default(), clock(dice), entropy(dice));
    for _ in 0..WISHES {
        let (kind, mut bytes) = payload(dice, 2000);
        let answer = match Wish::next(dice) {
            Wish::Message => match socket.receive() {
                Ok(Some(message)) if dice.once_in(2) => message.echo(),
                Ok(Some(message)) => message.reply(kind, &bytes),
                Ok(None) => break,
                Err(error) => Err(error),
            },
            Wish::Piece => match socket.receive_chunk() {
                Ok(Some(piece)) if plan.echo_pieces => piece.echo(),
                Ok(Some(_)) => Ok(()),
                Ok(None) => break,
                Err(error) => Err(error),
            },
            Wish::Step => match socket.step(Take::Messages, &mut timers) {
                Ok(Step::Data(message)) => message.stage_echo(),
                Ok(Step::Idle(_)) => Ok(()),
                Ok(Step::Closed) => break,
                Err(error) => Err(error),
            },
            Wish::Send => socket.send(kind, &bytes),
            Wish::SendPart if !plan.echo_pieces => socket.send_part(kind, &bytes),
            Wish::SendLastPart if !plan.echo_pieces => socket.send_last_part(kind, &bytes),
            Wish::SendPart | Wish::SendLastPart => Ok(()),
            Wish::SendLent => socket.send_lent(kind, &mut bytes),
            Wish::Ping => socket.ping(&bytes),
            Wish::Stage => socket.stage(Frame::Message(kind), &bytes),
            Wish::Close => socket.close(Close::new(CloseCode(dice.below(5000) as u16), "enough")),
        };
        if !goes_on(&answer) {
            break;
        }
        if let Err(Error::Violation(_)) = answer {
            assert_eq!(socket.receive().map(drop), answer, "the same for ever");
        }
    }
    socket.leave(|_| (), 1000);
}

/// The async driver.
pub fn the_async_driver_stays_legal(input: &[u8]) {
    let (mut dice, input) = Dice::split(input);
    let plan = Plan::new(&mut dice);
    let wire = Wire::new(&mut dice, input);
    let (rx, tx) = (vec![0; plan.rx], vec![0; plan.tx]);
    match (plan.side, plan.handshake) {
        (Side::Server, true) => {
            let accept = aio::WebSocket::accept(wire.clone(), rx, tx);
            if let Some(Ok(socket)) = run(accept, usize::MAX) {
                wait(&plan, &mut dice, socket);
            }
        }
        (Side::Client, true) => {
            let random = entropy(&mut dice);
            let connect = aio::WebSocket::connect(wire.clone(), random, rx, tx, "a", "/");
            if let Some(Ok(socket)) = run(connect, usize::MAX) {
                wait(&plan, &mut dice, socket);
            }
        }
        (Side::Server, false) => {
            let Ok(endpoint) = plan.endpoint(Server) else { return };
            wait(&plan, &mut dice, aio::WebSocket::new(wire.clone(), endpoint));
        }
        (Side::Client, false) => {
            let Ok(endpoint) = plan.endpoint(Client(entropy(&mut dice))) else { return };
            wait(&plan, &mut dice, aio::WebSocket::new(wire.clone(), endpoint));
        }
    }
    judge(&plan, &wire);
}

fn wait<R: Role>(
    plan: &Plan,
    dice: &mut Dice,
    mut socket: aio::WebSocket<Wire, R, Vec<u8>, Vec<u8>>,
) {
    let mut timers = Timers::new(Timing::default(), clock(dice), entropy(dice));
    for _ in 0..WISHES {
        let (kind, mut bytes) = payload(dice, 2000);
        let polls = if dice.once_in(2) { usize::MAX } else { 1 + dice.below(6) };
        let answer = match Wish::next(dice) {
            Wish::Message => match run(socket.receive(), polls) {
                Some(Ok(Some(message))) if dice.once_in(2) => run(message.echo(), polls),
                Some(Ok(Some(message))) => run(message.reply(kind, &bytes), polls),
                Some(Ok(None)) => break,
                Some(Err(error)) => Some(Err(error)),
                None => None,
            },
            Wish::Piece => match run(socket.receive_chunk(), polls) {
                Some(Ok(Some(piece))) if plan.echo_pieces => run(piece.echo(), polls),
                Some(Ok(Some(_))) | None => None,
                Some(Ok(None)) => break,
                Some(Err(error)) => Some(Err(error)),
            },
            Wish::Step => match run(socket.receive_timed(Take::Messages, &mut timers), polls) {
                Some(Ok(Some(message))) => Some(message.stage_echo()),
                Some(Ok(None)) => break,
                Some(Err(error)) => Some(Err(error)),
                None => None,
            },
            Wish::Send => run(socket.send(kind, &bytes), polls),
            Wish::SendPart if !plan.echo_pieces => run(socket.send_part(kind, &bytes), polls),
            Wish::SendLastPart if !plan.echo_pieces => {
                run(socket.send_last_part(kind, &bytes), polls)
            }
            Wish::SendPart | Wish::SendLastPart => None,
            Wish::SendLent => run(socket.send_lent_or_poison(kind, &mut bytes), polls),
            Wish::Ping => run(socket.ping(&bytes), polls),
            Wish::Stage => Some(socket.stage(Frame::Message(kind), &bytes)),
            Wish::Close => {
                let close = Close::new(CloseCode(dice.below(5000) as u16), "enough");
                run(socket.close(close), polls)
            }
        };
        let answer = answer.unwrap_or(Ok(()));
        if !goes_on(&answer) {
            break;
        }
        if let Err(Error::Violation(_)) = answer {
            let next = run(socket.receive(), 1).map(|received| received.map(drop));
            assert_eq!(next, Some(answer), "the same for ever");
        }
    }
    run(socket.leave(|_| (), 1000), usize::MAX);
}

/// Polls a future until it is done, or so many times, and drops it.
fn run<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}
