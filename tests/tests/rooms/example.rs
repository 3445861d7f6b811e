//! The example that rooms are measured with, in a process of its own.
#![cfg(unix)]

use ws_core::frame::CloseCode;
use ws_tests::example::Example;
use ws_tests::peer::Peer;

/// ROOM-01, ROOM-03
#[test]
fn whoever_says_join_gets_what_anybody_says_unchanged() {
    for threads in ["1", "2"] {
        let options = ["--addr", "127.0.0.1:0", "--threads", threads];
        let rooms = Example::start_with("rooms", &options);
        let [mut ann, mut bob, mut cid] = [(); 3].map(|()| Peer::open(rooms.address));
        for peer in [&mut ann, &mut bob] {
            peer.text("JOIN");
            peer.expect_text("OK");
        }
        for text in ["hello", "join", "JOIN ", "", "ü\n\u{0}🎉"] {
            ann.text(text);
            // One who is no member may speak, too.
            cid.text(text);
            for peer in [&mut ann, &mut bob] {
                peer.expect_text(text);
                peer.expect_text(text);
            }
        }
        // To join twice is to join once, and those outside hear nothing.
        bob.text("JOIN");
        bob.expect_text("OK");
        ann.text("last");
        bob.expect_text("last");
        cid.close(CloseCode::NORMAL, "");
        cid.expect_closed(CloseCode::NORMAL);
    }
}
