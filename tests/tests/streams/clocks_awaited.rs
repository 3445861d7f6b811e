//! Heartbeat and deadlines over the async driver: a receive is polled once, and dropped where it
//! waits, as one that loses against a sleep.

use std::convert::Infallible;

use ws_core::connection::{Expired, Frame, Millis, Time, Timing};
use ws_core::endpoint::Take;
use ws_core::frame::{CloseCode, Kind};
use ws_core::testing::Clock;
use ws_core::{Error, Server, aio};
use ws_tests::{WireFrame, frames::*, run_until_stuck};

use super::tap::{Clocks, Tap};

const QUIET: Timing = Timing { ping_every: None, ..Timing::DEFAULT };

type Socket = aio::WebSocket<Tap, Server, Vec<u8>, Vec<u8>>;
type Received = Option<Result<Option<Vec<u8>>, Error<Infallible>>>;

/// What a receive comes to before it waits.
fn receive(socket: &mut Socket, timers: &mut Clocks) -> Received {
    take(socket, timers, Take::Messages)
}

fn take(socket: &mut Socket, timers: &mut Clocks, take: Take) -> Received {
    let received = run_until_stuck(socket.receive_timed(take, timers))?;
    Some(received.map(|message| message.map(|message| message.bytes().to_vec())))
}

fn expired(expired: Expired) -> Received {
    Some(Err(Error::Expired(expired)))
}

/// BEAT-06: the async driver keeps the same clocks, and whoever wins the race against the sleep,
/// the receive begins again.
#[test]
fn the_async_driver_sends_pings_and_declares_death_the_same() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(200, Timing::DEFAULT, &clock);
    let mut deaths = vec![];
    for answers in [true, true, false] {
        assert_eq!(receive(&mut socket, &mut timers), None);
        clock.advance_to(timers.poll_timeout());
        assert_eq!(receive(&mut socket, &mut timers), None);
        if answers {
            clock.advance(Millis(40));
            tap.answer();
        } else {
            clock.advance_to(timers.poll_timeout());
            deaths.push(receive(&mut socket, &mut timers));
        }
    }
    assert_eq!(timers.deadlines().heartbeat().smoothed_round_trip(), Some(Millis(40)));
    assert_eq!(deaths, [expired(Expired::Heartbeat)]);
    run_until_stuck(socket.flush()).unwrap().unwrap();
    assert_eq!(tap.opcodes(), [9, 9, 9, 8]);
}

/// BEAT-05: what has arrived is read before anyone is judged, however the race ends.
#[test]
fn after_a_long_stall_a_pong_that_has_arrived_counts_for_a_task_too() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(200, Timing::DEFAULT, &clock);
    clock.advance_to(timers.poll_timeout());
    assert_eq!(receive(&mut socket, &mut timers), None);
    tap.answer();
    clock.advance(Millis::seconds(3600));
    assert_eq!(receive(&mut socket, &mut timers), None);
    assert_eq!(timers.poll_timeout(), clock.now().after(Millis::seconds(30)));
}

/// BEAT-05: what we write ourselves gives a peer no new time to end its message.
#[test]
fn an_unfinished_message_expires_although_we_write_meanwhile() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(200, Timing::DEFAULT, &clock);
    tap.feed(text("begun").more());
    assert_eq!(receive(&mut socket, &mut timers), None);
    for second in 1..60 {
        tap.feed(ping("x"));
        clock.advance_to(Time(second * 1000));
        assert_eq!(receive(&mut socket, &mut timers), None, "{second}");
        if tap.sent().last().is_some_and(|frame| frame.opcode == 9) {
            tap.answer();
        }
    }
    clock.advance_to(Time(60_000));
    assert_eq!(receive(&mut socket, &mut timers), expired(Expired::Message));
    run_until_stuck(socket.flush()).unwrap().unwrap();
    assert_eq!(tap.sent().pop(), Some(close(1008, Expired::Message.text())));
}

