//! Section 5.2: the header.

use ws_core::{Rule, Side};
use ws_tests::frames::*;
use ws_tests::scene::{peer_sends, peer_sends_bytes_to};

/// PROTO-02: Autobahn 1.1.1 to 1.1.5 and 1.2.1 to 1.2.5.
#[test]
fn a_message_of_any_small_size_is_echoed() {
    for len in [0, 1, 2, 124, 125, 126, 127, 128, 129] {
        peer_sends([text("*".repeat(len))]).is_answered([text("*".repeat(len))]);
        peer_sends([binary(vec![0xFE; len])]).is_answered([binary(vec![0xFE; len])]);
    }
}

/// PROTO-02: Autobahn 1.1.6 to 1.1.8 and 1.2.6 to 1.2.8.
#[test]
fn a_message_on_either_side_of_64_kib_is_echoed() {
    for len in [65_535, 65_536] {
        peer_sends([text("*".repeat(len))]).is_echoed();
        peer_sends([binary(vec![0xFE; len])]).is_echoed();
    }
}

/// PROTO-02
#[test]
fn a_length_in_more_bytes_than_it_needs_is_refused() {
    for (len, bytes) in [(0, 2), (125, 2), (0, 8), (125, 8), (126, 8), (65_535, 8)] {
        let frame = binary(vec![1; len]).with_length_bytes(bytes);
        peer_sends([frame]).breaks(Rule::LengthNotMinimal, 1002);
    }
}

/// PROTO-02
#[test]
fn the_least_length_of_each_form_is_taken() {
    peer_sends([binary([1; 126]).with_length_bytes(2)]).is_echoed();
    peer_sends([binary(vec![1; 65_536]).with_length_bytes(8)]).is_echoed();
}

/// PROTO-02: with its first byte, before the other seven are there.
#[test]
fn a_64_bit_length_with_its_top_bit_set_is_refused_at_once() {
    for claimed in [1 << 63, u64::MAX] {
        peer_sends([binary("").claiming(claimed)]).breaks(Rule::LengthTopBit, 1002);
    }
    peer_sends_bytes_to(Side::Server, [0x82, 0xFF, 0x80]).breaks(Rule::LengthTopBit, 1002);
    peer_sends_bytes_to(Side::Client, [0x82, 0x7F, 0x80]).breaks(Rule::LengthTopBit, 1002);
}

/// PROTO-02: lawful, but larger than anyone takes: 1009, not 1002.
#[test]
fn the_largest_lawful_length_is_refused_as_too_big() {
    peer_sends([binary("").claiming(i64::MAX as u64)]).breaks(Rule::TooBig, 1009);
}

/// PROTO-09: Autobahn 3.1 to 3.7.
#[test]
fn a_reserved_bit_without_an_extension_is_refused_in_every_kind_of_frame() {
    for bits in (0x10..=0x70).step_by(0x10) {
        for bad in [text("x"), binary("x"), ping("x"), pong("x"), close(1000, "")] {
            peer_sends([text("hello"), bad.reserved(bits), ping("lost")]).breaks_after(
                [text("hello")],
                Rule::ReservedBits,
                1002,
            );
        }
        peer_sends([text("hel").more(), continuation("lo").reserved(bits)])
            .breaks(Rule::ReservedBits, 1002);
    }
}

/// PROTO-09: Autobahn 4.1.1 to 4.1.5 and 4.2.1 to 4.2.5.
#[test]
fn an_opcode_that_the_rfc_does_not_define_is_refused() {
    for opcode in (0x3..=0x7).chain(0xB..=0xF) {
        peer_sends([frame(opcode, "")]).breaks(Rule::UnknownOpcode, 1002);
        peer_sends([text("hello"), frame(opcode, "payload"), ping("lost")]).breaks_after(
            [text("hello")],
            Rule::UnknownOpcode,
            1002,
        );
    }
}

/// PROTO-10: the rule, the byte of the stream, and what came before in the same read.
#[test]
fn a_violation_names_the_byte_where_it_began() {
    let bytes = *b"\x81\x02hi\x89\x00\x83\x00";
    let mut decoder = ws_core::Decoder::new(Side::Client);
    let mut rest = bytes;
    let mut at = 0;
    let violation = loop {
        match decoder.decode(&mut rest[at..]) {
            Ok(decoded) => at += decoded.consumed,
            Err(violation) => break violation,
        }
    };
    assert_eq!((violation.rule, violation.offset), (Rule::UnknownOpcode, 6));
    assert_eq!(violation.to_string(), "unknown opcode at byte 6 (RFC 6455 section 5.2)");
    assert_eq!(decoder.decode(&mut b"\x81\x00".to_vec()), Err(violation), "the same for ever");
}
