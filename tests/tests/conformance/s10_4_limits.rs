//! Section 10.4: limits.

use ws_core::Rule;
use ws_tests::frames::*;
use ws_tests::scene::peer_sends;

/// FRAG-03: the cap is inclusive.
#[test]
fn a_message_of_exactly_the_cap_is_taken_and_one_byte_more_refused() {
    let message = |len| binary(vec![7; len]);
    peer_sends([message(300)]).with_max_message(300).is_echoed();
    peer_sends([text("before"), message(301)]).with_max_message(300).breaks_after(
        [text("before")],
        Rule::TooBig,
        1009,
    );
}

/// FRAG-03: with the header that announces it, before anything of it has arrived.
#[test]
fn a_message_above_the_cap_is_refused_with_its_header() {
    for claimed in [1025, 60_000_000, 1 << 62] {
        peer_sends([binary("").claiming(claimed)]).breaks(Rule::TooBig, 1009);
    }
}

/// FRAG-03: payload counts, over all fragments; what is between them does not.
#[test]
fn the_cap_is_on_the_payload_of_all_fragments_together() {
    let hundred = || continuation([b'x'; 100]).more();
    let begin = || text([b'x'; 100]).more();
    peer_sends([begin(), ping([1; 125]), hundred(), pong([1; 125]), continuation([b'x'; 100])])
        .with_max_message(300)
        .is_answered([pong([1; 125]), text([b'x'; 300])]);
    peer_sends([begin(), hundred(), hundred(), continuation("x")])
        .with_max_message(300)
        .breaks(Rule::TooBig, 1009);
}

/// FRAG-03: each message has the whole cap; so do a hundred empty fragments.
#[test]
fn the_cap_begins_anew_with_each_message_and_does_not_count_fragments() {
    let empty = (0..100).map(|_| continuation("").more());
    let frames = [text("").more()].into_iter().chain(empty).chain([continuation([b'x'; 10])]);
    let again = [binary([1; 10]), text([b'y'; 10])];
    peer_sends(frames.chain(again)).with_max_message(10).is_echoed();
}

/// FRAG-03: the sum of announced lengths cannot run over.
#[test]
fn lengths_that_together_exceed_64_bits_are_refused() {
    peer_sends([binary("x").more(), continuation("").claiming(i64::MAX as u64)])
        .breaks(Rule::TooBig, 1009);
}
