use super::*;

fn frame(text: &str) -> Bytes {
    Bytes::Own(text.as_bytes().to_vec())
}

/// What leaves, if the socket takes so many bytes at a time.
fn leaves(outbox: &mut Outbox, at_once: usize) -> String {
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
    String::from_utf8(all).unwrap()
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
