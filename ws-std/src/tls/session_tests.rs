//! Handshakes, data and closing between two that mean well.

use std::sync::Arc;

use super::testing::*;
use super::{ServerTls, TlsVersion};

#[test]
fn a_handshake_and_data_survive_every_cut() {
    for version in BOTH {
        let pem = certificate("localhost");
        let tls = ServerTls::new(pem.identity()).unwrap();
        let config = client(&pem, version, None);
        let mut longest = usize::MAX;
        let mut cut = 0;
        while cut <= longest {
            longest = 0;
            let mut pair = Pair::new(&tls, config.clone());
            while pair.client.is_handshaking() || pair.server.is_handshaking() {
                let bytes = pair.client_sends();
                longest = longest.max(bytes.len());
                let (first, second) = bytes.split_at(cut.min(bytes.len()));
                pair.server_takes(first).unwrap();
                pair.server_takes(second).unwrap();
                pair.client_takes().unwrap();
            }
            assert_eq!(pair.server.retained(), 0);
            cut += 1;
        }

        let mut pair = Pair::open(version);
        for cut in 0..100 {
            let bytes = [pair.client_says(b"Hello, "), pair.client_says(b"world!")].concat();
            let (first, second) = bytes.split_at(cut.min(bytes.len()));
            pair.server_takes(first).unwrap();
            pair.server_takes(second).unwrap();
            assert_eq!(std::mem::take(&mut pair.plain), b"Hello, world!");
            assert_eq!(pair.server.retained(), 0);
        }
    }
}

#[test]
fn a_handshake_in_small_records_succeeds_in_pieces_of_any_size_and_is_told_once() {
    for version in BOTH {
        let (root, own) = signed("somebody");
        let pem = certificate("localhost");
        let tls = ServerTls::new(pem.identity())
            .unwrap()
            .with_client_certificates(
                super::ClientCertificate::Required,
                super::Roots::from_pem(root.certificate.as_bytes()).unwrap(),
            )
            .unwrap();
        for step in [1, 2, 3, 7, 50, 100_000] {
            let mut config = client(&pem, version, Some(&own));
            // Each message of the handshake lies in several records.
            config.max_fragment_size = Some(40);
            let mut pair = Pair::new(&tls, config);
            let mut established = 0;
            while pair.client.is_handshaking() || pair.server.is_handshaking() {
                for piece in pair.client_sends().chunks(step) {
                    established += usize::from(pair.server_takes(piece).unwrap().established);
                }
                pair.client_takes().unwrap();
            }
            assert_eq!(established, 1);
            assert_eq!(pair.server.retained(), 0);
            assert_eq!(pair.server.facts().peer_certificates.len(), 1);
            let said = pair.client_says(b"after it");
            pair.server_takes(&said).unwrap();
            assert_eq!(pair.plain, b"after it");
        }
    }
}

#[test]
fn facts_tell_the_version_the_name_and_the_protocol() {
    for (version, told) in BOTH.into_iter().zip([TlsVersion::Tls12, TlsVersion::Tls13]) {
        let pem = certificate("localhost");
        let tls = ServerTls::new(pem.identity()).unwrap();
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
        assert_eq!(pair.client_takes().unwrap(), text);

        let said = pair.client_says(&text);
        for piece in said.chunks(60_000) {
            let before = pair.plain.len();
            pair.server_takes(piece).unwrap();
            assert!(pair.plain.len() - before <= piece.len() + 16_384);
        }
        assert!(pair.plain == text);
    }
}

#[test]
fn pieces_are_gathered_into_full_records_wherever_their_borders_are() {
    const FULL: usize = 16_384;
    let text: Vec<u8> = (0..5 * FULL).map(|index| (index % 253) as u8).collect();
    let mut pair = Pair::open(BOTH[1]);
    for lengths in [
        &[0][..],
        &[1],
        &[0, 0, 5, 0],
        &[2, 100, 14],
        &[FULL, FULL],
        &[FULL - 1, 1],
        &[FULL - 1, 2],
        &[10, FULL, 10],
        &[10, 2 * FULL + 5, FULL - 15],
        &[10, 2 * FULL + 5, FULL - 14],
        &[3, 3 * FULL, 7, 9000, 9000],
    ] {
        let mut rest = &text[..];
        let mut pieces = Vec::new();
        for length in lengths {
            let (piece, later) = rest.split_at(*length);
            pieces.push(piece);
            rest = later;
        }
        let total = pieces.concat();
        pair.out = b"before".to_vec();
        pair.server.encrypt(&pieces, &mut pair.out).unwrap();
        assert_eq!(pair.out.drain(..6).collect::<Vec<_>>(), b"before");
        assert_eq!(records(&pair.out).len(), total.len().div_ceil(FULL), "{lengths:?}");
        assert!(pair.client_takes().unwrap() == total, "{lengths:?}");
    }
}

