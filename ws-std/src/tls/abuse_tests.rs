//! Peers that mean no good: SEC-01.

use super::testing::*;
use super::{ServerTls, TlsError};

fn untouched() -> Pair {
    let pem = certificate("localhost");
    let tls = ServerTls::new(pem.identity()).unwrap();
    Pair::new(&tls, client(&pem, BOTH[1], None))
}

/// The one fatal alert that has to be sent.
fn alert(pair: &Pair) -> u8 {
    let [21, 3, _, 0, 2, 2, description] = pair.out[..] else { panic!("{:?}", pair.out) };
    description
}

fn handshake_record(payload: &[u8]) -> Vec<u8> {
    let mut record = vec![22, 3, 3];
    record.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    record.extend(payload);
    record
}

/// SEC-01
#[test]
fn garbage_is_refused_with_an_alert_as_soon_as_it_shows() {
    for garbage in [&b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], &[0; 100], &[0xff; 5]] {
        for step in [1, 3, 100] {
            let mut pair = untouched();
            let mut fed = 0;
            let error = garbage
                .chunks(step)
                .find_map(|piece| {
                    fed += piece.len();
                    pair.server_takes(piece).err()
                })
                .unwrap();
            assert!(matches!(error, TlsError::Protocol(_)));
            assert!(fed <= 5_usize.next_multiple_of(step), "the header was enough");
            assert_eq!(alert(&pair), 50, "decode_error");
            assert_eq!(pair.server.retained(), 0);

            pair.out.clear();
            assert!(matches!(pair.server_takes(b"more"), Err(TlsError::Over)));
            assert!(matches!(pair.server.encrypt(&[b"x"], &mut pair.out), Err(TlsError::Over)));
            pair.server.close_notify(&mut pair.out);
            assert!(pair.out.is_empty(), "the alert was the last word");
        }
    }
}

#[test]
fn a_hello_that_makes_no_sense_is_refused_with_an_alert() {
    let mut pair = untouched();
    let hello = handshake_record(&[1, 0, 0, 4, 9, 9, 9, 9]);
    assert!(matches!(pair.server_takes(&hello), Err(TlsError::Protocol(_))));
    alert(&pair);
}

#[test]
fn a_record_that_was_tampered_with_ends_the_session_after_what_came_before_it() {
    for version in BOTH {
        let mut pair = Pair::open(version);
        let mut bytes = pair.client_says(b"good");
        let good = bytes.len();
        bytes.extend(pair.client_says(b"evil"));
        bytes[good + 10] ^= 1;
        assert!(matches!(pair.server_takes(&bytes), Err(TlsError::Protocol(_))));
        assert_eq!(pair.plain, b"good");
        assert_eq!(records(&pair.out).len(), 1, "the alert, encrypted");
        assert!(pair.client_takes().is_err());
    }
}

#[test]
fn nothing_is_sent_before_the_handshake_has_ended() {
    let mut pair = untouched();
    assert!(matches!(pair.server.encrypt(&[b"early"], &mut pair.out), Err(TlsError::Over)));
    pair.server.close_notify(&mut pair.out);
    assert!(pair.out.is_empty());
    pair.shake_hands().unwrap();
    pair.server.encrypt(&[b"now"], &mut pair.out).unwrap();
    assert_eq!(pair.client_takes().unwrap(), b"now");
}

/// SEC-01
#[test]
fn what_is_announced_takes_no_memory() {
    let mut pair = untouched();
    pair.server_takes(&[22, 3, 3, 0x40, 0, 1]).unwrap();
    assert_eq!(pair.server.retained(), 6);
    let mut pair = untouched();
    assert!(pair.server_takes(&[22, 3, 3, 0x60, 0]).is_err(), "no record is that long");
}

/// SEC-01
#[test]
fn a_handshake_message_beyond_64_kib_is_refused_when_it_is_announced() {
    let mut pair = untouched();
    let error = pair.server_takes(&handshake_record(&[1, 1, 0, 0, 3, 3])).unwrap_err();
    assert!(matches!(error, TlsError::Protocol(_)));
    assert_eq!(pair.server.retained(), 0);
}

/// SEC-01
#[test]
fn a_handshake_message_in_tiny_records_is_held_up_to_a_limit() {
    let mut pair = untouched();
    let mut sent = 0;
    pair.server_takes(&handshake_record(&[1, 0, 0xff, 0xff])).unwrap();
    let error = loop {
        // As many as a read may bring.
        let records = handshake_record(&[0]).repeat(1000);
        sent += records.len();
        if let Err(error) = pair.server_takes(&records) {
            break error;
        }
    };
    assert!(matches!(error, TlsError::TooMuchHeld));
    assert_eq!(sent, 6000, "256 records of 6 bytes were enough");
    assert_eq!(pair.server.retained(), 0);
}

