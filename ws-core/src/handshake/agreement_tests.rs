//! Offers against what a server can do, and answers against what a client offered.

use std::format;
use std::string::String;

use super::*;
use crate::handshake::{ClientError, ClientHandshake, client::Seen};

const KEEP: Flow = Flow { window: WindowBits::MAX, takeover: Takeover::Keep };
const FORGET: Flow = Flow { window: WindowBits::MAX, takeover: Takeover::Forget };

const fn small(bits: u8) -> Flow {
    Flow { window: WindowBits(bits), takeover: Takeover::Keep }
}

/// What a server with these abilities answers to the values, as it is written in the response.
fn answer(sends: Flow, receives: Flow, values: &[&str]) -> Option<String> {
    let mut deflate = DeflateAnswer::new(sends, receives);
    for value in values {
        deflate.observe(value.as_bytes());
    }
    deflate.chosen().map(|answer| written(&answer))
}

/// The parameters as a request carries them.
fn written(offer: &DeflateOffer) -> String {
    let handshake = ClientHandshake::new([0; 16], &[]).with_deflate(*offer);
    let request = handshake.request("h", "/", &[("Last", "x")]).unwrap();
    let mut out = [0; 400];
    let len = request.write(0, &mut out);
    let text = core::str::from_utf8(&out[..len]).unwrap();
    let (_, rest) = text.split_once("\r\nSec-WebSocket-Extensions: permessage-deflate").unwrap();
    let (line, behind) = rest.split_once("\r\n").unwrap();
    assert_eq!(behind, "Last: x\r\n\r\n");
    line.into()
}

#[track_caller]
fn check(sends: Flow, receives: Flow, offer: &str, expected: Option<&str>) {
    let value = format!("permessage-deflate{offer}");
    assert_eq!(answer(sends, receives, &[&value]).as_deref(), expected, "{offer}");
}

/// EXT-01
#[test]
fn a_server_answers_what_it_was_offered_and_what_it_wants() {
    check(KEEP, KEEP, "", Some(""));
    check(FORGET, KEEP, "", Some("; server_no_context_takeover"));
    let both = "; server_no_context_takeover; client_no_context_takeover";
    check(FORGET, FORGET, "; client_max_window_bits", Some(both));
    check(KEEP, KEEP, both, Some(both));
    // Asked for its window, a server names it; unasked, only if it is not the largest.
    let asked = "; server_max_window_bits";
    check(KEEP, KEEP, &format!("{asked}=15"), Some(&format!("{asked}=15")));
    check(KEEP, KEEP, &format!("{asked}=8"), Some(&format!("{asked}=8")));
    check(small(11), KEEP, &format!("{asked}=12"), Some(&format!("{asked}=11")));
    check(small(11), KEEP, "", Some(&format!("{asked}=11")));
}

/// EXT-01
#[test]
fn the_clients_window_is_named_only_where_the_client_offers_that() {
    let bits = "; client_max_window_bits";
    check(KEEP, small(10), bits, Some(&format!("{bits}=10")));
    check(KEEP, small(10), &format!("{bits}=12"), Some(&format!("{bits}=10")));
    check(KEEP, small(10), &format!("{bits}=9"), Some(&format!("{bits}=9")));
    check(KEEP, KEEP, &format!("{bits}=8"), Some(&format!("{bits}=8")));
    check(KEEP, KEEP, bits, Some(""));
    // The client would use 32 KiB, which are not there.
    check(KEEP, small(10), "", None);
    check(KEEP, small(14), "; server_max_window_bits=9", None);
}

/// EXT-01
#[test]
fn of_several_offers_the_first_that_can_be_met_is_taken() {
    let list = "x-other, permessage-deflate; unknown, permessage-deflate; server_max_window_bits=9, \
        permessage-deflate; client_max_window_bits, permessage-deflate; client_max_window_bits=9";
    assert_eq!(answer(KEEP, KEEP, &[list]).as_deref(), Some("; server_max_window_bits=9"));
    let device = answer(KEEP, small(10), &[list]);
    assert_eq!(device.as_deref(), Some("; client_max_window_bits=10"));
    // Several lines are one list.
    let lines = ["permessage-deflate; server_max_window_bits=7", "permessage-deflate"];
    assert_eq!(answer(KEEP, KEEP, &lines).as_deref(), Some(""));
    assert_eq!(answer(KEEP, KEEP, &["x-other", "x-webkit-deflate-frame", ""]), None);
}

const OFFER: DeflateOffer = DeflateOffer {
    server_no_context_takeover: false,
    client_no_context_takeover: false,
    server_max_window_bits: None,
    client_max_window_bits: None,
};

/// What a client makes of an answer to its offer.
fn read(offer: Option<DeflateOffer>, extensions: &str) -> Result<Option<Agreement>, ClientError> {
    let mut handshake = ClientHandshake::new(*b"the sample nonce", &[]);
    if let Some(offer) = offer {
        handshake = handshake.with_deflate(offer);
    }
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{extensions}\r\n"
    );
    let mut rest = response.as_bytes();
    loop {
        let progress = handshake.receive(rest, 1024)?;
        rest = &rest[progress.consumed..];
        if let Some(Seen::Complete { .. }) = progress.seen {
            return Ok(handshake.deflate());
        }
    }
}

fn read_parameters(offer: DeflateOffer, parameters: &str) -> Result<Agreement, ClientError> {
    let line = format!("Sec-WebSocket-Extensions: permessage-deflate{parameters}\r\n");
    read(Some(offer), &line).map(|agreed| agreed.expect("the line agrees, or is an error"))
}