/// BEAT-04, BEAT-05: a peer that asks for Pongs and gives none dies as any other.
#[test]
fn pings_of_the_peer_do_not_stand_for_its_pong() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(200, Timing::DEFAULT, &clock);
    let pinged = timers.poll_timeout();
    clock.advance_to(pinged);
    assert_eq!(receive(&mut socket, &mut timers), None);
    for _ in 0..9 {
        clock.advance(Millis::seconds(1));
        tap.feed(ping("x"));
        assert_eq!(receive(&mut socket, &mut timers), None);
    }
    clock.advance(Millis::seconds(1));
    tap.feed(ping("x"));
    assert_eq!(receive(&mut socket, &mut timers), expired(Expired::Heartbeat));
}

/// BEAT-05: the idle limit is for what the peer says, not for what we say.
#[test]
fn our_own_messages_do_not_put_the_idle_limit_off() {
    let timing = Timing { idle_within: Some(Millis::seconds(30)), ..QUIET };
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(200, timing, &clock);
    for _ in 0..2 {
        socket.stage(Frame::Message(Kind::Text), b"tick").unwrap();
        assert_eq!(receive(&mut socket, &mut timers), None);
        clock.advance(Millis::seconds(15));
    }
    assert_eq!(receive(&mut socket, &mut timers), expired(Expired::Idle));
}

/// BEAT-05: output that an untimed call has written stalls no more.
#[test]
fn a_stalled_pong_that_an_untimed_send_carried_away_is_not_held_against_the_peer() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(200, QUIET, &clock);
    tap.feed(ping("hi"));
    tap.stop(true);
    assert_eq!(receive(&mut socket, &mut timers), None);
    assert_eq!(timers.poll_timeout(), Time(10_000));
    tap.stop(false);
    run_until_stuck(socket.send_text("hello")).unwrap().unwrap();
    clock.advance(Millis::seconds(10));
    assert_eq!(receive(&mut socket, &mut timers), None);
    assert_eq!(timers.poll_timeout(), Time::NEVER);
    assert_eq!(tap.opcodes(), [10, 1]);
}

/// BEAT-01, BEAT-04: a Ping that an untimed call has written is out all the same.
#[test]
fn a_ping_that_an_untimed_send_carried_away_is_awaited() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(200, Timing::DEFAULT, &clock);
    clock.advance_to(timers.poll_timeout());
    tap.stop(true);
    assert_eq!(receive(&mut socket, &mut timers), None, "staged, and cannot leave");
    tap.stop(false);
    run_until_stuck(socket.send_text("hello")).unwrap().unwrap();
    socket.stage(Frame::Message(Kind::Text), b"and more").unwrap();
    assert_eq!(receive(&mut socket, &mut timers), None);
    assert_eq!(tap.opcodes(), [9, 1, 1]);
    assert_eq!(timers.poll_timeout(), clock.now().after(Millis::seconds(10)));
    clock.advance(Millis::seconds(10));
    assert_eq!(receive(&mut socket, &mut timers), expired(Expired::Heartbeat));
}

/// BEAT-05: a peer that does not read, in a task: the receive itself says so.
#[test]
fn a_write_that_does_not_move_for_ten_seconds_ends_the_receive() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(200, Timing::DEFAULT, &clock);
    tap.stop(true);
    socket.stage(Frame::Message(Kind::Text), b"stuck").unwrap();
    for _ in 0..10 {
        assert_eq!(receive(&mut socket, &mut timers), None);
        clock.advance(Millis::seconds(1));
    }
    assert_eq!(receive(&mut socket, &mut timers), expired(Expired::Write));
}

