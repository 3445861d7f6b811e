//! FRAG-04: messages that are sent in parts, as they come to be.

use std::time::Duration;

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{Clock, Closures, Sent, Server};

use crate::harness::{Peer, ends, next, start};

/// Sends parts as it is told to, and everything else back.
fn storyteller() -> Closures {
    ws_std::on_message(|ctx, message| {
        let text = message.text().unwrap_or_default();
        match text.split_once(' ').unwrap_or((text, "")) {
            ("part", part) => assert_eq!(ctx.send_part(part), Sent::Queued),
            ("bytes", part) => {
                let sent = ctx.send_part(part.as_bytes());
                ctx.send(&format!("{sent:?}"));
            }
            ("last", part) => assert_eq!(ctx.send_last_part(part), Sent::Queued),
            ("close", reason) => ctx.close(CloseCode(4000), reason),
            _ => assert_eq!(ctx.send(message), Sent::Queued),
        }
    })
}

fn more(text: &str) -> WireFrame {
    WireFrame::continuation(text).more()
}

/// FRAG-04, FRAG-02
#[test]
fn other_messages_wait_for_the_end_of_a_message_in_parts_but_pongs_do_not() {
    let server = start(Server::builder(storyteller()));
    let mut peer = Peer::open(&server);
    for _ in 0..2 {
        peer.text("part once");
        peer.text("in between");
        peer.send(WireFrame::ping("ping"));
        peer.text("part  upon a");
        peer.text("last  time");
        assert_eq!(peer.frame(), Some(WireFrame::text("once").more()));
        assert_eq!(peer.frame(), Some(WireFrame::pong("ping")));
        assert_eq!(peer.frame(), Some(more(" upon a")));
        assert_eq!(peer.frame(), Some(WireFrame::continuation(" time")));
        assert_eq!(peer.frame(), Some(WireFrame::text("in between")));
    }
    // One that has only an end.
    peer.text("last alone");
    peer.expect_text("alone");
    peer.leave();
}

/// FRAG-04, PROTO-05: text does not go on in bytes.
#[test]
fn a_part_of_another_kind_is_refused() {
    let server = start(Server::builder(storyteller()));
    let mut peer = Peer::open(&server);
    peer.text("part a");
    peer.text("bytes b");
    peer.text("last c");
    assert_eq!(peer.message(), WireFrame::text("ac"));
    peer.expect_text("Refused");
    peer.leave();
}

/// FRAG-04, PROTO-07: "the Close frame MAY be sent in the middle of a fragmented message" follows
/// from "Control frames MAY be injected in the middle of a fragmented message" (RFC 6455 section
/// 5.4): what waited for its end is not sent any more, and keeps nobody.
#[test]
fn a_close_in_the_middle_of_a_message_in_parts_ends_the_connection_at_once() {
    for by_peer in [false, true] {
        let (handler, told) = ends(storyteller());
        let (clock, _stands_still) = Clock::manual();
        let server = start(Server::builder(handler).clock(clock));
        let mut peer = Peer::open(&server);
        peer.text("part begun");
        peer.text("waits");
        if !by_peer {
            peer.text("close enough");
            assert_eq!(peer.frame(), Some(WireFrame::text("begun").more()));
            assert_eq!(peer.expect_close(CloseCode(4000)), "enough");
            peer.close(CloseCode(4000), "");
        } else {
            peer.close(CloseCode(4000), "");
            assert_eq!(peer.frame(), Some(WireFrame::text("begun").more()));
            peer.expect_close(CloseCode(4000));
        }
        peer.expect_end();
        assert_eq!(next(&told).code, CloseCode(4000));
    }
}

/// FRAG-04: a message that is not ended keeps others waiting, and that is no fault of the peer's.
#[test]
fn a_peer_is_not_blamed_for_what_waits_for_the_handler() {
    let (handler, told) = ends(storyteller());
    let (clock, hand) = Clock::manual();
    let server = start(Server::builder(handler).clock(clock));
    let mut peer = Peer::open(&server);
    peer.text("part begun");
    peer.text("waits");
    assert_eq!(peer.frame(), Some(WireFrame::text("begun").more()));
    hand.advance(Duration::from_secs(14));
    peer.text("last  and ended");
    assert_eq!(peer.frame(), Some(WireFrame::continuation(" and ended")));
    peer.expect_text("waits");
    peer.leave();
    assert_eq!(next(&told).code, CloseCode::NORMAL);
}
