//! Section 8.1, and RFC 7692: what a compressed message says has to be what its frames say that it is.

use ws_core::deflate::{Density, Inflate};
use ws_core::frame::{CloseCode, Kind};
use ws_core::handshake::{Flow, Takeover, WindowBits};
use ws_core::{Decoder, Rule, Side};
use ws_tests::frames::{binary, text};
use ws_tests::fuzzed::deflate::{compress, inflate};

/// What a compressed message breaks, and the code of the Close frame that says so.
fn broken(kind: Kind, payload: &[u8]) -> (Rule, CloseCode) {
    let flow = Flow { window: WindowBits::MAX, takeover: Takeover::Forget };
    let mut inflater = Inflate::new(vec![0; 1 << 15], flow)
        .unwrap()
        .with_density(Density { most: 10, from: 1000 })
        .with_max_message(5000);
    let rule = inflate(&mut inflater, kind, payload, || 1, &mut vec![]).unwrap_err();
    // The decoder, which has delivered the frame, says it for ever then.
    let mut decoder = Decoder::new(Side::Client).with_compressed_messages();
    let frame = if kind == Kind::Text { text(payload) } else { binary(payload) };
    let mut bytes = frame.reserved(0x40).encode();
    let decoded = decoder.decode(&mut bytes).unwrap();
    let violation = decoder.refuse(rule);
    assert_eq!((violation.rule, violation.offset), (rule, decoded.consumed as u64));
    assert_eq!(decoder.refuse(Rule::Masked), violation);
    assert_eq!(decoder.decode(&mut []), Err(violation));
    (rule, rule.close_code())
}

/// EXT-01
#[test]
fn a_compressed_message_that_is_none_is_refused() {
    let bad = (Rule::InvalidDeflate, CloseCode::INVALID_DATA);
    assert_eq!(broken(Kind::Binary, b"\x06"), bad);
    assert_eq!(broken(Kind::Text, b"\xf2\x48\xcd\xc9"), bad);
}

/// EXT-01, PROTO-05
#[test]
fn inflated_text_that_is_not_utf_8_is_refused() {
    let bad = (Rule::InvalidUtf8, CloseCode::INVALID_DATA);
    assert_eq!(broken(Kind::Text, b"\x00\x01\x00\xfe\xff\xff\x00"), bad);
}

/// EXT-01
#[test]
fn what_inflates_too_much_is_refused_for_its_size_or_for_its_density() {
    let zeros = |len| {
        let mut deflate = zlib_rs::Deflate::new(9, false, 15);
        compress(&mut deflate, &vec![0; len])
    };
    assert_eq!(broken(Kind::Binary, &zeros(4000)), (Rule::TooDense, CloseCode::POLICY));
    // Dense, but few: until they are too many.
    let noise: Vec<u8> = (0..6000_u32).map(|at| ((at * at) >> 7) as u8).collect();
    let mut deflate = zlib_rs::Deflate::new(0, false, 15);
    let large = compress(&mut deflate, &noise);
    assert_eq!(broken(Kind::Binary, &large), (Rule::TooBig, CloseCode::TOO_BIG));
}