/// BEAT-05: a stream that takes all and sends nothing is no better.
#[test]
fn a_flush_that_does_not_end_for_ten_seconds_ends_the_receive() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(200, Timing::DEFAULT, &clock);
    tap.hold(true);
    socket.stage(Frame::Message(Kind::Text), b"stuck").unwrap();
    for _ in 0..10 {
        assert_eq!(receive(&mut socket, &mut timers), None);
        clock.advance(Millis::seconds(1));
    }
    let mut slow = (tap.awaited(200, Timing::DEFAULT, &clock), clock.now());
    assert_eq!(receive(&mut socket, &mut timers), expired(Expired::Write));
    let ((socket, timers), begun) = (&mut slow.0, slow.1);
    socket.stage(Frame::Message(Kind::Text), b"slow").unwrap();
    assert_eq!(receive(socket, timers), None);
    assert_eq!(timers.poll_timeout(), begun.after(Millis::seconds(10)));
    tap.hold(false);
    assert_eq!(receive(socket, timers), None);
    assert!(timers.poll_timeout() >= begun.after(Millis::seconds(30)), "only the Ping is to come");
}

/// BEAT-05, FRAG-04: without room for a Ping it waits, and the message's own limit goes on.
#[test]
fn a_ping_that_finds_no_room_beside_a_message_waits_for_its_end() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(0, Timing::DEFAULT, &clock);
    clock.advance_to(Time(20_000));
    tap.feed(text("be").more());
    assert_eq!(receive(&mut socket, &mut timers), None);
    clock.advance_to(timers.poll_timeout());
    assert_eq!(receive(&mut socket, &mut timers), None);
    assert_eq!(timers.poll_timeout(), Time(80_000), "the message's, and nothing that spins");
    tap.feed(WireFrame::continuation("gun"));
    assert_eq!(receive(&mut socket, &mut timers), Some(Ok(Some(b"begun".to_vec()))));
    assert_eq!(receive(&mut socket, &mut timers), None);
    assert_eq!(tap.opcodes(), [9]);
    tap.answer();
    tap.feed(text("never").more());
    assert_eq!(receive(&mut socket, &mut timers), None);
    clock.advance_to(timers.poll_timeout());
    assert_eq!(receive(&mut socket, &mut timers), None);
    clock.advance_to(timers.poll_timeout());
    assert_eq!(receive(&mut socket, &mut timers), expired(Expired::Message));
}

/// BEAT-05, FRAG-04: a Ping that falls due inside a frame that is being echoed waits for its end.
#[test]
fn a_ping_that_is_due_inside_an_echoed_frame_waits_in_a_task_too() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(200, Timing::DEFAULT, &clock);
    tap.feed(binary([7; 180]));
    for _ in 0..3 {
        let piece = run_until_stuck(socket.receive_timed(Take::Chunks, &mut timers));
        let Some(piece) = piece else { break };
        run_until_stuck(piece.unwrap().unwrap().echo()).unwrap().unwrap();
        clock.advance_to(timers.poll_timeout().min(Time(60_000)));
    }
    assert_eq!(take(&mut socket, &mut timers, Take::Chunks), None);
    assert_eq!(tap.opcodes(), [2, 9]);
}

/// BEAT-05, PROTO-07: a Ping that fell due while something else was waiting is not sent behind our
/// Close, and does not fail the connection.
#[test]
fn a_ping_that_is_due_is_forgotten_behind_our_close() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.awaited(0, Timing::DEFAULT, &clock);
    tap.feed(text("be").more());
    assert_eq!(receive(&mut socket, &mut timers), None);
    clock.advance_to(timers.poll_timeout());
    assert_eq!(receive(&mut socket, &mut timers), None, "no room");
    tap.feed(WireFrame::continuation("gun"));
    assert!(receive(&mut socket, &mut timers).is_some());
    run_until_stuck(socket.close(CloseCode::NORMAL.into())).unwrap().unwrap();
    assert_eq!(receive(&mut socket, &mut timers), None);
    clock.advance(Millis::seconds(4));
    assert_eq!(receive(&mut socket, &mut timers), None);
    assert_eq!(tap.sent(), [close(1000, "")]);
    clock.advance(Millis::seconds(1));
    assert_eq!(receive(&mut socket, &mut timers), expired(Expired::Close));
}
