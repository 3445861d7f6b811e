//! Section 5.4: fragments.

use ws_core::Rule;
use ws_tests::frames::*;
use ws_tests::scene::peer_sends;

/// FRAG-01: Autobahn 5.3 to 5.5.
#[test]
fn two_fragments_make_a_message() {
    peer_sends([text("frag").more(), continuation("ment")]).is_answered([text("fragment")]);
    peer_sends([binary([0xFF]).more(), continuation([0xFE])]).is_answered([binary([0xFF, 0xFE])]);
}

/// FRAG-01: Autobahn 6.1.2 and 6.1.3.
#[test]
fn fragments_may_be_empty_wherever_they_stand() {
    let empty = || continuation("").more();
    peer_sends([text("").more(), empty(), continuation("")]).is_answered([text("")]);
    peer_sends([text("").more(), continuation("middle").more(), continuation("")])
        .is_answered([text("middle")]);
    peer_sends([text("a").more(), empty(), empty(), empty(), continuation("b")])
        .is_answered([text("ab")]);
}

/// FRAG-01, PROTO-06: the kind is the first fragment's.
#[test]
fn messages_in_fragments_and_whole_ones_follow_each_other() {
    peer_sends([
        text("a").more(),
        continuation("b"),
        binary("c"),
        binary("d").more(),
        continuation("e").more(),
        continuation("f"),
        text("g"),
    ])
    .is_answered([text("ab"), binary("c"), binary("def"), text("g")]);
}

/// FRAG-02: Autobahn 5.6 to 5.8.
#[test]
fn a_ping_between_fragments_is_answered_before_the_message_ends() {
    peer_sends([text("frag").more(), ping("now"), continuation("ment")])
        .is_answered([pong("now"), text("fragment")]);
}

/// FRAG-02, PROTO-09: Autobahn 5.19 and 5.20.
#[test]
fn pings_and_pongs_between_many_fragments_do_not_disturb_the_message() {
    peer_sends([
        text("1").more(),
        continuation("2").more(),
        ping("first"),
        continuation("3").more(),
        pong("nobody asked"),
        continuation("4").more(),
        ping([0xFF; 125]),
        continuation("5"),
    ])
    .is_answered([pong("first"), pong([0xFF; 125]), text("12345")]);
}

/// FRAG-02: a client's longer header must not touch the message that it stands beside.
#[test]
fn a_ping_beside_every_length_of_fragment_is_answered() {
    for len in 0..20 {
        let part = "p".repeat(len);
        peer_sends([
            text(&part).more(),
            ping(""),
            continuation(&part).more(),
            ping("x"),
            continuation(&part),
        ])
        .is_answered([pong(""), pong("x"), text(part.repeat(3))]);
    }
}

/// PROTO-09: Autobahn 5.9 to 5.14.
#[test]
fn a_continuation_of_nothing_is_refused() {
    peer_sends([continuation("lost")]).breaks(Rule::StrayContinuation, 1002);
    peer_sends([continuation("lost").more(), text("lost")]).breaks(Rule::StrayContinuation, 1002);
    peer_sends([text("whole"), continuation("lost")]).breaks_after(
        [text("whole")],
        Rule::StrayContinuation,
        1002,
    );
}

/// PROTO-09: Autobahn 5.15 to 5.17.
#[test]
fn a_continuation_behind_the_end_of_a_message_is_refused() {
    peer_sends([text("frag").more(), continuation("ment"), continuation("lost").more()])
        .breaks_after([text("fragment")], Rule::StrayContinuation, 1002);
}

/// PROTO-09: Autobahn 5.18.
#[test]
fn a_new_message_inside_an_unfinished_one_is_refused() {
    for intruder in [text("new"), binary("new"), text("new").more()] {
        peer_sends([text("old").more(), intruder]).breaks(Rule::InterleavedMessage, 1002);
    }
    peer_sends([binary("").more(), binary("")]).breaks(Rule::InterleavedMessage, 1002);
}
