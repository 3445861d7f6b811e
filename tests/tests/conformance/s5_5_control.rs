//! Sections 5.5, 5.5.2 and 5.5.3: control frames, Ping and Pong.

use ws_core::Rule;
use ws_core::connection::Owed;
use ws_core::frame::{Close, CloseCode};
use ws_tests::frames::*;
use ws_tests::scene::peer_sends;
use ws_tests::talk;

/// BEAT-02: Autobahn 2.1 to 2.4 and 2.6.
#[test]
fn a_ping_is_answered_by_a_pong_with_the_same_payload() {
    for payload in [&b""[..], b"hello", b"\x00\xFF\xFE\xFD\xFC\xFB\x00\xFF", &[0xFE; 125]] {
        peer_sends([ping(payload)]).is_answered([pong(payload)]);
    }
}

/// BEAT-02: Autobahn 2.10 and 2.11.
#[test]
fn ten_pings_are_answered_in_their_order() {
    let number = |n: u8| vec![b'0' + n];
    peer_sends((0..10).map(|n| ping(number(n))))
        .is_answered(std::array::from_fn::<_, 10, _>(|n| pong(number(n as u8))));
}

/// BEAT-03: Autobahn 2.7 to 2.9.
#[test]
fn a_pong_that_nobody_asked_for_is_taken_and_not_answered() {
    peer_sends([pong("")]).is_answered([]);
    peer_sends([pong("unsolicited"), ping("now"), pong([1; 125])]).is_answered([pong("now")]);
}

/// PROTO-09: Autobahn 2.5.
#[test]
fn a_control_frame_of_more_than_125_bytes_is_refused() {
    for opcode in [8, 9, 10] {
        for len in [126, 127, 65_536] {
            peer_sends([frame(opcode, vec![0xFE; len])]).breaks(Rule::LongControl, 1002);
        }
    }
}

/// PROTO-09: with its second byte, whatever length is to follow.
#[test]
fn a_long_control_frame_is_refused_before_its_length_is_read() {
    for bytes in [2, 8] {
        let mut frame = ping("").with_length_bytes(bytes);
        frame.claimed = Some(5);
        peer_sends([frame]).breaks(Rule::LongControl, 1002);
    }
}

/// PROTO-09: Autobahn 5.1 and 5.2.
#[test]
fn a_control_frame_in_fragments_is_refused() {
    peer_sends([ping("frag").more(), continuation("ment")]).breaks(Rule::FragmentedControl, 1002);
    peer_sends([pong("frag").more(), continuation("ment")]).breaks(Rule::FragmentedControl, 1002);
    peer_sends([close(1000, "").more()]).breaks(Rule::FragmentedControl, 1002);
}

/// BEAT-02: "MUST send a Pong frame in response, unless it already received a Close frame": ours
/// does not count.
#[test]
fn a_ping_behind_our_close_is_still_answered() {
    for mut socket in talk::all() {
        socket.close(CloseCode::NORMAL.into()).unwrap();
        socket.peer_sends(&[ping("still there?"), text("still here"), close(1000, "")]);
        assert_eq!(socket.receive(), Ok(Some(text("still here"))));
        assert_eq!(socket.receive(), Ok(None));
        assert_eq!(socket.frames_sent(), [close(1000, ""), pong("still there?")]);
    }
}

/// BEAT-02: for halves: of Pongs that wait only the latest is kept, and a Close above all.
#[test]
fn of_what_is_owed_the_latest_pong_is_kept_and_a_close_above_all() {
    let (old, new) = (Owed::pong(b"old"), Owed::pong(b"new"));
    let close = Owed::Close(Close::EMPTY);
    assert_eq!(new.after(None), new);
    assert_eq!(new.after(Some(old)), new);
    assert_eq!(close.after(Some(old)), close);
    assert_eq!(new.after(Some(close)), close);
}
