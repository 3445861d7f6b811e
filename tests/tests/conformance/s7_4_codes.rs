//! Section 7.4: close codes.

use ws_core::frame::{Close, CloseCode};
use ws_core::{Error, Misuse, Rule};
use ws_tests::frames::*;
use ws_tests::scene::peer_sends;
use ws_tests::talk;

const LAWFUL: [u16; 16] = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
];

const UNLAWFUL: [u16; 15] =
    [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 5001, 32_768, 65_535];

/// PROTO-07: Autobahn 7.7.1 to 7.7.13.
#[test]
fn a_close_with_a_lawful_code_is_answered_with_that_code() {
    for code in LAWFUL {
        peer_sends([close(code, "because")]).is_closed_after([close(code, "")]);
    }
}

/// PROTO-07: Autobahn 7.9.1 to 7.9.13, 7.13.1 and 7.13.2.
#[test]
fn a_close_with_any_other_code_is_refused() {
    for code in UNLAWFUL {
        peer_sends([close(code, "")]).breaks(Rule::CloseCodeInvalid, 1002);
        peer_sends([close(code, "because")]).breaks(Rule::CloseCodeInvalid, 1002);
    }
}

/// PROTO-07: all 65,536 of them.
#[test]
fn every_code_is_lawful_or_not_as_the_rfc_and_the_registry_say() {
    for code in 0..=u16::MAX {
        let lawful = match code {
            1004 | 1005 | 1006 | 1015 => false,
            1000..=1015 | 3000..=4999 => true,
            _ => false,
        };
        assert_eq!(CloseCode(code).is_sendable(), lawful, "{code}");
    }
}

/// PROTO-07: 1005, 1006 and 1015 never leave, nor any other code that must not.
#[test]
fn a_code_that_must_not_be_sent_is_not_sent() {
    for mut socket in talk::all() {
        for code in UNLAWFUL {
            let misuse = socket.close(Close::new(CloseCode(code), ""));
            assert_eq!(misuse, Err(Error::Misuse(Misuse::CloseCodeNotSendable)));
        }
        assert_eq!(socket.frames_sent(), []);
        for code in LAWFUL.into_iter().take(1) {
            socket.close(CloseCode(code).into()).unwrap();
            assert_eq!(socket.frames_sent(), [close(code, "")]);
        }
    }
}
