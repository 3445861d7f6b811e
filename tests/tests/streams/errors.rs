//! Short writes, and errors at every call.

use ws_core::frame::Kind;
use ws_core::testing::{Failure, Script};
use ws_core::{Error, Full, Misuse, Server, Side, io};
use ws_tests::frames::*;
use ws_tests::scene::{self, Fate, Setting};
use ws_tests::{WireFrame, talk};

/// What a peer says in most of these tests, as `side` receives it.
fn conversation(side: Side) -> Vec<u8> {
    let frames = [
        text("whole"),
        ping("one"),
        binary([7; 300]).more(),
        ping("two"),
        continuation([8; 300]),
        close(1000, "bye"),
    ];
    scene::encode_for(side, &frames)
}

/// EMB-04: whatever a stream takes of a write, the peer hears the same.
#[test]
fn short_writes_change_nothing() {
    for side in [Side::Server, Side::Client] {
        for setting in Setting::all(side, 1024) {
            let script = Script::new().then(conversation(side));
            let expected = setting.play(script.clone());
            assert!(matches!(expected.fate, Fate::Closed(..)), "{expected:?}");
            for most in [1, 2, 3, 7, 100] {
                assert_eq!(setting.play(script.clone().write_at_most(most)), expected, "{most}");
            }
        }
    }
}

/// EMB-04: the error is told, and the next call goes on: nothing is lost and nothing sent twice.
#[test]
fn after_a_read_error_at_any_call_the_next_call_goes_on() {
    each_failure(|script, nth| script.fail_read(nth));
}

/// EMB-04
#[test]
fn after_a_write_error_at_any_call_the_next_call_goes_on() {
    each_failure(|script, nth| script.write_at_most(1).fail_write(nth));
}

fn each_failure(fail: fn(Script, usize) -> Script) {
    for index in 0..talk::all().len() {
        let side = talk::all()[index].side();
        let script = Script::new().pieces(&conversation(side), 50);
        let expected = receive_all(&mut *talk::all_over(&script).into_iter().nth(index).unwrap());
        assert_eq!(expected.failures, 0);
        for nth in 1.. {
            let script = fail(script.clone(), nth);
            let mut socket = talk::all_over(&script).into_iter().nth(index).unwrap();
            let told = receive_all(&mut *socket);
            assert_eq!((&told.messages, &told.heard), (&expected.messages, &expected.heard));
            if told.failures == 0 {
                assert!(nth > 5, "there were calls to fail");
                break;
            }
        }
    }
}

struct Told {
    messages: Vec<WireFrame>,
    heard: Vec<WireFrame>,
    failures: usize,
}

/// Receives to the end, and goes on after failures of the stream.
fn receive_all(socket: &mut dyn talk::Talk) -> Told {
    let (mut messages, mut failures) = (vec![], 0);
    loop {
        match socket.receive() {
            Ok(Some(message)) => messages.push(message),
            Ok(None) => return Told { messages, heard: socket.peer_heard(), failures },
            Err(Error::Io(Failure::Told)) => failures += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// EMB-04: a lent send that fails inside its frame cannot be taken back.
#[test]
fn a_lent_send_that_fails_inside_its_frame_poisons_the_connection() {
    for mut socket in talk::all_over(&Script::new().write_at_most(10).fail_write(3)) {
        let failed = socket.send_lent(Kind::Binary, &mut [7; 100]);
        assert_eq!(failed, Err(Error::Io(Failure::Told)));
        assert_eq!(socket.send(Kind::Text, b"more"), Err(Error::Misuse(Misuse::Poisoned)));
        assert_eq!(socket.ping(b"more"), Err(Error::Misuse(Misuse::Poisoned)));
        assert_eq!(socket.receive(), Err(Error::Misuse(Misuse::Poisoned)));
    }
}

/// EMB-04: against the contract, but it must not make us spin.
#[test]
fn a_stream_that_writes_nothing_is_taken_for_its_end() {
    for mut socket in talk::all_over(&Script::new().write_at_most(0)) {
        assert_eq!(socket.send(Kind::Text, b"hello"), Err(Error::Ended));
    }
}

/// EMB-03: staging does not wait, and says when there is no room.
#[test]
fn staging_a_second_frame_is_full_and_a_frame_that_fits_no_buffer_is_full() {
    let sizes = talk::Sizes { max_message: 100, rx: 200, tx: 150 };
    let mut socket = io::WebSocket::new(Script::new(), sizes.endpoint(Server));
    let frame = ws_core::connection::Frame::Message(Kind::Binary);
    assert_eq!(socket.stage(frame, &[0; 300]), Err(Error::Full(Full)));
    socket.stage(frame, &[0; 100]).unwrap();
    assert_eq!(socket.stage(frame, &[0; 1]), Err(Error::Full(Full)));
    socket.flush().unwrap();
    assert_eq!(socket.stream().written().len(), 102);
}

/// FRAG-04: having taken a piece of a message, one cannot ask for the whole.
#[test]
fn asking_for_a_whole_message_inside_a_streamed_one_is_misuse() {
    for mut socket in talk::all() {
        socket.peer_sends(&[text("be").more(), continuation("gun")]);
        assert_eq!(socket.receive_chunk(), Ok(Some(text("be").more())));
        assert_eq!(socket.receive(), Err(Error::Misuse(Misuse::MidMessage)));
        assert_eq!(socket.receive_chunk(), Ok(Some(text("gun"))));
        socket.peer_sends(&[text("whole")]);
        assert_eq!(socket.receive(), Ok(Some(text("whole"))));
    }
}

/// FRAG-04: a whole message that does not come is let go in pieces.
#[test]
fn having_waited_for_a_whole_message_one_can_take_its_pieces() {
    for mut socket in talk::all() {
        socket.peer_sends(&[text("a ").more(), continuation("long ").more()]);
        assert_eq!(socket.receive(), Err(Error::Io(Failure::WouldBlock)));
        assert_eq!(socket.receive_chunk(), Ok(Some(text("a long ").more())));
        socket.peer_sends(&[continuation("story")]);
        assert_eq!(socket.receive_chunk(), Ok(Some(text("story"))));
    }
}

/// EMB-04: who only has a `dyn Error` finds the stream's own, or the rule.
#[test]
fn an_error_tells_what_it_comes_from() {
    let source = |error: Error<Failure>| -> Option<String> {
        std::error::Error::source(&error).map(ToString::to_string)
    };
    assert_eq!(source(Error::Io(Failure::Told)), Some(Failure::Told.to_string()));
    assert_eq!(source(Full.into()), Some(Full.to_string()));
    assert_eq!(source(Misuse::Closed.into()), Some(Misuse::Closed.to_string()));
    assert_eq!(source(Error::Ended), None);
}
