//! Section 6: what we send, and misuse of it.

use ws_core::frame::Kind;
use ws_core::{Error, Misuse};
use ws_tests::frames::*;
use ws_tests::talk;

/// PROTO-02: lengths are written in the fewest bytes, and one write is enough for a small frame.
#[test]
fn a_message_that_fits_leaves_in_one_frame_and_one_write() {
    for len in [0, 1, 125, 126, 1000] {
        for mut socket in talk::all() {
            socket.send(Kind::Binary, &vec![7; len]).unwrap();
            assert_eq!(socket.frames_sent(), [binary(vec![7; len])]);
            assert_eq!(socket.script().writes(), 1);
        }
    }
}

/// FRAG-04: Autobahn 10.1.1: fragments arrive as the message.
#[test]
fn a_message_larger_than_every_buffer_leaves_in_fragments() {
    let payload: Vec<u8> = (0..70_000_u32).map(|n| n as u8).collect();
    for mut socket in talk::all() {
        socket.send(Kind::Binary, &payload).unwrap();
        assert_eq!(socket.peer_heard(), [binary(&payload)]);
        assert!(socket.frames_sent().len() > 10);
    }
}

/// FRAG-04: of any size, with neither copy nor fragments.
#[test]
fn a_lent_message_leaves_in_one_frame() {
    for mut socket in talk::all() {
        socket.send_lent(Kind::Text, &mut vec![b'x'; 70_000]).unwrap();
        assert_eq!(socket.frames_sent(), [text("x".repeat(70_000))]);
    }
}

/// FRAG-04, FRAG-02: control frames go between the parts.
#[test]
fn a_message_is_sent_in_parts_with_control_frames_between_them() {
    for mut socket in talk::all() {
        socket.send_part(Kind::Text, b"one ").unwrap();
        socket.peer_sends(&[ping("a ping")]);
        socket.receive().unwrap_err();
        socket.ping(b"ours").unwrap();
        assert_eq!(socket.open_message(), Some((Kind::Text, 4)));
        socket.send_part(Kind::Text, b"two ").unwrap();
        socket.send_last_part(Kind::Text, b"three").unwrap();
        assert_eq!(socket.open_message(), None);
        let between = [text("one ").more(), pong("a ping"), ping("ours")];
        let rest = [continuation("two ").more(), continuation("three")];
        assert_eq!(socket.frames_sent(), [&between[..], &rest[..]].concat());
    }
}

/// FRAG-04, PROTO-09: we interleave no messages either, and nothing is sent by the attempt.
#[test]
fn a_message_inside_an_open_one_is_misuse() {
    for mut socket in talk::all() {
        socket.send_part(Kind::Text, b"open").unwrap();
        let misuse = Err(Error::Misuse(Misuse::MessageOpen));
        assert_eq!(socket.send(Kind::Text, b"another"), misuse);
        assert_eq!(socket.send(Kind::Binary, &[0; 5000]), misuse);
        assert_eq!(socket.send_part(Kind::Binary, b"other kind"), misuse);
        assert_eq!(socket.send_last_part(Kind::Binary, b"other kind"), misuse);
        assert_eq!(socket.frames_sent(), [text("open").more()]);
    }
}

/// PROTO-09
#[test]
fn a_ping_of_more_than_125_bytes_is_misuse() {
    for mut socket in talk::all() {
        socket.ping(&[1; 125]).unwrap();
        assert_eq!(socket.ping(&[1; 126]), Err(Error::Misuse(Misuse::LongControl)));
        assert_eq!(socket.frames_sent(), [ping([1; 125])]);
    }
}

/// FRAG-04, EMB-03: of any size through any buffer, in one frame.
#[test]
fn a_message_of_known_size_leaves_in_one_frame_as_it_is_made() {
    let payload: Vec<u8> = (0..70_000_u32).map(|n| (n % 251) as u8).collect();
    for mut socket in talk::all() {
        let mut rest = &payload[..];
        socket.send_sized(Kind::Binary, 70_000, &mut |room| put(&mut rest, room, 999)).unwrap();
        assert_eq!(rest, [0_u8; 0]);
        assert!(socket.frames_sent() == [binary(&payload)]);
    }
    for mut socket in talk::all() {
        socket.send_sized(Kind::Text, 0, &mut |_| panic!("nothing is asked for")).unwrap();
        assert_eq!(socket.frames_sent(), [text("")]);
    }
}

/// FRAG-04: what is not made yet leaves the frame open, and nothing comes between.
#[test]
fn a_frame_that_was_left_open_is_misuse_until_it_is_finished() {
    for mut socket in talk::all() {
        let mut rest = &b"front"[..];
        let left_open = Err(Error::Misuse(Misuse::FrameOpen));
        let sent = socket.send_sized(Kind::Text, 10, &mut |room| put(&mut rest, room, 3));
        assert_eq!(sent, left_open);
        assert_eq!(socket.frame_left(), 5);
        assert_eq!(socket.send(Kind::Text, b"other"), left_open);
        assert_eq!(socket.ping(b"other"), left_open);
        let mut rest = &b" back, and more"[..];
        socket.send_more(&mut |room| put(&mut rest, room, 4)).unwrap();
        assert_eq!((socket.frame_left(), rest), (0, &b", and more"[..]));
        assert_eq!(socket.frames_sent(), [text("front back")]);
    }
}

/// Puts at most so many bytes of what is left into the room.
fn put(rest: &mut &[u8], room: &mut [u8], most: usize) -> usize {
    let (now, later) = rest.split_at(rest.len().min(room.len()).min(most));
    room[..now.len()].copy_from_slice(now);
    *rest = later;
    now.len()
}

/// FRAG-04, BEAT-02, PROTO-07: nothing is received while a frame of ours is open, since it could not
/// be answered; it is received, and answered, when the frame has ended.
#[test]
fn what_arrives_while_a_frame_is_open_is_received_behind_it() {
    for mut socket in talk::all() {
        let left_open = Err(Error::Misuse(Misuse::FrameOpen));
        assert_eq!(socket.send_sized(Kind::Text, 4, &mut |_| 0), left_open);
        socket.peer_sends(&[ping("p"), text("t"), close(1001, "away")]);
        assert_eq!(socket.receive(), Err(Error::Misuse(Misuse::FrameOpen)));
        assert_eq!(socket.receive_chunk(), Err(Error::Misuse(Misuse::FrameOpen)));
        socket.send_more(&mut |room| put(&mut &b"done"[..], room, 4)).unwrap();
        assert_eq!(socket.receive(), Ok(Some(text("t"))));
        assert_eq!(socket.receive(), Ok(None));
        assert_eq!(socket.frames_sent(), [text("done"), pong("p"), close(1001, "")]);
    }
}
