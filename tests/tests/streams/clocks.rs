//! Heartbeat and deadlines, on a clock that is moved by hand.

use ws_core::connection::{Expired, Frame, Millis, Time, Timing};
use ws_core::endpoint::{Take, Timers};
use ws_core::frame::{CloseCode, Kind};
use ws_core::io::{Step, WebSocket};
use ws_core::testing::{Clock, Pair, Random, Script, Told};
use ws_core::{Error, Side};
use ws_tests::WireFrame;
use ws_tests::frames::*;

use super::tap::Tap;

/// No heartbeat of its own: what is seen is the other end's.
const QUIET: Timing = Timing { ping_every: None, ..Timing::DEFAULT };

fn pair() -> Pair {
    Pair::with_timing(QUIET, Timing::DEFAULT).unwrap()
}

fn expired(expired: Expired) -> Told {
    Told::Failed(Error::Expired(expired))
}

/// The moments at which the server's pings left, seen by stepping one second at a time.
fn pings(pair: &mut Pair) -> usize {
    pair.server.sent_frames().iter().filter(|frame| frame.opcode == 9).count()
}

fn server_frames(pair: &mut Pair) -> Vec<WireFrame> {
    pair.server.sent_frames()
}

/// BEAT-01, BEAT-02: every 30 s and a bit at first, for ever, and each is answered.
#[test]
fn a_ping_leaves_every_thirty_seconds_and_the_peer_answers() {
    let mut pair = pair();
    assert_eq!(pair.advance(Millis(29_999)), []);
    assert_eq!(pings(&mut pair), 0);
    assert_eq!(pair.advance(Millis::seconds(3600)), []);
    let count = pings(&mut pair);
    assert!((119..=120).contains(&count), "{count}");
    assert_eq!(pair.client.sent_frames().len(), count);
    let payloads: Vec<_> = server_frames(&mut pair).into_iter().map(|ping| ping.payload).collect();
    let answers: Vec<_> = pair.client.sent_frames().into_iter().map(|pong| pong.payload).collect();
    assert_eq!(payloads, answers, "each nonce comes back");
    assert_ne!(payloads[0], payloads[1], "and is fresh");
    assert_eq!(pair.server.timers().deadlines().heartbeat().last_round_trip(), Some(Millis(0)));
}

/// BEAT-04: the cable is pulled: Close 1001, 10 s after the Ping.
#[test]
fn a_peer_that_does_not_answer_within_ten_seconds_is_dead() {
    let mut pair = pair();
    pair.client.cut();
    pair.advance(pair.server.timeout().since(Time(0)));
    assert_eq!(pings(&mut pair), 1);
    assert_eq!(pair.advance(Millis(9_999)), []);
    assert_eq!(pair.advance(Millis(1)).first(), Some(&(Side::Server, expired(Expired::Heartbeat))));
    let last = server_frames(&mut pair).pop().unwrap();
    assert_eq!(last, close(1001, Expired::Heartbeat.text()));
}

/// BEAT-04: how many may be missed is a choice.
#[test]
fn with_three_pongs_to_miss_death_comes_after_the_third() {
    let timing = Timing { pongs_missed: 3, ..Timing::DEFAULT };
    let mut pair = Pair::with_timing(QUIET, timing).unwrap();
    pair.client.cut();
    pair.advance(pair.server.timeout().since(Time(0)));
    assert_eq!(pair.advance(Millis(29_999)), []);
    assert_eq!(pings(&mut pair), 3);
    let told = pair.advance(Millis(1));
    assert_eq!(told.first(), Some(&(Side::Server, expired(Expired::Heartbeat))));
}

/// BEAT-03: neither data nor a Pong that nobody asked for proves that the Ping was answered.
#[test]
fn only_the_echoed_nonce_keeps_a_peer_alive() {
    let mut pair = pair();
    // From now on the server's Pings do not arrive, and what the client sends does.
    pair.server.cut();
    let mut told = vec![];
    for _ in 0..50 {
        pair.client.send_frame(Frame::Pong, b"unsolic.").unwrap();
        told.extend(pair.advance(Millis::seconds(1)));
        let _ = pair.client.send(Kind::Text, b"alive");
        told.extend(pair.advance(Millis::seconds(1)));
    }
    assert!(told.contains(&(Side::Server, expired(Expired::Heartbeat))), "{told:?}");
}

/// BEAT-05: a partial frame delays no timer: the heartbeat goes on, and the message's own limit
/// ends it.
#[test]
fn a_message_that_does_not_end_within_a_minute_is_refused_with_1008() {
    let mut pair = pair();
    pair.client.send_frame(Frame::Part(Kind::Text), b"begun").unwrap();
    assert_eq!(pair.advance(Millis(59_999)), []);
    assert!(pings(&mut pair) >= 1, "the heartbeat goes on meanwhile");
    let told = pair.advance(Millis(1));
    assert_eq!(told.first(), Some(&(Side::Server, expired(Expired::Message))));
    let last = server_frames(&mut pair).pop().unwrap();
    assert_eq!(last, close(1008, Expired::Message.text()));
}

