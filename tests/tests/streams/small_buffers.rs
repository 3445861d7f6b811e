//! Small buffers, large messages.

use ws_core::endpoint::{Endpoint, Inbox, Take, buffer_for};
use ws_core::frame::Kind;
use ws_core::testing::Script;
use ws_core::{Client, Error, MIN_BUFFER, Misuse, Rule, Server, Side, io};
use ws_tests::frames::*;
use ws_tests::scene::{Driver, Fate, Setting};
use ws_tests::talk;

const MIB: usize = 1 << 20;

/// EMB-02, EMB-03: nothing is on the heap but the test's own stream.
#[test]
fn a_mebibyte_is_echoed_in_chunks_through_140_bytes() {
    let payload: Vec<u8> = (0..MIB).map(|index| (index % 253) as u8).collect();
    for setting in settings(Take::Chunks, 140) {
        let frame = binary(&payload);
        let input = setting.encode([&frame]);
        let setting = Setting { max_message: MIB as u64, ..setting };
        let outcome = setting.play(Script::new().then(input));
        assert_eq!(outcome.fate, Fate::Ended);
        assert!(outcome.answered == [frame], "{setting:?}");
    }
}

/// EMB-03: the header of the answer needs more room than its first piece has in front of it, if that
/// begins the buffer.
#[test]
fn a_long_frame_whose_header_ends_a_read_is_echoed() {
    for setting in settings(Take::Chunks, 140) {
        let frame = binary(vec![6; 70_000]);
        let input = setting.encode([&frame]);
        for header in 1..=14 {
            let (header, payload) = input.split_at(header);
            let script = Script::new().then(header).then(payload);
            let outcome = setting.play(script);
            assert!(outcome.answered == [frame.clone()], "{setting:?} {:?}", outcome.fate);
        }
    }
}

/// EMB-02: the arrays of a microcontroller: 140 bytes to receive, none to send.
#[test]
fn a_server_needs_140_bytes_and_no_send_buffer() {
    let input = ping("p").masked([1; 4]).encode();
    let mut script = Script::new().bytewise(&input);
    let inbox = Inbox::new([0; 140], Side::Server).unwrap();
    let endpoint = Endpoint::new(Server, 1000, inbox, []).unwrap();
    let mut socket = io::WebSocket::new(&mut script, endpoint);
    assert_eq!(socket.receive().err(), Some(Error::Ended));
    socket.send_text(&"a message of more than 140 bytes ".repeat(10)).unwrap();
    socket.close(Default::default()).unwrap();
    let heard = ws_tests::naive::decode(Side::Client, 1000, script.written()).heard;
    let message = text("a message of more than 140 bytes ".repeat(10));
    assert_eq!(heard, [pong("p"), message, empty_close()]);
}

/// EMB-02
#[test]
fn a_buffer_below_the_smallest_is_misuse_and_says_what_would_do() {
    for side in [Side::Server, Side::Client] {
        let Err(Misuse::BufferTooSmall { at_least }) = Inbox::new([0; 100], side) else {
            panic!("100 bytes are too few")
        };
        assert!((MIN_BUFFER..=140).contains(&at_least), "{at_least}");
        assert!(Inbox::new(vec![0; at_least - 1], side).is_err());
        assert!(Inbox::new(vec![0; at_least], side).is_ok());
    }
    let inbox = Inbox::new([0; 140], Side::Client).unwrap();
    let client = Client(|bytes: &mut [u8]| bytes.fill(1));
    let misuse = Endpoint::new(client, 1, inbox, [0; MIN_BUFFER - 1]).err();
    assert_eq!(misuse, Some(Misuse::BufferTooSmall { at_least: MIN_BUFFER }));
}

/// EMB-02: the largest control frames of either side fit the smallest buffer, also one by one byte.
#[test]
fn the_largest_control_frames_pass_through_the_smallest_buffer() {
    for setting in settings(Take::Chunks, 140).chain(settings(Take::Messages, 140)) {
        for piece in [1, 50, 1000] {
            let frames = [ping([9; 125]), pong([9; 125]), ping(""), close(1000, "r".repeat(123))];
            let input = setting.encode(&frames);
            let outcome = setting.play(Script::new().pieces(&input, piece));
            assert_eq!(outcome.answered, [pong([9; 125]), pong(""), close(1000, "")]);
            assert_eq!(outcome.fate, Fate::Closed(Some(1000), "r".repeat(123)));
        }
    }
}

/// FRAG-03: a message of exactly what the buffer holds is taken whole; one byte more is 1009.
#[test]
fn a_whole_message_may_be_as_large_as_the_buffer_and_not_a_byte_larger() {
    const BUFFER: usize = 1000;
    for setting in settings(Take::Messages, BUFFER) {
        let headroom = if setting.side == Side::Client { 8 } else { 4 };
        for piece in [1, 10, BUFFER * 2] {
            let play = |len: usize| {
                let input = setting.encode([&binary(vec![3; len])]);
                setting.play(Script::new().pieces(&input, piece))
            };
            let fits = play(BUFFER - headroom);
            assert_eq!(fits.fate, Fate::Ended);
            assert_eq!(fits.answered, [binary(vec![3; BUFFER - headroom])]);
            let outcome = play(BUFFER - headroom + 1);
            let Fate::Violated(violation) = outcome.fate else { panic!("{outcome:?}") };
            assert_eq!(violation.rule, Rule::TooBig);
            assert_eq!(outcome.answered[0].close_code().unwrap().0, 1009);
        }
    }
}

