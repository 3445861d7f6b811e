//! BEAT-01, BEAT-03..06 and the other clocks, on a time that the tests make up.

use super::*;
use crate::Span;

const TIMING: Timing = Timing::DEFAULT;
const PONG: Event = Event::Pong(Span { start: 0, end: 8 });

fn at(seconds: u64) -> Time {
    Time(seconds * 1000)
}

fn open() -> Deadlines {
    let mut deadlines = Deadlines::new(&TIMING, at(0));
    deadlines.opened(&TIMING, at(0), 0);
    deadlines
}

fn due(deadlines: &mut Deadlines, now: Time) -> Option<Due> {
    deadlines.handle_timeout(&TIMING, now, || [7; 8])
}

#[test]
fn a_ping_every_30_s_and_death_10_s_after_one_that_is_not_answered() {
    let mut deadlines = open();
    assert_eq!(deadlines.poll_timeout(), at(30));
    assert_eq!(due(&mut deadlines, Time(29_999)), None);
    assert_eq!(due(&mut deadlines, at(30)), Some(Due::Ping([7; 8])));
    assert_eq!(deadlines.poll_timeout(), Time::NEVER, "no clock runs before the Ping has left");
    deadlines.ping_left(&TIMING, at(31));
    assert_eq!(deadlines.poll_timeout(), at(41));
    assert_eq!(due(&mut deadlines, at(41)), Some(Due::Expired(Expired::Heartbeat)));
    assert_eq!(due(&mut deadlines, at(1000)), None, "told once");
}

#[test]
fn only_the_pong_that_echoes_the_nonce_counts_and_its_time_is_measured() {
    let mut deadlines = open();
    due(&mut deadlines, at(30));
    deadlines.event(&TIMING, at(30), &PONG, &[7; 8]);
    deadlines.ping_left(&TIMING, at(30));
    deadlines.event(&TIMING, at(31), &PONG, &[8; 8]);
    assert_eq!(deadlines.poll_timeout(), at(40), "a Pong before the Ping left, or another's");
    deadlines.event(&TIMING, Time(30_240), &PONG, &[7; 8]);
    assert_eq!(deadlines.poll_timeout(), Time(60_240));
    assert_eq!(deadlines.heartbeat().last_round_trip(), Some(Millis(240)));
    due(&mut deadlines, at(61));
    deadlines.ping_left(&TIMING, at(61));
    deadlines.event(&TIMING, Time(61_080), &PONG, &[7; 8]);
    assert_eq!(deadlines.heartbeat().last_round_trip(), Some(Millis(80)));
    assert_eq!(deadlines.heartbeat().smoothed_round_trip(), Some(Millis(220)));
}

#[test]
fn with_two_pongs_to_miss_the_ping_is_sent_again_with_the_same_nonce() {
    let timing = Timing { pongs_missed: 2, ..TIMING };
    let mut deadlines = open();
    assert_eq!(deadlines.handle_timeout(&timing, at(30), || [1; 8]), Some(Due::Ping([1; 8])));
    deadlines.ping_left(&timing, at(30));
    assert_eq!(deadlines.handle_timeout(&timing, at(40), || [2; 8]), Some(Due::Ping([1; 8])));
    deadlines.ping_left(&timing, at(40));
    let mut answered = deadlines;
    answered.event(&timing, at(45), &PONG, &[1; 8]);
    assert_eq!(answered.poll_timeout(), at(75));
    assert_eq!(answered.heartbeat().last_round_trip(), None, "which Ping was answered?");
    let dead = deadlines.handle_timeout(&timing, at(50), || [3; 8]);
    assert_eq!(dead, Some(Due::Expired(Expired::Heartbeat)));
}

#[test]
fn while_we_pause_no_ping_is_sent_and_nobody_dies() {
    let mut deadlines = open();
    due(&mut deadlines, at(30));
    deadlines.ping_left(&TIMING, at(30));
    deadlines.pause(at(33));
    assert_eq!(due(&mut deadlines, at(1000)), None);
    deadlines.resume(at(1000));
    assert_eq!(deadlines.poll_timeout(), at(1007), "what was left of its ten seconds");
}

#[test]
fn a_ping_that_falls_due_while_we_pause_is_due_at_once() {
    let mut deadlines = open();
    deadlines.pause(at(20));
    assert_eq!(deadlines.poll_timeout(), Time::NEVER);
    deadlines.resume(at(50));
    assert_eq!(due(&mut deadlines, at(50)), Some(Due::Ping([7; 8])));
}

#[test]
fn a_pause_puts_off_what_the_peer_owes_by_its_own_length_and_no_more() {
    let timing = Timing { ping_every: None, idle_within: Some(Millis::seconds(70)), ..TIMING };
    let mut deadlines = Deadlines::new(&timing, at(0));
    deadlines.opened(&timing, at(0), 0);
    deadlines.read(&timing, at(0), Progress::Unfinished);
    let before = deadlines;
    for now in 1..50 {
        deadlines.pause(at(now));
        deadlines.resume(at(now));
    }
    assert_eq!(deadlines, before, "no time has passed between them");
    deadlines.pause(at(50));
    assert_eq!(due(&mut deadlines, at(100)), None, "nobody is judged meanwhile");
    deadlines.resume(at(55));
    assert_eq!(deadlines.poll_timeout(), at(65), "the message");
    deadlines.message_ended();
    assert_eq!(deadlines.poll_timeout(), at(75), "silence");
}

