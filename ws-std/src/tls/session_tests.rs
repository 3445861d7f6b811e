//! Handshakes, data and closing.

use super::TlsVersion;
use super::testing::*;

#[test]
fn a_handshake_succeeds_at_every_cut_and_byte_by_byte() {
    for version in BOTH {
        let mut whole = Pair::open(version);
        let said = whole.client_says(b"hello");
        let received = whole.to_server(&said).unwrap();
        assert!(!received.established && !received.closed);
        assert_eq!(whole.plain, b"hello");

        for step in [1, 2, 3, 5, 7, 100] {
            let pem = certificate("localhost");
            let tls = super::ServerTls::new(pem.identity()).unwrap();
            let mut pair = Pair::new(&tls, client(&pem, version, None));
            let mut established = 0;
            while pair.client.is_handshaking() || pair.server.is_handshaking() {
                for piece in pair.from_client().chunks(step) {
                    established += usize::from(pair.to_server(piece).unwrap().established);
                }
                pair.to_client().unwrap();
            }
            assert_eq!(established, 1, "it is told once");
            assert_eq!(pair.server.retained(), 0);
        }
    }
}

#[test]
fn facts_tell_the_version_the_name_and_the_protocol() {
    for (version, told) in BOTH.into_iter().zip([TlsVersion::Tls12, TlsVersion::Tls13]) {
        let pem = certificate("localhost");
        let tls = super::ServerTls::new(pem.identity()).unwrap();
        let mut config = client(&pem, version, None);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut pair = Pair::new(&tls, config);
        pair.shake_hands().unwrap();
        let facts = pair.server.facts();
        assert_eq!(facts.version, told);
        assert_eq!(facts.server_name.as_deref(), Some("localhost"));
        assert_eq!(facts.alpn.as_deref(), Some(&b"http/1.1"[..]));
        assert!(facts.peer_certificates.is_empty());
    }
}

#[test]
fn a_mebibyte_goes_each_way_in_full_records() {
    let text: Vec<u8> = (0..1 << 20).map(|index: u32| (index % 251) as u8).collect();
    for version in BOTH {
        let mut pair = Pair::open(version);
        pair.server.encrypt(&[&text], &mut pair.out).unwrap();
        assert_eq!(records(&pair.out).len(), 64);
        assert_eq!(pair.to_client().unwrap(), text);

        let said = pair.client_says(&text);
        for piece in said.chunks(60_000) {
            let before = pair.plain.len();
            pair.to_server(piece).unwrap();
            assert!(pair.plain.len() - before <= piece.len() + 16_384);
        }
        assert!(pair.plain == text);
    }
}
