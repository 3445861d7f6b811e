//! The examples of RFC 7692, and what must not pass.

use std::vec::Vec;

use super::*;
use crate::handshake::WindowBits;

const KEEP: Flow = Flow { window: WindowBits::MAX, takeover: Takeover::Keep };
const FORGET: Flow = Flow { window: WindowBits::MAX, takeover: Takeover::Forget };

fn chunk(kind: Kind, begins: bool, ends: bool) -> Chunk {
    let span = Span::default();
    Chunk { kind, begins, ends, compressed: true, span, frame_left: 0, last_frame: ends }
}

/// Inflates a message that comes in these chunks.
fn message(inflate: &mut Inflate<Vec<u8>>, kind: Kind, chunks: &[&[u8]]) -> Result<Vec<u8>, Rule> {
    let mut out = Vec::new();
    for (index, payload) in chunks.iter().enumerate() {
        let chunk = chunk(kind, index == 0, index + 1 == chunks.len());
        let mut rest = *payload;
        loop {
            let inflated = inflate.inflate(&chunk, rest)?;
            out.extend_from_slice(inflate.bytes(inflated.piece));
            rest = &rest[inflated.consumed..];
            match inflated.then {
                Then::Again => {}
                Then::NextChunk => {
                    assert!(rest.is_empty() && !chunk.ends);
                    break;
                }
                Then::Ended => {
                    assert!(rest.is_empty() && chunk.ends && !inflate.is_mid_message());
                    break;
                }
            }
        }
    }
    Ok(out)
}

fn inflate(flow: Flow) -> Inflate<Vec<u8>> {
    Inflate::new(std::vec![0; flow.window.bytes()], flow).unwrap()
}

/// One message by itself, whole and at every cut.
#[track_caller]
fn check(payload: &[u8], expected: Result<&[u8], Rule>) {
    let expected = expected.map(<[u8]>::to_vec);
    assert_eq!(message(&mut inflate(FORGET), Kind::Binary, &[payload]), expected);
    for cut in 0..=payload.len() {
        let (front, back) = payload.split_at(cut);
        let cut = message(&mut inflate(FORGET), Kind::Binary, &[front, b"", back]);
        assert_eq!(cut, expected);
    }
}

/// EXT-01
#[test]
fn a_message_of_one_fixed_block() {
    // RFC 7692 section 7.2.3.1.
    check(b"\xf2\x48\xcd\xc9\xc9\x07\x00", Ok(b"Hello"));
}

/// EXT-01
#[test]
fn a_message_refers_to_the_one_before_only_if_that_was_agreed_on() {
    // RFC 7692 section 7.2.3.2.
    let (first, second) = (b"\xf2\x48\xcd\xc9\xc9\x07\x00", b"\xf2\x00\x11\x00\x00");
    let mut keeps = inflate(KEEP);
    assert_eq!(message(&mut keeps, Kind::Text, &[first]).as_deref(), Ok(&b"Hello"[..]));
    assert_eq!(message(&mut keeps, Kind::Text, &[second]).as_deref(), Ok(&b"Hello"[..]));
    let mut forgets = inflate(FORGET);
    assert_eq!(message(&mut forgets, Kind::Text, &[first]).as_deref(), Ok(&b"Hello"[..]));
    assert_eq!(message(&mut forgets, Kind::Text, &[second]), Err(Rule::InvalidDeflate));
    // For ever.
    assert_eq!(message(&mut forgets, Kind::Text, &[first]), Err(Rule::InvalidDeflate));
    // Until it is another peer's.
    forgets.reset(FORGET).unwrap();
    assert_eq!(message(&mut forgets, Kind::Text, &[first]).as_deref(), Ok(&b"Hello"[..]));
}