#[test]
fn the_largest_handshake_message_is_put_together() {
    let mut pair = untouched();
    let mut message = vec![1, 0, 0xff, 0xfb];
    message.resize(0xffff, 0);
    let (last, first) = {
        let mut records: Vec<_> = message.chunks(16_384).map(handshake_record).collect();
        (records.pop().unwrap(), records.concat())
    };
    for piece in first.chunks(3000) {
        pair.server_takes(piece).unwrap();
    }
    assert!(pair.server.retained() >= 3 * 16_384);
    // Whole, it makes no sense.
    assert!(matches!(pair.server_takes(&last), Err(TlsError::Protocol(_))));
}

/// SEC-01
#[test]
fn a_flood_of_key_updates_ends_the_session() {
    let mut pair = Pair::open(BOTH[1]);
    let refused = (0..1000).any(|_| {
        pair.client.refresh_traffic_keys().unwrap();
        let update = pair.client_sends();
        pair.server_takes(&update).is_err()
    });
    assert!(refused);
    assert!(pair.out.len() < 1000, "nor are we made to answer each");
}

/// SEC-01
#[test]
fn whichever_byte_of_a_handshake_is_changed_nothing_panics_and_a_failure_is_final() {
    for version in BOTH {
        let pem = certificate("localhost");
        let tls = ServerTls::new(pem.identity()).unwrap();
        let config = client(&pem, version, None);
        for flight in 0..2 {
            let mut at = 0;
            loop {
                let mut pair = Pair::new(&tls, config.clone());
                for _ in 0..flight {
                    let bytes = pair.client_sends();
                    pair.server_takes(&bytes).unwrap();
                    pair.client_takes().unwrap();
                }
                let mut bytes = pair.client_sends();
                let Some(byte) = bytes.get_mut(at) else { break };
                *byte = byte.wrapping_add(1);
                at += 1;
                if pair.server_takes(&bytes).is_err() {
                    assert_eq!(pair.server.retained(), 0);
                    assert!(pair.server_takes(&bytes).is_err());
                }
                let _ = pair.client_takes();
            }
            assert!(at > 50);
        }
    }
}

/// SEC-01
#[test]
fn empty_records_are_refused_after_a_few() {
    let mut pair = Pair::open(BOTH[1]);
    assert!(pair.server_takes(&[23, 3, 3, 0, 0]).is_err());
    let mut pair = untouched();
    assert!((0..100).any(|_| pair.server_takes(&[22, 3, 3, 0, 0]).is_err()));
}

/// A client that was given early data by another server, and offers it to ours.
fn early(data: &[u8]) -> Pair {
    use std::io::Write;
    let pem = certificate("localhost");
    let tls = ServerTls::new(pem.identity()).unwrap();
    let mut generous = (*tls.config(super::names::Asked::default())).clone();
    generous.max_early_data_size = 16_384;
    generous.ticketer = std::sync::Arc::new(NoTickets);
    generous.session_storage = rustls::server::ServerSessionMemoryCache::new(8);
    let mut config = client(&pem, BOTH[1], None);
    config.enable_early_data = true;
    let mut first = Pair::new(&tls, config.clone());
    let mut other = rustls::ServerConnection::new(generous.into()).unwrap();
    while first.client.is_handshaking() || first.client.wants_write() || other.wants_write() {
        let bytes = first.client_sends();
        other.read_tls(&mut &bytes[..]).unwrap();
        other.process_new_packets().unwrap();
        while other.wants_write() {
            other.write_tls(&mut first.out).unwrap();
        }
        first.client_takes().unwrap();
    }
    let mut pair = Pair::new(&tls, config);
    pair.client.early_data().unwrap().write_all(data).unwrap();
    pair
}

#[derive(Debug)]
struct NoTickets;

impl rustls::server::ProducesTickets for NoTickets {
    fn enabled(&self) -> bool {
        false
    }

    fn lifetime(&self) -> u32 {
        0
    }

    fn encrypt(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn decrypt(&self, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

#[test]
fn early_data_is_ignored_and_the_handshake_succeeds() {
    for step in [1, 100, 100_000] {
        let mut pair = early(&[7; 3000]);
        while pair.client.is_handshaking() || pair.server.is_handshaking() {
            for piece in pair.client_sends().chunks(step) {
                pair.server_takes(piece).unwrap();
            }
            pair.client_takes().unwrap();
        }
        assert!(pair.plain.is_empty());
        assert_eq!(pair.server.retained(), 0);
        assert!(!pair.client.is_early_data_accepted());
    }
}

/// SEC-01
#[test]
fn a_flood_of_early_data_ends_the_session() {
    for flood in [[23, 3, 3, 0, 0].repeat(10_000), [23, 3, 3, 0, 1, 9].repeat(10_000)] {
        let mut pair = early(&[7; 100]);
        let bytes = pair.client_sends();
        let hello = super::records::length(&bytes).unwrap();
        pair.server_takes(&bytes[..hello]).unwrap();
        let error = pair.server_takes(&flood).unwrap_err();
        assert!(matches!(error, TlsError::TooMuchHeld | TlsError::Protocol(_)));
        assert_eq!(pair.server.retained(), 0);
    }
}
