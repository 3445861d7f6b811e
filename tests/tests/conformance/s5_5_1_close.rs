//! Section 5.5.1: the Close frame.

use ws_core::Rule;
use ws_core::frame::{Close, CloseCode, MAX_REASON};
use ws_core::{Error, Misuse};
use ws_tests::frames::*;
use ws_tests::scene::{Fate, peer_sends};
use ws_tests::{WireFrame, talk};

/// PROTO-07: Autobahn 7.3.1.
#[test]
fn an_empty_close_is_answered_with_an_empty_one() {
    peer_sends([empty_close()]).is_closed_after([empty_close()]);
}

/// PROTO-07: Autobahn 7.1.1 and 7.3.3 to 7.3.5.
#[test]
fn a_close_is_answered_with_its_own_code() {
    peer_sends([close(1000, "")]).is_closed_after([close(1000, "")]);
    peer_sends([text("hello"), close(1001, "going")])
        .is_closed_after([text("hello"), close(1001, "")]);
    peer_sends([close(4000, "r".repeat(MAX_REASON))]).is_closed_after([close(4000, "")]);
}

/// PROTO-07
#[test]
fn the_code_and_the_reason_are_told() {
    for outcome in peer_sends([ping("p"), close(3000, "ade\u{301}, \u{1F980}")]).play() {
        assert_eq!(outcome.fate, Fate::Closed(Some(3000), "ade\u{301}, \u{1F980}".into()));
    }
    for outcome in peer_sends([empty_close()]).play() {
        assert_eq!(outcome.fate, Fate::Closed(None, String::new()));
    }
}

/// PROTO-07: the answer to a Close must not overwrite its reason, wherever that lies.
#[test]
fn the_reason_is_told_beside_a_message_of_any_length() {
    for len in 0..20 {
        let begun = text("x".repeat(len)).more();
        for outcome in peer_sends([begun, close(1000, "a reason")]).play() {
            assert_eq!(outcome.fate, Fate::Closed(Some(1000), "a reason".into()));
            assert_eq!(outcome.answered.last(), Some(&close(1000, "")));
        }
    }
}

/// PROTO-07: Autobahn 7.1.2 to 7.1.6.
#[test]
fn whatever_comes_behind_a_close_is_thrown_away() {
    let extras = [text("data"), ping("ping"), close(1001, "again"), frame(0xF, "nonsense")];
    for extra in extras {
        peer_sends([close(1000, ""), extra, text("more")]).is_closed_after([close(1000, "")]);
    }
    peer_sends([text("unfinished").more(), close(1000, ""), continuation("late")])
        .is_closed_after([close(1000, "")]);
}

/// PROTO-07: Autobahn 7.3.2.
#[test]
fn a_close_of_one_byte_is_refused() {
    peer_sends([WireFrame::raw_close([3])]).breaks(Rule::CloseTooShort, 1002);
}

/// PROTO-07: Autobahn 7.3.6.
#[test]
fn a_close_with_a_reason_of_124_bytes_is_refused() {
    peer_sends([close(1000, "r".repeat(124))]).breaks(Rule::LongControl, 1002);
}

/// PROTO-07, PROTO-05: Autobahn 7.5.1.
#[test]
fn a_reason_that_is_not_utf8_is_refused_with_1007() {
    for reason in [&b"\xCE\xBA\xE1\xBD\xB9\xED\xA0\x80edited"[..], b"\xFF", b"cut \xE2\x82"] {
        peer_sends([close(1000, reason)]).breaks(Rule::CloseReasonNotUtf8, 1007);
    }
}

/// PROTO-07: "The application MUST NOT send any more data frames after sending a Close frame".
#[test]
fn after_our_close_nothing_can_be_sent() {
    for mut socket in talk::all() {
        socket.close(Close::new(CloseCode::NORMAL, "bye")).unwrap();
        let misuse = Err(Error::Misuse(Misuse::Closed));
        assert_eq!(socket.send(ws_core::frame::Kind::Text, b"late"), misuse);
        assert_eq!(socket.ping(b"late"), misuse);
        assert_eq!(socket.close(Close::EMPTY), misuse);
        assert_eq!(socket.frames_sent(), [close(1000, "bye")]);
    }
}

/// PROTO-07: a reason is cut between characters to what a control frame holds.
#[test]
fn a_reason_that_we_send_is_at_most_123_bytes_and_whole_characters() {
    for mut socket in talk::all() {
        socket.close(Close::new(CloseCode::GOING_AWAY, &"\u{1F980}".repeat(40))).unwrap();
        assert_eq!(socket.frames_sent(), [close(1001, "\u{1F980}".repeat(30))]);
    }
}

/// PROTO-07: also where no driver looks first: the connection by itself.
#[test]
fn a_connection_consumes_whatever_comes_behind_a_close_and_makes_nothing_of_it() {
    let mut connection = ws_core::Connection::new(ws_core::Server);
    let masked = |frame: WireFrame| frame.masked([1, 2, 3, 4]).encode();
    let decoded = connection.receive(&mut masked(close(1000, ""))).unwrap();
    assert!(matches!(decoded.event, Some(ws_core::Event::Close { .. })));
    for late in [text("late"), text(b"\xFF"), frame(3, "nonsense")] {
        let mut bytes = masked(late);
        let decoded = connection.receive(&mut bytes).unwrap();
        assert_eq!((decoded.consumed, decoded.event), (bytes.len(), None));
    }
    assert_eq!(connection.close_owed(), Some(CloseCode::NORMAL.into()));
}