/// FRAG-01, FRAG-03: `buffer_for` keeps its promise in any number of fragments, with the largest
/// control frames between them.
#[test]
fn buffer_for_is_enough_for_any_fragments_with_control_frames_between_them() {
    for len in [1, 10, 200] {
        for setting in settings(Take::Messages, buffer_for(len)) {
            let mut frames = vec![text("x").more()];
            for _ in 1..len {
                frames.extend([ping([1; 125]), continuation("x").more()]);
            }
            frames.extend([ping([1; 125]), continuation("")]);
            let input = setting.encode(&frames);
            for piece in [1, 7, 1 << 20] {
                let outcome = setting.play(Script::new().pieces(&input, piece));
                assert_eq!(outcome.received, [text("x".repeat(len))], "{setting:?} {piece}");
                assert_eq!(outcome.answered.len(), len + 1);
            }
        }
    }
}

/// FRAG-03: a length that came from outside may be any.
#[test]
fn buffer_for_the_largest_message_that_can_be_counted_is_no_overflow() {
    assert_eq!(buffer_for(usize::MAX), usize::MAX);
}

/// EMB-03: what does not fit the buffer leaves in fragments, between which a Ping is answered.
#[test]
fn a_large_text_leaves_through_150_bytes_of_send_buffer() {
    let sizes = talk::Sizes { max_message: 100, rx: 140, tx: 150 };
    let long = "\u{20AC}".repeat(5000);
    for mut socket in [
        sizes.blocking(Server, &Script::new()),
        sizes.asynchronous(Server, &Script::new()),
        sizes.blocking(Client(ws_core::testing::Random::new(1)), &Script::new()),
        sizes.asynchronous(Client(ws_core::testing::Random::new(1)), &Script::new()),
    ] {
        socket.send(Kind::Text, long.as_bytes()).unwrap();
        assert_eq!(socket.peer_heard(), [text(&long)]);
        assert!(socket.frames_sent().iter().all(|frame| frame.payload.len() <= 150));
    }
}

fn settings(take: Take, buffer: usize) -> impl Iterator<Item = Setting> {
    [Side::Server, Side::Client].into_iter().flat_map(move |side| {
        [Driver::Blocking, Driver::Async].map(|driver| Setting {
            side,
            driver,
            take,
            max_message: 100_000,
            buffer,
        })
    })
}

/// FRAG-03, PROTO-05: too large for the buffer and not UTF-8 either: refused with the header that
/// says how large it is, before any of its text is looked at.
#[test]
fn a_text_that_is_too_large_and_not_utf8_is_refused_for_its_size_however_it_is_cut() {
    for setting in settings(Take::Messages, 200) {
        let input = setting.encode([&text([&b"0123\xFF"[..], &[b'x'; 500]].concat())]);
        for piece in [1, 7, 20, 1000] {
            let outcome = setting.play(Script::new().pieces(&input, piece));
            let Fate::Violated(violation) = outcome.fate else { panic!("{outcome:?}") };
            assert_eq!(violation.rule, Rule::TooBig);
            assert_eq!(outcome.received, []);
            let close = outcome.answered[0].close_code();
            assert_eq!(close, Some(violation.rule.close_code()));
        }
    }
}

/// FRAG-02, FRAG-03: an unfinished message must leave room for the largest control frame behind it:
/// if it does not it is refused, and never waits for a frame that has no place to arrive in.
#[test]
fn a_fragment_that_leaves_no_room_for_a_control_frame_is_refused() {
    const BUFFER: usize = 1000;
    for setting in settings(Take::Messages, BUFFER) {
        let headroom = if setting.side == Side::Client { 8 } else { 4 };
        let most = BUFFER - headroom - MIN_BUFFER;
        let play = |len: usize, piece: usize| {
            let frames = [binary(vec![3; len]).more(), ping([1; 125]), continuation("")];
            setting.play(Script::new().pieces(&setting.encode(&frames), piece))
        };
        for piece in [1, 10, BUFFER * 2] {
            let fits = play(most, piece);
            assert_eq!(fits.answered, [pong([1; 125]), binary(vec![3; most])], "{setting:?}");
            let outcome = play(most + 1, piece);
            let Fate::Violated(violation) = outcome.fate else { panic!("{outcome:?}") };
            assert_eq!(violation.rule, Rule::TooBig);
        }
    }
}

/// EMB-03: a binary frame that passes through in pieces leaves as one frame, as it came.
#[test]
fn a_binary_frame_is_echoed_as_one_frame_however_small_the_buffer() {
    for setting in settings(Take::Chunks, 140) {
        let input = setting.encode([&binary([7; 5000]), &binary([8; 300])]);
        let mut script = Script::new().pieces(&input, 99);
        setting.play_on(&mut script);
        let lengths: Vec<_> = ws_tests::WireFrame::decode_all(script.written())
            .iter()
            .map(|frame| frame.payload.len())
            .collect();
        assert_eq!(lengths, [5000, 300]);
    }
}