/// EXT-01
#[test]
fn a_client_learns_what_the_server_agreed_to() {
    assert_eq!(read(Some(OFFER), ""), Ok(None));
    assert_eq!(read(Some(OFFER), "Sec-WebSocket-Extensions: ,\r\n"), Ok(None));
    let agreed = read_parameters(OFFER, "").unwrap();
    assert_eq!(agreed, Agreement { server: KEEP, client: KEEP });
    // A server may ask for this unasked.
    let unasked = "; client_no_context_takeover; server_no_context_takeover; \
        server_max_window_bits=\"9\"";
    let server = Flow { window: WindowBits(9), takeover: Takeover::Forget };
    assert_eq!(read_parameters(OFFER, unasked), Ok(Agreement { server, client: FORGET }));
    let hint = DeflateOffer { client_max_window_bits: Some(None), ..OFFER };
    let agreed = read_parameters(hint, "; client_max_window_bits=8").unwrap();
    assert_eq!(agreed.client, small(8));
    // What a client said that it will do, it does.
    let promise = DeflateOffer {
        client_no_context_takeover: true,
        client_max_window_bits: Some(WindowBits::new(9)),
        ..OFFER
    };
    let client = Flow { window: WindowBits(9), takeover: Takeover::Forget };
    for answered in ["", "; client_max_window_bits=9", "; client_max_window_bits=15"] {
        assert_eq!(read_parameters(promise, answered).map(|agreed| agreed.client), Ok(client));
    }
    let smaller = read_parameters(promise, "; client_max_window_bits=8").unwrap();
    assert_eq!(smaller.client.window, WindowBits::MIN);
}

/// EXT-01
#[test]
fn a_client_that_only_inflates_asks_for_what_it_has_room_for() {
    let written = |bytes, takeover| DeflateOffer::receiving(bytes, takeover).as_ref().map(written);
    assert_eq!(written(255, Takeover::Keep), None);
    let limited = "; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits";
    assert_eq!(written(1024, Takeover::Keep).as_deref(), Some(limited));
    let large = "; server_no_context_takeover; client_no_context_takeover; client_max_window_bits";
    assert_eq!(written(1 << 20, Takeover::Forget).as_deref(), Some(large));
    // A server that does not keep to it is none to talk to.
    let offer = DeflateOffer::receiving(1024, Takeover::Keep).unwrap();
    assert_eq!(read_parameters(offer, ""), Err(ClientError::Extension));
    let agreed = read_parameters(offer, "; server_max_window_bits=9").unwrap();
    assert_eq!((agreed.server, agreed.client.takeover), (small(9), Takeover::Forget));
}

/// EXT-01
#[test]
fn an_answer_to_what_was_not_offered_is_refused() {
    let refused = Err(ClientError::Extension);
    for parameters in [
        "; client_max_window_bits=10",
        "; client_max_window_bits",
        "; server_max_window_bits",
        "; server_max_window_bits=16",
        "; server_no_context_takeover=1",
        "; server_no_context_takeover; server_no_context_takeover",
        "; unknown",
        ", permessage-deflate",
        ", x-other",
        " x",
    ] {
        assert_eq!(read_parameters(OFFER, parameters), refused, "{parameters}");
    }
    let line = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    assert_eq!(read(None, line), Err(ClientError::Extension));
    assert_eq!(read(Some(OFFER), &line.repeat(2)), Err(ClientError::Extension));

    let offer = DeflateOffer {
        server_no_context_takeover: true,
        server_max_window_bits: Some(WindowBits(10)),
        client_max_window_bits: Some(Some(WindowBits(12))),
        ..OFFER
    };
    let good = "; server_no_context_takeover; server_max_window_bits=10";
    assert!(read_parameters(offer, good).is_ok());
    assert!(read_parameters(offer, &format!("{good}; client_max_window_bits=12")).is_ok());
    for parameters in [
        "; server_max_window_bits=10",
        "; server_no_context_takeover",
        "; server_no_context_takeover; server_max_window_bits=11",
        &format!("{good}; client_max_window_bits"),
    ] {
        assert_eq!(read_parameters(offer, parameters), refused, "{parameters}");
    }
}

/// EXT-01
#[test]
fn every_answer_of_our_server_is_one_that_our_client_takes() {
    let windows = [None, WindowBits::new(8), WindowBits::new(11), WindowBits::new(15)];
    let hints = [None, Some(None), Some(WindowBits::new(8)), Some(WindowBits::new(12))];
    for (server_max_window_bits, client_max_window_bits) in
        windows.into_iter().flat_map(|server| hints.map(|client| (server, client)))
    {
        for (server_no_context_takeover, client_no_context_takeover) in
            [(false, false), (true, false), (false, true), (true, true)]
        {
            let offer = DeflateOffer {
                server_no_context_takeover,
                client_no_context_takeover,
                server_max_window_bits,
                client_max_window_bits,
            };
            for (sends, receives) in [(KEEP, KEEP), (FORGET, FORGET), (small(9), small(10))] {
                let value = format!("permessage-deflate{}", written(&offer));
                if let Some(answered) = answer(sends, receives, &[&value]) {
                    let agreed = read_parameters(offer, &answered);
                    assert!(agreed.is_ok_and(|agreed| agreed.client.window <= receives.window));
                }
            }
        }
    }
}

#[test]
fn a_window_is_the_largest_that_fits() {
    let fitting = |bytes| WindowBits::fitting(bytes).map(WindowBits::bits);
    assert_eq!(fitting(255), None);
    assert_eq!(fitting(256), Some(8));
    assert_eq!(fitting(1023), Some(9));
    assert_eq!(fitting(1024), Some(10));
    assert_eq!(fitting(32_768), Some(15));
    assert_eq!(fitting(usize::MAX), Some(15));
    assert_eq!(WindowBits::new(7), None);
    assert_eq!(WindowBits::new(16), None);
    assert_eq!(WindowBits::MIN.bytes(), 256);
}