#[test]
fn once_stopped_the_heartbeat_is_not_set_again_by_a_ping_that_leaves_or_a_late_pong() {
    let mut deadlines = open();
    due(&mut deadlines, at(30));
    let mut waiting = deadlines;
    deadlines.closing(&TIMING, at(31));
    deadlines.ping_left(&TIMING, at(31));
    assert_eq!(due(&mut deadlines, at(36)), Some(Due::Expired(Expired::Close)));
    assert_eq!(deadlines.poll_timeout(), Time::NEVER);
    waiting.ping_left(&TIMING, at(30));
    due(&mut waiting, at(40));
    waiting.event(&TIMING, at(41), &PONG, &[7; 8]);
    assert_eq!(waiting.poll_timeout(), Time::NEVER);
}

#[test]
fn the_phase_spreads_first_pings_over_a_second_interval() {
    let mut deadlines = Deadlines::new(&TIMING, at(0));
    deadlines.opened(&TIMING, at(0), 255);
    let first = deadlines.poll_timeout();
    assert!(first > at(59) && first < at(60), "{first:?}");
}

#[test]
fn each_handshake_has_its_deadline() {
    let mut deadlines = Deadlines::new(&TIMING, at(0));
    assert_eq!(deadlines.poll_timeout(), at(10));
    let mut slow = deadlines;
    assert_eq!(due(&mut slow, at(10)), Some(Due::Expired(Expired::Handshake)));
    deadlines.opened(&TIMING, at(1), 0);
    deadlines.closing(&TIMING, at(2));
    deadlines.closing(&TIMING, at(6));
    assert_eq!(deadlines.poll_timeout(), at(7), "counted from the first Close");
    assert_eq!(due(&mut deadlines, at(7)), Some(Due::Expired(Expired::Close)));
    assert_eq!(Expired::Close.close_code(), None);
}

#[test]
fn a_message_that_does_not_end_expires_although_bytes_keep_coming() {
    let mut deadlines = open();
    deadlines.read(&TIMING, at(1), Progress::Unfinished);
    deadlines.read(&TIMING, at(20), Progress::Unfinished);
    due(&mut deadlines, at(30));
    assert_eq!(due(&mut deadlines, at(61)), Some(Due::Expired(Expired::Message)));
}

#[test]
fn a_message_that_ends_clears_its_deadline_and_the_next_gets_its_own() {
    let mut deadlines = open();
    deadlines.read(&TIMING, at(1), Progress::Unfinished);
    let end = crate::Chunk {
        kind: crate::frame::Kind::Binary,
        begins: false,
        ends: true,
        compressed: false,
        span: Span::default(),
        frame_left: 0,
        last_frame: true,
    };
    deadlines.event(&TIMING, at(2), &Event::Chunk(end), &[]);
    deadlines.read(&TIMING, at(2), Progress::Unfinished);
    due(&mut deadlines, at(30));
    assert_eq!(deadlines.poll_timeout(), at(62));
}

#[test]
fn idle_and_stalled_writes_expire_and_progress_puts_both_off() {
    let timing = Timing { idle_within: Some(Millis::seconds(20)), ..TIMING };
    let mut deadlines = Deadlines::new(&timing, at(0));
    deadlines.opened(&timing, at(0), 0);
    deadlines.read(&timing, at(5), Progress::Resting);
    assert_eq!(deadlines.poll_timeout(), at(25));
    deadlines.wrote(&timing, at(6), 0, 100);
    deadlines.wrote(&timing, at(8), 0, 100);
    assert_eq!(deadlines.poll_timeout(), at(16));
    deadlines.wrote(&timing, at(9), 50, 50);
    assert_eq!(deadlines.poll_timeout(), at(19));
    let mut stalled = deadlines;
    assert_eq!(due(&mut stalled, at(19)), Some(Due::Expired(Expired::Write)));
    deadlines.wrote(&timing, at(10), 50, 0);
    assert_eq!(due(&mut deadlines, at(25)), Some(Due::Expired(Expired::Idle)));
}

#[test]
fn what_is_read_after_our_close_starts_no_clock() {
    let timing = Timing { idle_within: Some(Millis::seconds(2)), ..TIMING };
    let mut deadlines = Deadlines::new(&timing, at(0));
    deadlines.opened(&timing, at(0), 0);
    deadlines.closing(&timing, at(1));
    deadlines.read(&timing, at(1), Progress::Unfinished);
    assert_eq!(deadlines.poll_timeout(), at(6));
    assert_eq!(due(&mut deadlines, at(6)), Some(Due::Expired(Expired::Close)));
}
