use super::*;
use crate::actor::Encoded;
use crate::rooms::{Directory, Except, Post};
use crate::server::Limits;

fn frame(text: &str) -> Bytes {
    Bytes::Own(text.as_bytes().to_vec())
}

/// What leaves, if the socket takes so many bytes at a time.
fn leaves(outbox: &mut Outbox, at_once: usize) -> String {
    String::from_utf8(leave(outbox, at_once)).unwrap()
}

fn leave(outbox: &mut Outbox, at_once: usize) -> Vec<u8> {
    let mut all = vec![];
    while !outbox.is_empty() {
        let mut slices = [IoSlice::new(&[]); MOST_SLICES];
        let count = outbox.next(&mut slices, usize::MAX);
        let next: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
        let count = next.len().min(at_once);
        all.extend_from_slice(&next[..count]);
        outbox.advance(count);
    }
    assert_eq!(outbox.weight(), 0, "nothing is counted that is not there");
    all
}

/// Messages to a room in one piece, in frames of three bytes; and how they look on the wire.
fn group(texts: &[&str]) -> (Bytes, Vec<Vec<u8>>) {
    let room = Directory::new(&Limits::default()).enter("room");
    let post = |text: &&str| {
        let encoded = Encoded::new(*text, 3);
        Post {
            room: room.clone(),
            encoded,
            except: Except::Nobody,
            change: None,
            filter: None,
            receipt: None,
        }
    };
    let posts: Vec<Post> = texts.iter().map(post).collect();
    let frames = posts.iter().flat_map(|post| post.encoded.frames());
    let frames = frames.map(|frame| frame.to_vec()).collect();
    (Bytes::Group(Group::new(&posts.iter().map(|post| &post.encoded).collect::<Vec<_>>())), frames)
}

#[test]
fn frames_leave_in_order_however_few_bytes_go_at_a_time() {
    for at_once in 1..12 {
        let mut outbox = Outbox::default();
        outbox.push(frame("one,"), Class::Message);
        outbox.push(Bytes::Shared(Arc::from(*b"two,")), Class::Message);
        outbox.push(frame("three,"), Class::Fragment);
        assert_eq!(leaves(&mut outbox, at_once), "one,two,three,");
    }
}

/// BEAT-02
#[test]
fn a_pong_goes_in_front_and_only_the_latest() {
    let mut outbox = Outbox::default();
    outbox.push(frame("begun,"), Class::Message);
    outbox.push(frame("waits,"), Class::Message);
    outbox.advance(2);
    for number in 0..1000 {
        outbox.push_control(format!("pong{number},").into_bytes(), Class::Pong);
    }
    outbox.push_control(b"beat,".to_vec(), Class::Beat);
    outbox.push_control(b"pong!,".to_vec(), Class::Pong);
    assert_eq!(leaves(&mut outbox, usize::MAX), "gun,pong!,beat,waits,");
}

#[test]
fn what_has_begun_is_not_torn_apart() {
    let mut outbox = Outbox::default();
    outbox.push(frame("begun,"), Class::Started);
    outbox.push(frame("waits,"), Class::Message);
    outbox.push_control(b"pong,".to_vec(), Class::Pong);
    assert!(outbox.drop_oldest());
    assert!(!outbox.drop_oldest());
    assert_eq!(leaves(&mut outbox, 3), "begun,pong,");
}

#[test]
fn a_pong_that_has_begun_is_not_replaced() {
    let mut outbox = Outbox::default();
    outbox.push_control(b"pong1,".to_vec(), Class::Pong);
    outbox.advance(3);
    outbox.push_control(b"pong2,".to_vec(), Class::Pong);
    assert_eq!(leaves(&mut outbox, usize::MAX), "g1,pong2,");
}

/// ADV-03
#[test]
fn the_oldest_is_dropped_but_never_part_of_a_message() {
    let mut outbox = Outbox::default();
    outbox.push(frame("first,"), Class::Message);
    outbox.advance(1);
    outbox.push(frame("part,"), Class::Fragment);
    outbox.push(frame("last,"), Class::Fragment);
    outbox.push(frame("second,"), Class::Message);
    outbox.push(frame("third,"), Class::Message);
    assert!(outbox.drop_oldest());
    assert_eq!(leaves(&mut outbox, usize::MAX), "irst,part,last,third,");
}

