//! ROOM-03, SEC-04: members over TLS hear the same, beside those in the clear.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use ws_std::tls::ServerTls;
use ws_std::{Limits, Overflow, Threads};
use ws_tests::peer::{GUARD, Peer, pattern, until};

use crate::script::{Member, World, builder, number, ping};

type Secure = Member<StreamOwned<ClientConnection, TcpStream>>;

/// A server that speaks both, the settings of its clients, and where it speaks TLS.
fn world(threads: Threads, limits: Limits) -> (World, impl Fn() -> Secure) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let tls = ServerTls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    let (builder, closed) = builder();
    let builder = builder.threads(threads).limits(limits);
    let builder = builder.listen("127.0.0.1:0").unwrap().listen_tls("127.0.0.1:0", tls).unwrap();
    let server = builder.start().unwrap();
    let address = server.addresses()[1];
    let client = trusting(own.cert.der().clone());
    (World { server, closed }, move || dial(address, &client))
}

fn trusting(certificate: CertificateDer<'static>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_root_certificates(roots).with_no_client_auth())
}

fn dial(address: SocketAddr, client: &Arc<ClientConfig>) -> Secure {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(GUARD)).unwrap();
    let name = "localhost".try_into().unwrap();
    let connection = ClientConnection::new(client.clone(), name).unwrap();
    Member::greeted(Peer::over(StreamOwned::new(connection, stream), "/", ""))
}

/// ROOM-03
#[test]
fn members_over_tls_hear_the_same_in_the_same_order() {
    // Whoever is sent two million bytes in a turn is not slow, yet may have to wait.
    let limits = Limits { outbox_limit: usize::MAX, ..Limits::default() };
    let (world, secure) = world(Threads::Fixed(2), limits);
    let mut clear = world.members(3);
    let mut sender = secure();
    let mut members: Vec<Secure> = (0..3).map(|_| secure()).collect();
    for (number, member) in members.iter_mut().enumerate() {
        member.asks("join all", &format!("all: {}", number + 4));
    }
    for len in [4, 125, 1000, 20_000] {
        sender.does(&format!("say all first\nnumbers all 0 100 {len}\nbytes all 300000"));
        let ids: Vec<_> = members.iter().map(|member| member.id).collect();
        sender.does(&format!("whisper {} direct\nbut {} all last", ids[1], ids[2]));
        let hears = |next: &mut dyn FnMut() -> ws_tests::WireFrame| {
            assert_eq!(next().payload, b"first");
            (0..100).for_each(|expected| assert_eq!(number(&next(), len), expected));
            assert!(next().payload == pattern(300_000));
        };
        for (place, member) in members.iter_mut().enumerate() {
            hears(&mut || member.peer.message());
            match place {
                0 => member.expect("last"),
                1 => member.expect("direct|last"),
                _ => {}
            }
        }
        clear.iter_mut().for_each(|member| {
            hears(&mut || member.peer.message());
            member.expect("last");
        });
    }
}

/// ROOM-03, ADV-03, BEAT-02
#[test]
fn a_member_over_tls_who_does_not_read_gets_whole_messages_and_pongs_later() {
    for overflow in [Overflow::DropNewest, Overflow::DropOldest] {
        let limits = Limits {
            overflow,
            outbox_limit: 100_000,
            outbox_high: usize::MAX,
            ..Limits::default()
        };
        let (world, secure) = world(Threads::Fixed(1), limits);
        let (mut stopped, mut sender) = (secure(), secure());
        stopped.asks("join all", "all: 1");
        let dropped = || {
            let counts = world.server.metrics().snapshot();
            u32::try_from(counts.overflow_newest + counts.overflow_oldest).unwrap()
        };
        let mut sent = 0;
        while dropped() < 300 {
            sender.does(&format!("numbers all {sent} {} 1000", sent + 60));
            sender.sync();
            sent += 60;
        }
        stopped.peer.send(ping("now"));
        until(|| world.server.metrics().snapshot().pings_received == 1);
        let (mut arrived, mut pongs) = (vec![], 0);
        while pongs == 0 || arrived.len() < (sent - dropped()) as usize {
            let frame = stopped.peer.frame().unwrap();
            match frame.opcode {
                10 => pongs += 1,
                _ => arrived.push(number(&frame, 1000)),
            }
        }
        assert!(arrived.is_sorted_by(|one, next| one < next));
        assert_eq!(pongs, 1);
        stopped.asks("send end", "end");
    }
}
