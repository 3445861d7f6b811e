//! Section 5.1: who masks, and section 5.3: how.

use ws_core::frame::Kind;
use ws_core::{Rule, Side};
use ws_tests::frames::*;
use ws_tests::scene::peer_sends_bytes_to;
use ws_tests::{WireFrame, talk};

/// PROTO-03
#[test]
fn a_client_that_does_not_mask_is_closed_with_1002() {
    peer_sends_bytes_to(Side::Server, text("hello").encode()).breaks(Rule::Unmasked, 1002);
    peer_sends_bytes_to(Side::Server, ping("hello").encode()).breaks(Rule::Unmasked, 1002);
    peer_sends_bytes_to(Side::Server, empty_close().encode()).breaks(Rule::Unmasked, 1002);
}

/// PROTO-03: refused with the second byte, before any length is read.
#[test]
fn the_missing_mask_is_seen_in_the_second_byte() {
    peer_sends_bytes_to(Side::Server, [0x82, 0x7F]).breaks(Rule::Unmasked, 1002);
}

/// PROTO-04
#[test]
fn a_server_that_masks_is_closed_with_1002() {
    let masked = |frame: WireFrame| frame.masked([1, 2, 3, 4]).encode();
    peer_sends_bytes_to(Side::Client, masked(text("hello"))).breaks(Rule::Masked, 1002);
    peer_sends_bytes_to(Side::Client, masked(pong("hello"))).breaks(Rule::Masked, 1002);
}

/// PROTO-03: "Hello" of section 5.7, masked and not, also with a key of noughts.
#[test]
fn the_example_of_the_rfc_is_read_with_any_key() {
    let hello = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    peer_sends_bytes_to(Side::Server, hello).is_answered([text("Hello")]);
    peer_sends_bytes_to(Side::Client, b"\x81\x05Hello").is_answered([text("Hello")]);
    for key in [[0; 4], [0xFF; 4], [0, 0, 0, 1], [9, 8, 7, 6]] {
        let bytes = text("Hello").masked(key).encode();
        peer_sends_bytes_to(Side::Server, bytes).is_answered([text("Hello")]);
    }
}

/// PROTO-04: a server masks nothing, a client everything, each frame with a fresh key.
#[test]
fn what_we_send_is_masked_by_a_client_only_and_with_a_new_key_each_time() {
    for mut socket in talk::all() {
        socket.peer_sends(&[ping("p"), text("t")]);
        socket.receive().unwrap();
        socket.send(Kind::Text, b"one").unwrap();
        socket.send(Kind::Binary, &[7; 600]).unwrap();
        socket.send_lent(Kind::Text, &mut b"lent".to_vec()).unwrap();
        socket.ping(b"are you there").unwrap();
        socket.close(Default::default()).unwrap();
        let sent = WireFrame::decode_all(socket.script().written());
        let mut keys: Vec<_> = sent.iter().filter_map(|frame| frame.mask).collect();
        keys.sort_unstable();
        keys.dedup();
        let expected = if socket.side() == Side::Client { sent.len() } else { 0 };
        assert_eq!(keys.len(), expected, "{sent:x?}");
        assert_eq!(socket.peer_heard().len(), 6);
    }
}
