//! What a program prints tells neither payload nor secrets.

use std::fmt::Debug;

use ws_core::connection::Owed;
use ws_core::endpoint::Arrival;
use ws_core::frame::Kind;
use ws_core::handshake::{ClientHandshake, Offers, Target};

const SECRET: &str = "s3cr3t";

/// SEC-03
#[test]
fn a_request_is_printed_without_its_headers_and_its_query() {
    let headers = [("Authorization", SECRET), ("Cookie", SECRET)];
    let target = format!("/chat?token={SECRET}");
    let handshake = ClientHandshake::new([4; 16], &[]);
    let request = handshake.request("localhost", &target, &headers).unwrap();
    tells(&request, "len");
    let target = Target::parse(target.as_bytes()).unwrap();
    tells(&target, "/chat");
    tells(&Some(target), "query_len: Some(12)");
}

/// SEC-03
#[test]
fn what_arrives_is_printed_without_its_payload() {
    let bytes = SECRET.as_bytes();
    tells(&Arrival::Data { kind: Kind::Text, begins: true, ends: true, bytes }, "len: 6");
    tells(&Arrival::Pong(bytes), "len: 6");
    tells(&Owed::pong(bytes), "len: 6");
    tells(&Arrival::Owed(Owed::pong(bytes)), "len: 6");
}

/// SEC-03
#[test]
fn a_list_of_offers_is_printed_as_its_length() {
    tells(&Offers::new(SECRET.as_bytes()), "6");
}

/// It says this, and not the secret: neither as text nor as numbers.
fn tells(value: &dyn Debug, what: &str) {
    for told in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!told.contains(SECRET), "{told}");
        let numbers: Vec<&str> =
            told.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty()).collect();
        let secret: Vec<String> = SECRET.bytes().map(|byte| byte.to_string()).collect();
        assert!(!numbers.windows(secret.len()).any(|window| window == secret), "{told}");
    }
    assert!(format!("{value:?}").contains(what), "{value:?} does not tell {what}");
}