/// EXT-01
#[test]
fn a_message_of_a_stored_block() {
    // RFC 7692 section 7.2.3.3.
    check(b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", Ok(b"Hello"));
    // The length and its complement differ.
    check(b"\x00\x05\x00\xfa\xfe\x48\x65\x6c\x6c\x6f\x00", Err(Rule::InvalidDeflate));
}

/// EXT-01
#[test]
fn a_message_with_blocks_that_say_that_they_are_the_last() {
    // RFC 7692 section 7.2.3.4: the byte behind the block makes an empty one with the tail.
    check(b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", Ok(b"Hello"));
    // Some leave it out.
    check(b"\xf3\x48\xcd\xc9\xc9\x07\x00", Ok(b"Hello"));
    // More may follow, with the next byte.
    let twice = b"\xf3\x48\xcd\xc9\xc9\x07\x00\xf3\x48\xcd\xc9\xc9\x07\x00\x00";
    check(twice, Ok(b"HelloHello"));
    // And refer to what was before.
    check(b"\xf3\x48\xcd\xc9\xc9\x07\x00\xf2\x00\x11\x00\x00", Ok(b"HelloHello"));
}

/// EXT-01
#[test]
fn a_message_of_two_blocks() {
    // RFC 7692 section 7.2.3.5.
    check(b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", Ok(b"Hello"));
}

/// EXT-01
#[test]
fn an_empty_message_is_one_byte() {
    // RFC 7692 section 7.2.3.6.
    check(b"\x00", Ok(b""));
    // That of zlib, which has an empty fixed block in front.
    check(b"\x02\x00", Ok(b""));
    check(b"", Err(Rule::InvalidDeflate));
}

/// EXT-01
#[test]
fn what_is_no_compressed_data_is_refused() {
    for garbage in [
        // No such kind of block.
        &b"\x06"[..],
        // Too many lengths; too many distances.
        b"\xf4\xff\xff\xff\xff\xff",
        b"\x04\xff\xff\xff\xff\xff",
        // Cut inside a block.
        b"\xf2\x48\xcd\xc9\xc9",
        // A distance to before the beginning.
        b"\xf2\x00\x11\x00\x00",
        // One byte too many behind the end.
        b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x01",
    ] {
        check(garbage, Err(Rule::InvalidDeflate));
    }
}

/// EXT-01
#[test]
fn text_is_refused_at_its_first_bad_byte() {
    // Three bytes of a stored block of five: the second is no text.
    let bad = b"\x00\x05\x00\xfa\xffa\xffb";
    let chunk = chunk(Kind::Text, true, false);
    assert_eq!(inflate(FORGET).inflate(&chunk, bad), Err(Rule::InvalidUtf8));
    let cut = b"\x00\x01\x00\xfe\xff\xe2\x00";
    assert_eq!(message(&mut inflate(FORGET), Kind::Text, &[cut]), Err(Rule::InvalidUtf8));
    assert_eq!(message(&mut inflate(FORGET), Kind::Binary, &[cut]).as_deref(), Ok(&b"\xe2"[..]));
}

/// EXT-01
#[test]
fn a_window_must_be_as_large_as_the_peers() {
    let small = Flow { window: WindowBits::MIN, ..KEEP };
    let mut inflate = Inflate::new([0; 256], small).unwrap();
    let misuse = Misuse::BufferTooSmall { at_least: 32_768 };
    assert_eq!(inflate.reset(KEEP), Err(misuse));
    assert_eq!(inflate.flow(), small);
    assert_eq!(Inflate::new([0; 255], small).err(), Some(Misuse::BufferTooSmall { at_least: 256 }));
}

/// EXT-01
#[test]
fn a_message_lies_in_the_window_in_one_piece_also_where_that_ends_inside_it() {
    let small = Flow { window: WindowBits::MIN, ..KEEP };
    let mut inflate = Inflate::new([0; 256], small).unwrap();
    let part = Part { kind: Kind::Text, ends: true };
    // "Hello", and then references to it, of which one has to go over the end of 256 bytes.
    assert_eq!(inflate.whole(part, b"\xf2\x48\xcd\xc9\xc9\x07\x00"), Ok(&b"Hello"[..]));
    for _ in 0..200 {
        assert_eq!(inflate.whole(part, b"\xf2\x00\x11\x00\x00"), Ok(&b"Hello"[..]));
    }
}

/// EXT-01
#[test]
fn a_whole_message_is_no_larger_than_the_window() {
    let small = Flow { window: WindowBits::MIN, ..FORGET };
    let stored = |len: u8, more: &[u8]| {
        let front = [0x00, len, 0x00, !len, 0xFF].into_iter().chain((0..len).map(|_| b'a'));
        front.chain(more.iter().copied()).collect::<Vec<u8>>()
    };
    let part = Part { kind: Kind::Binary, ends: true };
    let mut inflate = Inflate::new([0; 256], small).unwrap();
    // 255 bytes and one more, in a block of its own.
    let fits = stored(255, b"\x00\x01\x00\xfe\xffa\x00");
    assert_eq!(inflate.whole(part, &fits), Ok(&[b'a'; 256][..]));
    let large = stored(255, b"\x00\x02\x00\xfd\xffaa\x00");
    assert_eq!(inflate.whole(part, &large), Err(Rule::TooBig));
    // For ever.
    assert_eq!(inflate.whole(part, &fits), Err(Rule::TooBig));
}

/// EXT-01
#[test]
fn a_chunk_is_shown_piece_by_piece() {
    let small = Flow { window: WindowBits::MIN, ..FORGET };
    let mut inflate = Inflate::new([0; 256], small).unwrap();
    let mut stored = std::vec![0x00, 0x2C, 0x01, 0xD3, 0xFE];
    stored.extend([b'b'; 300]);
    stored.push(0x00);
    let mut pieces = Vec::new();
    let part = Part { kind: Kind::Text, ends: true };
    let shown = inflate.each(part, &stored, |inflated, bytes| {
        pieces.push((inflated.begins, inflated.then, bytes.len()));
    });
    assert_eq!(shown, Ok(()));
    assert_eq!(pieces, [(true, Then::Again, 256), (false, Then::Ended, 44)]);
}

/// Bits in the order in which they are read, the rest of the last byte zero.
fn packed(bits: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, bit) in bits.enumerate() {
        if at.is_multiple_of(8) {
            bytes.push(0);
        }
        *bytes.last_mut().unwrap() |= u8::from(bit) << (at % 8);
    }
    bytes
}

/// A message that says three bytes which lie as far back as a window of so many bits reaches, or one
/// byte further. A number of codes is a power of two to its last one, and the next begins behind it.
fn far_back(bits: u8, further: bool) -> Vec<u8> {
    let distance = 2 * u32::from(bits) - u32::from(!further);
    let more = if further { bits - 1 } else { bits - 2 };
    let codes = [(0b010, 3), (0b000_0001, 7), (distance, 5)];
    let codes =
        codes.into_iter().flat_map(|(code, len)| (0..len).rev().map(move |at| code >> at & 1 == 1));
    // The end of the block, and the beginning of the one that a flush ends with.
    let end = [false; 7 + 3];
    packed(codes.chain((0..more).map(|_| !further)).chain(end))
}

/// EXT-01
#[test]
fn a_window_reaches_as_far_as_was_agreed_on_and_no_further() {
    for bits in 8..=15 {
        let flow = Flow { window: WindowBits::new(bits).unwrap(), ..KEEP };
        let len = 1_u16 << bits;
        let mut stored = std::vec![0x00];
        stored.extend(len.to_le_bytes().into_iter().chain((!len).to_le_bytes()));
        stored.extend(b"far".iter().copied().chain((3..len).map(|at| at as u8)));
        stored.push(0x00);
        for (further, expected) in [(false, Ok(b"far".to_vec())), (true, Err(Rule::InvalidDeflate))]
        {
            let mut inflate = inflate(flow);
            let first = message(&mut inflate, Kind::Binary, &[&stored]).unwrap();
            assert_eq!(first.len(), usize::from(len));
            let second = message(&mut inflate, Kind::Binary, &[&far_back(bits, further)]);
            assert_eq!(second, expected, "{bits} bits");
        }
    }
}
