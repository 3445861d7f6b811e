//! Section 5.6: data, and Autobahn 9 and 10: much of it.

use ws_tests::frames::*;
use ws_tests::scene::peer_sends;

/// PROTO-06
#[test]
fn text_and_binary_with_the_same_bytes_are_told_apart() {
    peer_sends([text("same"), binary("same"), text("same")]).is_answered([
        text("same"),
        binary("same"),
        text("same"),
    ]);
}

/// PROTO-06
#[test]
fn binary_is_delivered_as_it_is_whatever_the_bytes() {
    peer_sends([binary((0..=255).collect::<Vec<u8>>())]).is_echoed();
    peer_sends([binary(b"\xFF\xC0").more(), continuation(b"\xED\xA0\x80")]).is_echoed();
}

/// FRAG-01: Autobahn 9.1 and 9.2, a quarter of a mebibyte in one frame.
#[test]
fn a_large_message_in_one_frame_is_echoed() {
    peer_sends([binary(pattern(256 * 1024))]).is_echoed();
    peer_sends([text("\u{20AC}".repeat(80_000))]).is_echoed();
}

/// FRAG-01: Autobahn 9.3 and 9.4.
#[test]
fn a_large_message_in_fragments_of_64_bytes_to_64_kib_is_echoed() {
    for size in [64, 1024, 65_536] {
        let payload = pattern(128 * 1024);
        let last = payload.len().div_ceil(size) - 1;
        let frames = payload.chunks(size).enumerate().map(|(index, part)| {
            let frame = if index == 0 { binary(part) } else { continuation(part) };
            if index < last { frame.more() } else { frame }
        });
        peer_sends(frames).is_echoed();
    }
}

/// PROTO-02: Autobahn 9.7 and 9.8: many messages of one size, one after the other.
#[test]
fn a_hundred_messages_of_each_size_are_echoed() {
    for size in [0, 16, 64, 256, 1024] {
        peer_sends((0..100).map(|_| text("x".repeat(size)))).is_echoed();
        peer_sends((0..100).map(|n| binary(vec![n; size]))).is_echoed();
    }
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index % 251) as u8).collect()
}
