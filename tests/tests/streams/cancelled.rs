//! Futures that are dropped after every number of polls, and connections that go on.
//!
//! Over a hesitant stream every await of the driver is pending once, so that dropping after N
//! polls, for every N, drops at every await.

use std::pin::pin;

use ws_core::frame::{Close, CloseCode, Kind};
use ws_core::testing::{Random, Script};
use ws_core::{Client, Error, Misuse, Role, Server, Side, aio};
use ws_tests::frames::*;
use ws_tests::scene::encode_for;
use ws_tests::talk::{Sizes, Talk};
use ws_tests::{WireFrame, poll_times, run_until_stuck};

type Socket<R> = aio::WebSocket<Script, R, Vec<u8>, Vec<u8>>;

const SIZES: Sizes = Sizes { max_message: 1024, rx: 1400, tx: 400 };

fn socket<R: Role>(role: R, input: &[WireFrame]) -> Socket<R> {
    let input = encode_for(R::SIDE, input);
    let script = Script::new().pieces(&input, 40).write_at_most(3).hesitant().then_silence();
    aio::WebSocket::new(script, SIZES.endpoint(role))
}

/// Drops a future after so many polls; its result, if it was ready before.
macro_rules! dropped_after {
    ($polls:expr, $future:expr) => {
        poll_times(pin!($future).as_mut(), $polls).0
    };
}

/// What was received, and what the peer heard.
type Told = (Vec<WireFrame>, Vec<WireFrame>);

/// Receives everything, each future dropped after `polls` polls; the last ones would wait for ever.
fn receive_all<R: Role>(mut socket: Socket<R>, polls: usize) -> Told {
    let (mut messages, mut idle) = (vec![], 0);
    while idle < 4 {
        let before = (socket.stream().polls(), messages.len());
        match dropped_after!(polls, socket.receive()) {
            Some(Ok(Some(message))) => messages.push(match message.kind() {
                Kind::Text => text(message.bytes()),
                Kind::Binary => binary(message.bytes()),
            }),
            Some(Ok(None)) => break,
            Some(Err(error)) => panic!("{error:?}"),
            None => {}
        }
        let script = socket.stream();
        let moved = (script.polls(), messages.len()) != before && !script.is_read();
        idle = if moved { 0 } else { idle + 1 };
    }
    run_until_stuck(socket.flush()).unwrap().unwrap();
    (messages, socket.peer_heard())
}

fn for_each_role(test: impl Fn(&dyn Fn(usize) -> Told)) {
    let input = [
        text("whole"),
        ping("first"),
        binary([5; 100]).more(),
        ping([6; 125]),
        continuation([7; 100]),
        text("more"),
        close(1000, "bye"),
    ];
    test(&|polls| receive_all(socket(Server, &input), polls));
    test(&|polls| receive_all(socket(Client(Random::new(1)), &input), polls));
}

/// EMB-04: no byte is lost, none is read twice, and every Pong leaves.
#[test]
fn receiving_may_be_dropped_anywhere() {
    for_each_role(|receive| {
        let expected = receive(usize::MAX);
        assert_eq!(expected.0.len(), 3);
        assert_eq!(expected.1, [pong("first"), pong([6; 125]), close(1000, "")]);
        for polls in 2..200 {
            assert_eq!(receive(polls), expected, "dropped after {polls} polls");
        }
    });
}

/// EMB-04: a stream that is ready or not at any single moment changes nothing.
#[test]
fn a_stream_that_is_not_ready_at_any_one_poll_changes_nothing() {
    let input = [text("whole"), ping("p"), binary("b").more(), continuation("c"), empty_close()];
    for nth in 1..40 {
        let script = Script::new().pieces(&encode_for(Side::Server, &input), 3).not_ready(nth);
        let mut socket = SIZES.asynchronous(Server, &script);
        assert_eq!(socket.receive(), Ok(Some(text("whole"))));
        assert_eq!(socket.receive(), Ok(Some(binary("bc"))));
        assert_eq!(socket.receive(), Ok(None));
        assert_eq!(socket.peer_heard(), [pong("p"), empty_close()]);
    }
}

/// EMB-04: a message that fits is staged before the first await: dropped anywhere, it leaves whole
/// with the next call.
#[test]
fn a_send_that_was_begun_is_finished_by_the_next_call() {
    each_drop(|socket, polls| {
        let done = dropped_after!(polls, socket.send_text("a message that fits"));
        assert_eq!(socket.open_message(), None);
        run_until_stuck(socket.send_binary(b"next")).unwrap().unwrap();
        assert_eq!(socket.peer_heard(), [text("a message that fits"), binary("next")]);
        done.is_some()
    });
}

