//! Connections over TLS at rest.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use ws_std::http::{Response, Routes};
use ws_std::tls::ServerTls;
use ws_std::{Server, Threads};
use ws_tests::counting::live_elsewhere;

use crate::harness::{Peer, alone, connect, turn};

/// What a connection at rest may cost on the heap, TLS and WebSocket together.
const MOST_AT_REST: usize = 4_500;

/// So many are at rest at once: what grows by doubling is full then.
const RESTING: usize = 64;

/// So many times connections are opened and counted.
const BATCHES: usize = 5;

/// After one of so many turns, none of the server's own buffers has just come.
const TURNS: usize = 10;

/// SEC-01, ACTOR-07: the clients are of this thread, so whatever the others have is the server's.
#[test]
fn a_connection_over_tls_rests_on_little_whatever_went_through_it() {
    let _alone = alone();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    for version in [&TLS12, &TLS13] {
        let tls = ServerTls::from_pem(made.cert.pem().as_bytes(), key.as_bytes()).unwrap();
        let handler = ws_std::on_message(|ctx, message| {
            ctx.send(message);
        });
        let server = Server::builder(handler).threads(Threads::Fixed(1));
        let server = server.listen("127.0.0.1:0").unwrap().listen_tls("127.0.0.1:0", tls).unwrap();
        let server = server.start().unwrap();
        let (plain, secure) = (server.addresses()[0], server.addresses()[1]);

        let client = Arc::new(client(made.cert.der(), version));
        let mut crowds = vec![];
        let each = (0..BATCHES).map(|_| {
            let before = at_rest(plain);
            crowds.push((0..RESTING).map(|_| used(secure, &client)).collect::<Vec<_>>());
            at_rest(plain).saturating_sub(before) / RESTING
        });
        let mut each: Vec<usize> = each.collect();
        each.sort_unstable();
        println!("{version:?}: {each:?} B of heap for each of {RESTING} connections at rest");
        let each = each[BATCHES / 2];
        assert!(each <= MOST_AT_REST, "{each} B");
        assert_eq!(server.retained_bytes(), 0, "they make us keep nothing beyond themselves");
        drop(crowds);
    }
}

/// What is kept when nothing is done: the server's own buffers come and go, and are no connection's.
fn at_rest(plain: SocketAddr) -> usize {
    let kept = (0..TURNS).map(|_| {
        turn(plain);
        live_elsewhere()
    });
    kept.min().unwrap()
}

/// SEC-01: one who is answered at length does not make the shard larger for good.
#[test]
fn what_a_large_answer_takes_is_given_back() {
    const PAGE: usize = 8 << 20;
    let _alone = alone();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    let tls = ServerTls::from_pem(made.cert.pem().as_bytes(), key.as_bytes()).unwrap();
    let routes = Routes::default().respond("/large", Response::ok(vec![b'x'; PAGE]));
    let server = Server::builder(ws_std::on_message(|_, _| {})).threads(Threads::Fixed(1));
    let server = server.listen("127.0.0.1:0").unwrap().listen_tls("127.0.0.1:0", tls).unwrap();
    let server = server.routes(routes).start().unwrap();
    let (plain, secure) = (server.addresses()[0], server.addresses()[1]);
    turn(plain);
    let before = live_elsewhere();

    let config = Arc::new(client(made.cert.der(), &TLS13));
    let session = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
    fetch(&mut connect(plain), PAGE);
    fetch(&mut StreamOwned::new(session, connect(secure)), PAGE);
    turn(plain);
    let more = live_elsewhere().saturating_sub(before);
    assert!(more < 2 << 20, "{more} B");
}

/// Reads the large page, and nothing behind it.
fn fetch(stream: &mut (impl Read + Write), page: usize) {
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = vec![];
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.len() > page);
}

/// A client that has sent much and got it back.
fn used(
    address: SocketAddr,
    client: &Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let name = "localhost".try_into().unwrap();
    let connection = ClientConnection::new(Arc::clone(client), name).unwrap();
    let mut peer = Peer::over(StreamOwned::new(connection, connect(address)), "/", "");
    peer.echo(vec![7; 100_000]);
    peer.stream
}

fn client(
    trusted: &CertificateDer<'static>,
    version: &'static rustls::SupportedProtocolVersion,
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}