#[test]
fn a_key_update_in_the_midst_of_data_is_answered_before_the_next_data() {
    let mut pair = Pair::open(BOTH[1]);
    let mut said = pair.client_says(b"one ");
    pair.client.refresh_traffic_keys().unwrap();
    said.extend(pair.client_sends());
    said.extend(pair.client_says(b"two"));
    for piece in said.chunks(9) {
        pair.server_takes(piece).unwrap();
    }
    assert_eq!(pair.plain, b"one two");

    // "prior to sending its next Application Data record" (RFC 8446 section 4.6.3)
    pair.server.encrypt(&[b"three"], &mut pair.out).unwrap();
    assert_eq!(records(&pair.out).len(), 2);
    assert_eq!(pair.client_takes().unwrap(), b"three");
    pair.server.encrypt(&[b"four"], &mut pair.out).unwrap();
    assert_eq!(records(&pair.out).len(), 1);
    assert_eq!(pair.client_takes().unwrap(), b"four");
}

#[test]
fn close_notify_ends_one_direction_and_then_the_other() {
    for version in BOTH {
        let mut pair = Pair::open(version);
        pair.server.close_notify(&mut pair.out);
        pair.server.close_notify(&mut pair.out);
        assert_eq!(records(&pair.out).len(), 1, "it is sent once");
        pair.client_takes().unwrap();
        assert!(pair.server.encrypt(&[b"more"], &mut pair.out).is_err());

        let said = pair.client_says(b"last words");
        assert!(!pair.server_takes(&said).unwrap().closed);
        assert_eq!(pair.plain, b"last words");
        pair.client.send_close_notify();
        let bye = pair.client_sends();
        assert!(pair.server_takes(&bye).unwrap().closed);
        assert!(pair.out.is_empty());
    }
}

#[test]
fn after_the_peers_close_notify_we_still_send_and_ignore_what_follows() {
    for version in BOTH {
        let mut pair = Pair::open(version);
        let mut bytes = pair.client_says(b"bye");
        pair.client.send_close_notify();
        bytes.extend(pair.client_sends());
        bytes.extend([0xff; 40]);
        assert!(pair.server_takes(&bytes).unwrap().closed);
        assert!(pair.server_takes(b"whatever").unwrap().closed);
        assert_eq!(pair.plain, b"bye");
        assert_eq!(pair.server.retained(), 0);

        pair.server.encrypt(&[b"an answer"], &mut pair.out).unwrap();
        assert_eq!(pair.client_takes().unwrap(), b"an answer");
        pair.server.close_notify(&mut pair.out);
        assert_eq!(records(&pair.out).len(), 1);
        pair.client_takes().unwrap();
    }
}

#[test]
fn a_client_that_comes_back_resumes_until_the_settings_are_replaced() {
    for version in BOTH {
        let pem = certificate("localhost");
        let tls = ServerTls::new(pem.identity()).unwrap();
        let config = Arc::new(client(&pem, version, None));
        let kind = |tls: &ServerTls| {
            let mut pair = Pair::new(tls, (*config).clone());
            pair.shake_hands().unwrap();
            pair.client.handshake_kind().unwrap()
        };
        assert_eq!(kind(&tls), rustls::HandshakeKind::Full);
        assert_eq!(kind(&tls), rustls::HandshakeKind::Resumed);
        tls.replace(ServerTls::new(pem.identity()).unwrap());
        assert_eq!(kind(&tls), rustls::HandshakeKind::Full);
    }
}

/// SEC-01
#[test]
fn a_session_holds_no_more_than_twice_what_came_of_a_record() {
    let mut pair = Pair::open(BOTH[1]);
    let bytes = pair.client_says(&[7; 16_384]);
    let last = bytes.len() - 1;
    for (index, byte) in bytes.iter().enumerate() {
        pair.server_takes(&[*byte]).unwrap();
        let held = pair.server.retained();
        assert!(held <= 2 * (index + 1) && held <= bytes.len(), "{held} after {index}");
        assert_eq!(pair.plain.is_empty(), index < last);
    }
    assert_eq!(pair.server.retained(), 0);
    assert_eq!(pair.plain, [7; 16_384]);
}

/// SEC-03
#[test]
fn debug_tells_sizes_only() {
    let mut pair = Pair::open(BOTH[1]);
    let said = pair.client_says(b"a secret");
    pair.server_takes(&said[..20]).unwrap();
    assert_eq!(format!("{:?}", pair.server), "Session { held: 20, peer: Open, own: Open, .. }");
}