/// PROTO-07
#[test]
fn an_answering_close_goes_in_front_of_what_is_of_no_use_any_more() {
    let mut outbox = Outbox::default();
    outbox.push(frame("begun,"), Class::Message);
    outbox.advance(1);
    outbox.push(frame("useless,"), Class::Message);
    outbox.push_control(b"pong,".to_vec(), Class::Pong);
    outbox.push_last(b"close,".to_vec());
    assert_eq!(leaves(&mut outbox, usize::MAX), "egun,pong,close,");
}

/// BEAT-03: the clock of a Pong begins when the last byte of its Ping has left.
#[test]
fn it_is_told_when_the_beat_has_left_to_its_last_byte() {
    let mut outbox = Outbox::default();
    outbox.push(frame("begun,"), Class::Started);
    outbox.push_control(b"beat,".to_vec(), Class::Beat);
    assert!(!outbox.advance(6));
    assert!(!outbox.advance(4));
    assert!(outbox.advance(1));
}

/// ROOM-03
#[test]
fn a_group_leaves_whole_however_few_bytes_go_at_a_time() {
    for at_once in 1..20 {
        let mut outbox = Outbox::default();
        let (bytes, frames) = group(&["", "one", "in several", "two", ""]);
        outbox.push(bytes, Class::Message);
        outbox.push(frame("behind"), Class::Message);
        let expected = [frames.concat(), b"behind".to_vec()].concat();
        assert_eq!(leave(&mut outbox, at_once), expected, "{at_once} at a time");
    }
}

/// ROOM-03, BEAT-02
#[test]
fn a_pong_gets_in_between_the_frames_of_a_group_wherever_it_has_broken() {
    let (_, frames) = group(&["one", "in several", "two"]);
    let len = frames.concat().len();
    for written in 0..len {
        let mut outbox = Outbox::default();
        outbox.push(group(&["one", "in several", "two"]).0, Class::Message);
        let begun = outbox.next(&mut [IoSlice::new(&[])], usize::MAX);
        assert_eq!(begun, 1);
        outbox.advance(written);
        outbox.push_control(b"pong".to_vec(), Class::Pong);
        // Behind the frame that has begun, if one has.
        let (mut expected, mut at, mut is_in) = (vec![], 0, false);
        for frame in &frames {
            if at >= written && !is_in {
                expected.extend_from_slice(b"pong");
                is_in = true;
            }
            expected.extend_from_slice(frame);
            at += frame.len();
        }
        if !is_in {
            expected.extend_from_slice(b"pong");
        }
        assert_eq!(leave(&mut outbox, 1), expected[written..], "after {written}");
    }
}

/// ROOM-03, ADV-03: the oldest message is one message, not all that came with it.
#[test]
fn of_a_group_one_message_is_dropped_at_a_time_and_none_that_has_begun() {
    let texts = ["one", "in several", "two", "six"];
    let whole = group(&texts).1.concat().len();
    for written in 0..whole {
        for with_ping in [false, true] {
            let mut outbox = Outbox::default();
            let (bytes, frames) = group(&texts);
            if with_ping {
                outbox.push_control(b"ping".to_vec(), Class::Ping);
                outbox.push(bytes, Class::Message);
            } else {
                outbox.push(bytes, Class::Message);
                outbox.advance(written);
            }
            let gone = if with_ping { 0 } else { written };
            // Those in one frame of which nothing has left.
            let (mut at, mut waiting) = (0, vec![]);
            for (place, frame) in frames.iter().enumerate() {
                if at >= gone && frame[0] == 0x81 {
                    waiting.push(place);
                }
                at += frame.len();
            }
            for _ in &waiting {
                assert!(outbox.drop_oldest());
            }
            assert!(!outbox.drop_oldest());
            let mut expected = if with_ping { b"ping".to_vec() } else { vec![] };
            let mut skip = gone;
            for (place, frame) in frames.iter().enumerate() {
                let here = skip.min(frame.len());
                skip -= here;
                if !waiting.contains(&place) {
                    expected.extend_from_slice(&frame[here..]);
                }
            }
            assert_eq!(leave(&mut outbox, 2), expected, "after {written}");
        }
    }
}
