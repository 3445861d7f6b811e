//! Section 8.1: text is UTF-8, Autobahn 6.

use ws_core::Rule;
use ws_tests::frames::*;
use ws_tests::scene::peer_sends;

/// PROTO-05: Autobahn 6.2 to 6.23, the lawful ones.
#[test]
fn lawful_text_of_every_kind_is_echoed() {
    for lawful in [
        "Hello-µ@ßöäüàá-UTF-8!!",
        "κόσμε",
        "\u{0}",
        "\u{80}",
        "\u{800}",
        "\u{10000}",
        "\u{7F}",
        "\u{7FF}",
        "\u{FFFF}",
        "\u{10FFFF}",
        "\u{D7FF}",
        "\u{E000}",
        "\u{FFFD}",
        "\u{FFFE}",
        "\u{1FFFE}\u{2FFFF}\u{10FFFE}",
    ] {
        peer_sends([text(lawful)]).is_answered([text(lawful)]);
    }
}

/// PROTO-05: Autobahn 6.3 and 6.6 to 6.21, the others.
#[test]
fn text_that_is_not_utf8_is_refused_with_1007() {
    for bad in [
        &b"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80edited"[..],
        b"\x80",
        b"\xBF",
        b"\x80\xBF\x80",
        b"\xC0 ",
        b"\xF8\x88\x80\x80\x80",
        b"\xFC\x84\x80\x80\x80\x80",
        b"\xF7\xBF\xBF\xBF",
        b"\xF4\x90\x80\x80",
        b"\xC0\xAF",
        b"\xC1\xBF",
        b"\xE0\x80\xAF",
        b"\xE0\x9F\xBF",
        b"\xF0\x80\x80\xAF",
        b"\xF0\x8F\xBF\xBF",
        b"\xED\xA0\x80",
        b"\xED\xBF\xBF",
        b"\xED\xA0\x80\xED\xB0\x80",
        b"\xFE",
        b"\xFF",
        b"\xFE\xFE\xFF\xFF",
    ] {
        peer_sends([text(bad)]).breaks(Rule::InvalidUtf8, 1007);
        let plain = [b"plain before it ", bad, b" and after it"].concat();
        peer_sends([text(plain)]).breaks(Rule::InvalidUtf8, 1007);
    }
}

/// PROTO-05: Autobahn 6.6.1 to 6.6.11: a text that ends inside a character.
#[test]
fn text_that_ends_inside_a_character_is_refused_when_it_ends() {
    for cut in [&b"\xCE"[..], b"\xE1\xBD", b"\xF0\x9F\xA6", b"whole \xE1"] {
        peer_sends([text(cut)]).breaks(Rule::InvalidUtf8, 1007);
        peer_sends([text(cut).more(), continuation("")]).breaks(Rule::InvalidUtf8, 1007);
    }
}

/// PROTO-05: Autobahn 6.2.3 and 6.2.4.
#[test]
fn a_character_may_be_cut_by_fragments_at_every_byte() {
    let message = "κ\u{20AC}\u{1F980}";
    for cut in 0..=message.len() {
        let (front, back) = message.as_bytes().split_at(cut);
        peer_sends([text(front).more(), ping("between"), continuation(back)])
            .is_answered([pong("between"), text(message)]);
    }
    let bytewise = message.bytes().map(|byte| continuation([byte]).more());
    let frames = [text("").more()].into_iter().chain(bytewise).chain([continuation("")]);
    peer_sends(frames).is_answered([text(message)]);
}

/// PROTO-05: Autobahn 6.4.1 to 6.4.4: refused at the first bad byte, though neither the frame nor
/// the message has ended, and nothing more is sent.
#[test]
fn bad_text_is_refused_before_its_frame_has_ended() {
    let unfinished = text(b"\xCE\xBA\xFF").claiming(1000);
    peer_sends([unfinished]).breaks(Rule::InvalidUtf8, 1007);
    let unfinished = continuation(b"\xBD\xB9\xF4\x90").claiming(1000);
    peer_sends([text(b"\xCE\xBA\xE1").more(), unfinished]).breaks(Rule::InvalidUtf8, 1007);
}

/// PROTO-05: of 100 KB of which 1 KB is sent.
#[test]
fn the_third_byte_of_a_large_frame_is_refused_at_once() {
    let text = text([b"ok\xFF", &[b'x'; 1000][..]].concat()).claiming(100_000);
    peer_sends([text]).with_max_message(100_000).breaks(Rule::InvalidUtf8, 1007);
}

/// PROTO-05: each message is a text of its own.
#[test]
fn a_cut_character_is_not_carried_over_a_control_frame_or_into_the_next_message() {
    peer_sends([text(b"\xC3").more(), ping(b"\xA9"), continuation("x")]).breaks_after(
        [pong(b"\xA9")],
        Rule::InvalidUtf8,
        1007,
    );
    peer_sends([binary(b"\xC3"), text(b"\xA9")]).breaks_after(
        [binary(b"\xC3")],
        Rule::InvalidUtf8,
        1007,
    );
}
