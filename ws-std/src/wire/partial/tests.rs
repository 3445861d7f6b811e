use super::*;
use ws_core::{Decoder, Event, Side};

/// What `Assembling` makes of a message in one frame of so many bytes, if reads bring so many at a
/// time; and the most that it took for what had arrived.
fn assemble(size: usize, at_once: usize, spare: &mut Vec<u8>) -> (Vec<u8>, f64) {
    let payload: Vec<u8> = (0..=250).cycle().take(size).collect();
    let mut frame = vec![0x82, 127];
    frame.extend_from_slice(&(size as u64).to_be_bytes());
    frame.extend_from_slice(&payload);
    let mut decoder = Decoder::new(Side::Client);
    let mut message = Assembling::new(Kind::Binary);
    let (mut at, mut most) = (0, 0.0_f64);
    while at < frame.len() {
        let is_begun = message.filled > 0;
        let ends = match message.room(spare).filter(|_| is_begun) {
            Some(room) => {
                let count = room.len().min(at_once).min(frame.len() - at);
                room[..count].copy_from_slice(&frame[at..at + count]);
                at += count;
                let decoded = decoder.decode(message.fresh(count)).unwrap();
                assert_eq!(decoded.consumed, count);
                matches!(decoded.event, Some(Event::Chunk(chunk)) if chunk.ends)
            }
            None => {
                let end = frame.len().min(at + at_once);
                let decoded = decoder.decode(&mut frame[at..end]).unwrap();
                let Some(Event::Chunk(chunk)) = decoded.event else { panic!("{decoded:?}") };
                message.add(&chunk, chunk.span.of(&frame[at..end]), spare);
                at += decoded.consumed;
                chunk.ends
            }
        };
        most = most.max(message.retained() as f64 / message.filled as f64);
        assert_eq!(ends, at == frame.len());
    }
    let bytes = message.bytes().to_vec();
    message.recycle(spare);
    (bytes, most)
}

/// FRAG-03, SEC-01
#[test]
fn memory_follows_what_has_arrived_whatever_was_announced() {
    let mut spare = vec![];
    for size in [65_536, 70_000, 300_000, 3 << 20, 1 << 20] {
        for at_once in [1000, 65_536, 256 << 10, usize::MAX / 2] {
            let (bytes, most) = assemble(size, at_once, &mut spare);
            assert!(bytes.iter().copied().eq((0..=250).cycle().take(size)), "{size} by {at_once}");
            // A little is taken ahead so that there is something to read into.
            let ahead = 1.0 + LARGE as f64 / at_once.min(size) as f64;
            assert!(most <= 4.0 * ahead, "{most} times what had arrived: {size} by {at_once}");
        }
    }
    assert!(spare.len() >= 1 << 20 && spare.len() <= MOST_SPARE, "{}", spare.len());
}

#[test]
fn memory_is_used_again_and_nothing_of_the_last_message_shows() {
    let mut spare = vec![];
    assemble(1 << 20, 256 << 10, &mut spare);
    let memory = spare.as_ptr();
    let (bytes, _) = assemble(1 << 20, 256 << 10, &mut spare);
    assert_eq!(bytes.len(), 1 << 20);
    assert_eq!(spare.as_ptr(), memory);
}
