//! Section 7: closing.

use ws_core::connection::{Leaving, Phase};
use ws_core::frame::{Close, CloseCode, Kind};
use ws_core::testing::{Failure, Script};
use ws_core::{Error, Rule, Side};
use ws_tests::frames::*;
use ws_tests::talk;

/// PROTO-07: the handshake that the peer begins.
#[test]
fn when_the_peer_closes_we_answer_and_it_is_over() {
    for mut socket in talk::all() {
        socket.peer_sends(&[close(1001, "away")]);
        assert_eq!(socket.phase(), Phase::Open);
        assert_eq!(socket.receive(), Ok(None));
        assert_eq!(socket.phase(), Phase::Closed);
        assert_eq!(socket.peer_close(), Some((Some(CloseCode(1001)), "away".into())));
        assert_eq!(socket.receive(), Ok(None), "it stays over");
        assert_eq!(socket.frames_sent(), [close(1001, "")]);
    }
}

/// PROTO-07: the handshake that we begin, and data that was under way.
#[test]
fn when_we_close_messages_still_arrive_until_the_peer_answers() {
    for mut socket in talk::all() {
        socket.close(Close::new(CloseCode::NORMAL, "done")).unwrap();
        assert_eq!(socket.phase(), Phase::Closing);
        socket.peer_sends(&[text("under way"), close(1000, "")]);
        assert_eq!(socket.receive(), Ok(Some(text("under way"))));
        assert_eq!(socket.receive(), Ok(None));
        assert_eq!(socket.phase(), Phase::Closed);
        assert_eq!(socket.frames_sent(), [close(1000, "done")], "one Close only");
    }
}

/// PROTO-07: both at once, with different codes.
#[test]
fn simultaneous_closes_end_it_without_another_frame() {
    for mut socket in talk::all() {
        socket.peer_sends(&[close(1001, "you")]);
        socket.close(Close::new(CloseCode::NORMAL, "me")).unwrap();
        assert_eq!(socket.receive(), Ok(None));
        assert_eq!(socket.peer_close(), Some((Some(CloseCode(1001)), "you".into())));
        assert_eq!(socket.frames_sent(), [close(1000, "me")]);
    }
}

/// PROTO-07: a Close may leave inside a message that we have not ended.
#[test]
fn we_may_close_inside_a_message_of_our_own() {
    for mut socket in talk::all() {
        socket.send_part(Kind::Text, b"never finished").unwrap();
        socket.close(CloseCode::GOING_AWAY.into()).unwrap();
        socket.peer_sends(&[close(1001, "")]);
        assert_eq!(socket.receive(), Ok(None));
        assert_eq!(socket.peer_heard(), [close(1001, "")]);
    }
}

/// PROTO-07: 1006, in the RFC's words: not a normal end.
#[test]
fn the_end_of_the_stream_without_a_close_is_an_error() {
    for mut socket in talk::all_over(&Script::new()) {
        assert_eq!(socket.receive(), Err(Error::Ended));
        assert_eq!(socket.frames_sent(), []);
    }
    for mut socket in talk::all_over(&Script::new()) {
        socket.close(Close::EMPTY).unwrap();
        assert_eq!(socket.receive(), Err(Error::Ended), "nor is one without an answer");
    }
}

/// PROTO-10: broken rules behind our Close: the error, and no second Close.
#[test]
fn a_violation_behind_our_close_is_told_and_not_answered() {
    for mut socket in talk::all() {
        socket.close(CloseCode::NORMAL.into()).unwrap();
        socket.peer_sends(&[text(b"\xFF")]);
        let Err(Error::Violation(violation)) = socket.receive() else { panic!("no violation") };
        assert_eq!(violation.rule, Rule::InvalidUtf8);
        assert_eq!(socket.phase(), Phase::Closed);
        assert_eq!(socket.frames_sent(), [close(1000, "")]);
    }
}

/// PROTO-10: the Close says what was wrong, in words.
#[test]
fn the_close_that_answers_a_violation_has_a_reason() {
    for rule in Rule::ALL {
        assert!((1..=123).contains(&rule.text().len()), "{rule:?}");
        assert!(rule.section().starts_with(|c: char| c.is_ascii_digit()), "{rule:?}");
        assert!([1002, 1007, 1008, 1009].contains(&rule.close_code().0), "{rule:?}");
    }
    for mut socket in talk::all() {
        socket.peer_sends(&[frame(3, "")]);
        assert!(matches!(socket.receive(), Err(Error::Violation(_))));
        assert_eq!(socket.frames_sent(), [close(1002, Rule::UnknownOpcode.text())]);
    }
}

/// PROTO-07: "The underlying TCP connection [...] SHOULD be closed first by the server".
#[test]
fn the_server_shuts_its_side_first_and_the_client_waits_for_it() {
    for socket in talk::all() {
        let expected = match socket.side() {
            Side::Server => Leaving::ShutThenDiscard,
            Side::Client => Leaving::Discard,
        };
        assert_eq!(socket.leaving(), expected);
    }
}

/// PROTO-07: a lingering close reads what still comes, up to a limit, so that our Close is not
/// turned into a reset.
#[test]
fn leaving_shuts_and_discards_what_still_comes_up_to_a_limit() {
    use ws_core::Server;
    let sizes = talk::Sizes { max_message: 256, rx: 512, tx: 0 };
    for (limit, all_is_read) in [(100_000, true), (600, false)] {
        let end = close(1000, "").masked([1; 4]).encode();
        let mut script = Script::new().then(end).pieces(&[0; 4000], 100);
        let mut shut = 0;
        let mut socket = ws_core::io::WebSocket::new(&mut script, sizes.endpoint(Server));
        assert!(socket.receive().unwrap().is_none());
        socket.leave(|_| shut += 1, limit);
        assert_eq!((shut, script.is_read()), (1, all_is_read));

        let end = close(1000, "").masked([1; 4]).encode();
        let mut script = Script::new().then(end).pieces(&[0; 4000], 100);
        let mut socket = ws_core::aio::WebSocket::new(&mut script, sizes.endpoint(Server));
        assert!(ws_tests::block_on(socket.receive()).unwrap().is_none());
        ws_tests::block_on(socket.leave(|_| shut += 1, limit));
        assert_eq!((shut, script.is_read()), (2, all_is_read));
    }
}

/// PROTO-07: a read that fails is the stream's error, and the connection is as it was.
#[test]
fn silence_is_neither_an_end_nor_a_message() {
    for mut socket in talk::all() {
        assert_eq!(socket.receive(), Err(Error::Io(Failure::WouldBlock)));
        socket.peer_sends(&[text("at last")]);
        assert_eq!(socket.receive(), Ok(Some(text("at last"))));
    }
}