/// EMB-04
#[test]
fn an_echo_that_was_begun_is_finished_by_the_next_call() {
    each_drop(|socket, polls| {
        socket.peer_sends(&[text("echo this")]);
        let message = run_until_stuck(socket.receive()).unwrap().unwrap().unwrap();
        let done = dropped_after!(polls, message.echo());
        run_until_stuck(socket.flush()).unwrap().unwrap();
        assert_eq!(socket.peer_heard(), [text("echo this")]);
        done.is_some()
    });
}

/// EMB-04
#[test]
fn a_ping_and_a_close_that_were_begun_are_finished_by_the_next_call() {
    each_drop(|socket, polls| {
        let done = dropped_after!(polls, socket.ping(b"there?"));
        run_until_stuck(socket.flush()).unwrap().unwrap();
        assert_eq!(socket.peer_heard(), [ping("there?")]);
        done.is_some()
    });
    each_drop(|socket, polls| {
        let done = dropped_after!(polls, socket.close(Close::new(CloseCode::NORMAL, "bye")));
        run_until_stuck(socket.flush()).unwrap().unwrap();
        assert_eq!(socket.peer_heard(), [close(1000, "bye")]);
        done.is_some()
    });
}

/// FRAG-04, EMB-03: a message that fits no buffer is left open, tells how much of it was staged,
/// and is resumed from there.
#[test]
fn a_large_send_that_was_dropped_is_resumed_where_it_stopped() {
    let payload: Vec<u8> = (0..5000_u32).map(|n| n as u8).collect();
    each_drop(|socket, polls| {
        let done = dropped_after!(polls, socket.send_binary(&payload)).is_some();
        match socket.open_message() {
            None => run_until_stuck(socket.flush()).unwrap().unwrap(),
            Some((kind, staged)) => {
                let misuse = run_until_stuck(socket.send_text("other")).unwrap();
                assert_eq!(misuse, Err(Error::Misuse(Misuse::MessageOpen)));
                let rest = &payload[staged as usize..];
                run_until_stuck(socket.send_last_part(kind, rest)).unwrap().unwrap();
            }
        }
        assert!(socket.peer_heard() == [binary(&payload)], "dropped after {polls} polls");
        done
    });
}

/// FRAG-04: a frame of known size tells how much of it is to come, and is resumed from there.
#[test]
fn a_sized_send_that_was_dropped_is_resumed_where_it_stopped() {
    let payload: Vec<u8> = (0..3000_u32).map(|n| n as u8).collect();
    each_drop(|socket, polls| {
        let mut rest = &payload[..];
        let mut fill = |room: &mut [u8]| {
            let (now, later) = rest.split_at(rest.len().min(room.len()).min(200));
            room[..now.len()].copy_from_slice(now);
            rest = later;
            now.len()
        };
        let sent = dropped_after!(polls, socket.send_sized(Kind::Binary, 3000, &mut fill));
        run_until_stuck(socket.send_more(fill)).unwrap().unwrap();
        assert_eq!(socket.frame_left(), 0);
        assert!(socket.peer_heard() == [binary(&payload)], "dropped after {polls} polls");
        sent.is_some()
    });
}

/// FRAG-04: or it is given up: a Close may come inside a message.
#[test]
fn a_large_send_that_was_dropped_can_be_given_up() {
    each_drop(|socket, polls| {
        let done = dropped_after!(polls, socket.send_binary(&[1; 5000])).is_some();
        run_until_stuck(socket.close(CloseCode::INTERNAL_ERROR.into())).unwrap().unwrap();
        assert_eq!(socket.peer_heard().last(), Some(&close(1011, "")));
        done
    });
}

/// EMB-04: the one that says so in its name: dropped inside its frame, it poisons; dropped before
/// its frame or done, it does not.
#[test]
fn a_lent_send_that_was_dropped_inside_its_frame_poisons_the_connection() {
    each_drop(|socket, polls| {
        let mut payload = [7; 50];
        let done = dropped_after!(polls, socket.send_lent_or_poison(Kind::Binary, &mut payload));
        let next = run_until_stuck(socket.send_text("next")).unwrap();
        match done {
            Some(_) => assert_eq!(socket.peer_heard(), [binary([7; 50]), text("next")]),
            // All of the frame may have left, and only the flush been dropped.
            None if next.is_ok() => assert_eq!(socket.peer_heard().len(), 2),
            None => assert_eq!(next, Err(Error::Misuse(Misuse::Poisoned))),
        }
        done.is_some()
    });
}

/// Runs a test over a client's socket, which masks and has the longer headers, with a drop after
/// each number of polls until nothing is left to drop.
fn each_drop(test: impl Fn(&mut Socket<Client<Random>>, usize) -> bool) {
    let all_polls = (1..).find(|polls| test(&mut socket(Client(Random::new(2)), &[]), *polls));
    assert!(all_polls > Some(3), "there were awaits to drop at");
}