/// FRAG-04: fragments that trickle in do not push the limit out, and an end takes it away.
#[test]
fn the_minute_is_for_the_whole_message_however_often_a_part_comes() {
    let mut pair = pair();
    let mut told = vec![];
    for _ in 0..7 {
        let _ = pair.client.send_frame(Frame::Part(Kind::Text), b"");
        told.extend(pair.advance(Millis::seconds(9)));
    }
    assert!(told.contains(&(Side::Server, expired(Expired::Message))), "{told:?}");

    let mut pair = self::pair();
    for _ in 0..20 {
        pair.client.send_frame(Frame::Part(Kind::Text), b"be").unwrap();
        pair.advance(Millis::seconds(9));
        pair.client.send_frame(Frame::LastPart(Kind::Text), b"gun").unwrap();
        let told = pair.advance(Millis::seconds(9));
        assert_eq!(told, [(Side::Server, Told::Message(Kind::Text, b"begun".to_vec()))]);
    }
}

/// PROTO-07: our Close is not answered: 5 s, then it is over without another frame.
#[test]
fn a_close_that_is_not_answered_within_five_seconds_is_the_end() {
    let mut pair = pair();
    pair.client.cut();
    pair.server.close(CloseCode::NORMAL, "bye").unwrap();
    assert_eq!(pair.run(), [(Side::Client, Told::Closed)]);
    assert_eq!(pair.advance(Millis(4_999)), []);
    assert_eq!(pair.advance(Millis(1)), [(Side::Server, expired(Expired::Close))]);
    assert_eq!(server_frames(&mut pair), [close(1000, "bye")]);
}

/// PROTO-07
#[test]
fn a_close_that_is_answered_ends_both() {
    let mut pair = pair();
    pair.client.close(CloseCode::NORMAL, "bye").unwrap();
    let told = pair.run();
    assert_eq!(told, [(Side::Server, Told::Closed), (Side::Client, Told::Closed)]);
    assert_eq!(pair.advance(Millis::seconds(3600)), [], "no clock runs any more");
}

/// BEAT-05: a peer that does not read: no Ping is asked of it, and 10 s without progress end it.
#[test]
fn a_write_that_does_not_move_for_ten_seconds_is_the_end() {
    let mut pair = pair();
    pair.server.block(true);
    pair.server.send(Kind::Text, b"stuck").unwrap();
    assert_eq!(pair.advance(Millis(9_999)), []);
    let told = pair.advance(Millis(1));
    assert_eq!(told.first(), Some(&(Side::Server, expired(Expired::Write))));
}

/// BEAT-05: while output waits we do not read, so nobody dies for a Pong that we would not see.
#[test]
fn while_we_cannot_write_the_peer_is_not_judged_by_its_pongs() {
    let timing = Timing { write_within: Millis::seconds(1000), ..Timing::DEFAULT };
    let mut pair = Pair::with_timing(QUIET, timing).unwrap();
    pair.server.block(true);
    pair.server.send(Kind::Text, b"stuck").unwrap();
    assert_eq!(pair.advance(Millis::seconds(900)), []);
    pair.server.block(false);
    let told = pair.advance(Millis::seconds(60));
    assert_eq!(told, [(Side::Client, Told::Message(Kind::Text, b"stuck".to_vec()))]);
    assert!(pings(&mut pair) > 0, "the heartbeat goes on");
}

/// BEAT-05: we were asleep for an hour: what has arrived is read before anyone is judged.
#[test]
fn after_a_long_stall_a_pong_that_has_arrived_counts() {
    let clock = Clock::default();
    let mut timers = Timers::new(Timing::DEFAULT, clock.hand(), Random::new(1));
    let sizes = ws_tests::talk::Sizes { max_message: 100, rx: 200, tx: 200 };
    let script = Script::new().then_silence();
    let mut socket = WebSocket::new(script, sizes.endpoint(ws_core::Server));
    clock.advance_to(timers.poll_timeout());
    assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(_))));
    let ping = WireFrame::decode_all(socket.stream().written()).pop().unwrap();
    clock.advance(Millis::seconds(3600));
    socket.stream().feed(pong(ping.payload).masked([1; 4]).encode());
    assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(_))));
    let round_trip = timers.deadlines().heartbeat().last_round_trip();
    assert_eq!(round_trip, Some(Millis::seconds(3600)), "BEAT-06");
}

/// BEAT-05: idle is off by default, and when on it is for silence of every kind.
#[test]
fn an_idle_limit_ends_a_connection_that_says_nothing() {
    let timing = Timing { idle_within: Some(Millis::seconds(20)), ..QUIET };
    let mut pair = Pair::with_timing(QUIET, timing).unwrap();
    assert_eq!(pair.advance(Millis::seconds(15)), []);
    pair.client.send_frame(Frame::Ping, b"here").unwrap();
    assert_eq!(pair.advance(Millis::seconds(15)), []);
    let told = pair.advance(Millis::seconds(15));
    assert_eq!(told.first(), Some(&(Side::Server, expired(Expired::Idle))));
}

/// BEAT-05, FRAG-04: a Ping that falls due inside a frame that is being echoed waits for its end.
#[test]
fn a_ping_that_is_due_inside_a_frame_waits_for_the_end_of_the_frame() {
    let clock = Clock::default();
    let mut timers = Timers::new(Timing::DEFAULT, clock.hand(), Random::new(1));
    let sizes = ws_tests::talk::Sizes { max_message: 100, rx: 200, tx: 200 };
    let script = Script::new().then_silence();
    let mut socket = WebSocket::new(script, sizes.endpoint(ws_core::Server));
    let frame = binary([7; 20]).masked([0; 4]).encode();
    for part in [&frame[..10], &frame[10..]] {
        socket.stream().feed(part);
        match socket.step(Take::Chunks, &mut timers).unwrap() {
            Step::Data(piece) => piece.stage_echo().unwrap(),
            step => panic!("{step:?}"),
        }
        clock.advance_to(timers.poll_timeout().min(Time(60_000)));
        assert!(matches!(socket.step(Take::Chunks, &mut timers), Ok(Step::Idle(_))));
    }
    let opcodes = WireFrame::decode_all(socket.stream().written()).into_iter();
    assert_eq!(opcodes.map(|frame| frame.opcode).collect::<Vec<_>>(), [2, 9]);
}

/// BEAT-05: output that an untimed call has written stalls no more, and a Ping that left so is out.
#[test]
fn what_an_untimed_call_has_written_the_next_step_knows() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.stepped(200, Timing::DEFAULT, &clock);
    tap.stop(true);
    clock.advance_to(timers.poll_timeout());
    assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(_))));
    clock.advance(Millis::seconds(9));
    tap.stop(false);
    socket.send_text("hello").unwrap();
    clock.advance(Millis::seconds(9));
    let awaited = clock.now().after(Millis::seconds(10));
    assert!(
        matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(at)) if at == awaited)
    );
    assert_eq!(tap.opcodes(), [9, 1]);
}

/// BEAT-05: short writes give a peer no new time to end its message.
#[test]
fn an_unfinished_message_expires_although_writes_stall_for_a_moment_again_and_again() {
    let timing = Timing { ping_every: None, ..Timing::DEFAULT };
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.stepped(200, timing, &clock);
    tap.feed(text("begun").more());
    assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(Time(60_000)))));
    for _ in 0..20 {
        clock.advance(Millis(2_000));
        tap.feed(ping("x"));
        tap.stop(true);
        assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(_))));
        clock.advance(Millis(1_000));
        tap.stop(false);
        assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(_))));
    }
    assert_eq!(timers.poll_timeout(), Time(80_000), "twenty seconds of pause, and no more");
    clock.advance_to(timers.poll_timeout());
    let error = socket.step(Take::Messages, &mut timers).map(drop).unwrap_err();
    assert_eq!(error, Error::Expired(Expired::Message));
}

/// BEAT-05, FRAG-04: without room for a Ping it waits, and nothing fails.
#[test]
fn a_ping_that_finds_no_room_waits_until_there_is_some() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.stepped(0, Timing::DEFAULT, &clock);
    clock.advance_to(Time(20_000));
    tap.feed(text("be").more());
    assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(_))));
    clock.advance_to(timers.poll_timeout());
    let until = Time(80_000);
    assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(at)) if at == until));
    tap.feed(WireFrame::continuation("gun"));
    assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Data(_))));
    assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(_))));
    assert_eq!(tap.opcodes(), [9]);
}

/// EMB-04: a step never waits, so it does not flush; what is left to flush, `flush` still does.
#[test]
fn a_step_does_not_flush_a_stream_and_leaving_does() {
    let (tap, clock) = (Tap::default(), Clock::default());
    let (mut socket, mut timers) = tap.stepped(200, Timing::DEFAULT, &clock);
    tap.hold(true);
    tap.feed(ping("hi"));
    assert!(matches!(socket.step(Take::Messages, &mut timers), Ok(Step::Idle(_))));
    assert_eq!((tap.opcodes(), tap.flushes()), (vec![10], 0));
    tap.hold(false);
    socket.flush().unwrap();
    assert_eq!(tap.flushes(), 1);
    let timing = Timing { idle_within: Some(Millis::seconds(1)), ..Timing::DEFAULT };
    let (mut socket, mut timers) = tap.stepped(200, timing, &clock);
    clock.advance(Millis::seconds(1));
    assert!(socket.step(Take::Messages, &mut timers).is_err());
    socket.flush().unwrap();
    assert_eq!((tap.opcodes(), tap.flushes()), (vec![10, 8], 2), "the Close that says why");
}
