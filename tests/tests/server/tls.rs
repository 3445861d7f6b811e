//! SERVE-02, SERVE-04, SEC-04: the same over TLS.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::tls::{ClientCertificate, Roots, ServerTls, TlsVersion};
use ws_std::{Closures, Server, Threads};

use crate::harness::{GUARD, KEY, Peer, dial, echo, ends, next, pattern, request, tells};

type Secure = Peer<StreamOwned<ClientConnection, TcpStream>>;

/// Certificates signed by one authority, in PEM: certificate and key.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self { issuer: CertifiedIssuer::self_signed(params, key).unwrap() }
    }

    fn signs(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }

    pub(crate) fn tls(&self) -> ServerTls {
        let (certificate, key) = self.signs("localhost");
        ServerTls::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap()
    }

    /// The settings of a client that trusts this authority, and shows this certificate.
    pub(crate) fn client(&self, own: Option<&(String, String)>) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        Arc::new(match own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        })
    }
}

fn server(handler: Closures, tls: ServerTls) -> Server {
    let builder = Server::builder(handler).threads(Threads::Fixed(1));
    builder.listen_tls("127.0.0.1:0", tls).unwrap().start().unwrap()
}

pub(crate) fn dial_tls(
    address: SocketAddr,
    client: &Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(GUARD)).unwrap();
    stream.set_nodelay(true).unwrap();
    let name = "localhost".try_into().unwrap();
    StreamOwned::new(ClientConnection::new(client.clone(), name).unwrap(), stream)
}

fn open(server: &Server, client: &Arc<ClientConfig>) -> Secure {
    Peer::over(dial_tls(server.address().unwrap(), client), "/", "")
}

/// SERVE-02
#[test]
fn serve_tls_reads_its_certificate_from_files() {
    let authority = Authority::new();
    let (certificate, key) = authority.signs("localhost");
    let folder = std::env::temp_dir().join(format!("ws-tests-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (chain_file, key_file) = (folder.join("chain.pem"), folder.join("key.pem"));
    fs::write(&chain_file, certificate).unwrap();
    fs::write(&key_file, key).unwrap();
    let server = ws_std::serve_tls(echo(), "127.0.0.1:0", &chain_file, &key_file).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let mut peer = open(&server, &authority.client(None));
    peer.text("hello");
    peer.expect_text("hello");
    peer.leave();
    assert!(ws_std::serve_tls(echo(), "127.0.0.1:0", &chain_file, &key_file).is_err());
}

/// SERVE-02, PROTO-02
#[test]
fn messages_of_every_length_come_back_over_tls() {
    let authority = Authority::new();
    let (handler, told) = ends(echo());
    let server = server(handler, authority.tls());
    let mut peer = open(&server, &authority.client(None));
    for len in [0, 125, 126, 16_384, 65_536, 300_000, 1 << 20, 4 << 20] {
        peer.send(WireFrame::binary(pattern(len)));
        assert!(peer.message().payload == pattern(len), "{len}");
    }
    peer.close(CloseCode(4000), "");
    peer.expect_close(CloseCode(4000));
    // TLS ends as it should, before TCP does.
    let end = peer.stream.read(&mut [0]).expect("close_notify");
    assert_eq!(end, 0);
    assert_eq!(next(&told).code, CloseCode(4000));
}

/// SERVE-02, PROTO-08
#[test]
fn a_session_over_tls_can_come_in_one_piece_or_byte_by_byte() {
    let authority = Authority::new();
    let server = server(echo(), authority.tls());
    let mut all = request("/", "").into_bytes();
    for frame in [
        WireFrame::text("pipelined"),
        WireFrame::text("in ").more(),
        WireFrame::ping("ping"),
        WireFrame::continuation("parts"),
        WireFrame::binary(pattern(200)),
        WireFrame::close(CloseCode::NORMAL, "fin"),
    ] {
        all.extend(frame.masked(KEY).encode());
    }
    for piece in [all.len(), 1, 7] {
        let mut peer = Peer::new(dial_tls(server.address().unwrap(), &authority.client(None)));
        for piece in all.chunks(piece) {
            // Each in a record of its own.
            peer.stream.write_all(piece).unwrap();
            peer.stream.flush().unwrap();
        }
        assert!(peer.head().starts_with("HTTP/1.1 101"));
        peer.expect_text("pipelined");
        assert_eq!(peer.frame(), Some(WireFrame::pong("ping")));
        peer.expect_text("in parts");
        assert_eq!(peer.message().payload, pattern(200));
        peer.expect_close(CloseCode::NORMAL);
        peer.expect_end();
    }
}

/// SERVE-02: the bytes of TLS itself in the smallest pieces.
#[test]
fn records_can_come_byte_by_byte() {
    let authority = Authority::new();
    let server = server(echo(), authority.tls());
    let mut peer = open(&server, &authority.client(None));
    let mut bytes = vec![];
    peer.stream.conn.writer().write_all(&WireFrame::text("slow").masked(KEY).encode()).unwrap();
    while peer.stream.conn.wants_write() {
        peer.stream.conn.write_tls(&mut bytes).unwrap();
    }
    for byte in bytes {
        peer.stream.sock.write_all(&[byte]).unwrap();
    }
    peer.expect_text("slow");
    peer.leave();
}

/// SERVE-04
#[test]
fn a_certificate_is_replaced_under_connections_that_go_on() {
    let (old, new) = (Authority::new(), Authority::new());
    let tls = old.tls();
    let server = server(echo(), tls.clone());
    let mut before = open(&server, &old.client(None));
    tls.replace(new.tls());
    let mut after = open(&server, &new.client(None));
    for peer in [&mut before, &mut after] {
        peer.text("hello");
        peer.expect_text("hello");
    }
    let mut refused = dial_tls(server.address().unwrap(), &old.client(None));
    assert!(refused.write_all(request("/", "").as_bytes()).is_err(), "the old one is gone");
    before.leave();
    after.leave();
}

/// SERVE-04, LIFE-01
#[test]
fn the_handler_knows_the_clients_certificate() {
    let authority = Authority::new();
    let own = authority.signs("client");
    let roots = Roots::from_pem(authority.issuer.pem().as_bytes()).unwrap();
    let (tell, told) = tells();
    let handler = echo().on_request(move |request| {
        tell.send(request.tls().cloned()).unwrap();
        ws_std::Answer::accept()
    });
    let tls = authority.tls().with_client_certificates(ClientCertificate::Required, roots);
    let server = server(handler, tls.unwrap());
    let peer = open(&server, &authority.client(Some(&own)));
    let facts = next(&told).expect("facts");
    let der = CertificateDer::from_pem_slice(own.0.as_bytes()).unwrap();
    assert_eq!(facts.peer_certificates, [der.to_vec()]);
    assert_eq!(facts.server_name.as_deref(), Some("localhost"));
    assert_eq!(facts.version, TlsVersion::Tls13);
    peer.leave();

    // Whoever has none is not let in.
    let mut stranger = dial_tls(server.address().unwrap(), &authority.client(None));
    let mut some = [0; 64];
    let refused = stranger.write_all(request("/", "").as_bytes()).is_err()
        || stranger.read(&mut some).is_err();
    assert!(refused);
    assert!(told.try_recv().is_err());
}

/// SEC-01, SEC-04
#[test]
fn plaintext_on_the_port_of_tls_is_refused_and_harms_nobody() {
    let authority = Authority::new();
    let server = server(echo(), authority.tls());
    let mut witness = open(&server, &authority.client(None));
    for garbage in [request("/", "").into_bytes(), pattern(100_000), vec![0x16; 20], vec![]] {
        let mut peer = Peer::new(dial(&server));
        let _cut = peer.stream.write_all(&garbage);
        let _done = peer.stream.shutdown(std::net::Shutdown::Write);
        let mut answer = vec![];
        // An alert, or a reset: no answer in plain.
        let _reset = peer.stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
    witness.text("still here");
    witness.expect_text("still here");
    witness.leave();
}

/// ACTOR-07: a handshake that stops half-way.
#[test]
fn a_tls_handshake_that_stops_half_way_harms_nobody() {
    let authority = Authority::new();
    let server = server(echo(), authority.tls());
    let mut half = dial_tls(server.address().unwrap(), &authority.client(None));
    let mut hello = vec![];
    half.conn.write_tls(&mut hello).unwrap();
    half.sock.write_all(&hello[..hello.len() / 2]).unwrap();
    let mut peer = open(&server, &authority.client(None));
    peer.text("meanwhile");
    peer.expect_text("meanwhile");
    // And then it goes on.
    half.sock.write_all(&hello[hello.len() / 2..]).unwrap();
    let mut late = Peer::over(half, "/", "");
    late.text("late");
    late.expect_text("late");
}

/// SERVE-02, PROTO-07
#[test]
fn a_peer_that_vanishes_without_a_word_of_tls_ends_with_1006() {
    let authority = Authority::new();
    let (handler, told) = ends(echo());
    let server = server(handler, authority.tls());
    let mut peer = open(&server, &authority.client(None));
    peer.text("hello");
    peer.expect_text("hello");
    drop(peer);
    assert_eq!(next(&told).code, CloseCode::ABNORMAL);
    let mut peer = open(&server, &authority.client(None));
    peer.write(&WireFrame::text("half").masked(KEY).encode()[..5]);
    peer.stream.conn.send_close_notify();
    peer.stream.flush().unwrap();
    peer.expect_end();
    assert_eq!(next(&told).code, CloseCode::ABNORMAL);
}

/// PROTO-07, SERVE-02
#[test]
fn a_peer_that_keeps_sending_over_tls_still_reads_why_it_was_closed() {
    let authority = Authority::new();
    let server = server(echo(), authority.tls());
    let mut peer = open(&server, &authority.client(None));
    peer.write(WireFrame::text("not masked").encode());
    for _ in 0..4 {
        peer.write(vec![0x55; 1 << 20]);
    }
    peer.expect_close(CloseCode::PROTOCOL_ERROR);
    peer.expect_end();
}

/// LIFE-03: what is answered in one turn leaves in one record.
#[test]
fn many_messages_in_one_segment_are_answered_in_one_record() {
    let authority = Authority::new();
    let server = server(echo(), authority.tls());
    let mut peer = open(&server, &authority.client(None));
    // Whatever TLS has to say after its handshake comes before this.
    peer.text("first");
    peer.expect_text("first");
    let frames: Vec<_> =
        (0..100).map(|number| WireFrame::text(format!("{number}")).masked(KEY)).collect();
    peer.write(WireFrame::encode_all(&frames));
    let mut header = [0; 5];
    peer.stream.sock.read_exact(&mut header).unwrap();
    let mut record = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    peer.stream.sock.read_exact(&mut record).unwrap();
    let whole = [&header[..], &record].concat();
    peer.stream.conn.read_tls(&mut &whole[..]).unwrap();
    let state = peer.stream.conn.process_new_packets().unwrap();
    let mut plain = vec![0; state.plaintext_bytes_to_read()];
    peer.stream.conn.reader().read_exact(&mut plain).unwrap();
    let texts: Vec<_> = (0..100).map(|number| WireFrame::text(format!("{number}"))).collect();
    assert_eq!(WireFrame::decode_all(&plain), texts);
}

/// ADV-03, ACTOR-04: what is said to one who does not read is not said to another.
#[test]
fn the_close_of_one_who_does_not_read_reaches_nobody_else() {
    let authority = Authority::new();
    let (tell, handles) = tells();
    let handler = ws_std::on_message(|ctx, message| {
        ctx.send(&vec![7; message.bytes().len() << 20]);
    })
    .on_connect(move |ctx, _| {
        tell.send(ctx.handle()).unwrap();
        Ok(())
    });
    let (handler, told) = ends(handler);
    let server = server(handler, authority.tls());
    let client = authority.client(None);
    let mut deaf = open(&server, &client);
    let mut other = open(&server, &client);
    let (to_deaf, to_other) = (next(&handles), next(&handles));
    deaf.text("12345678");
    other.text("");
    assert_eq!(other.message().payload.len(), 0);
    for _ in 0..10 {
        to_deaf.send("too much");
        to_other.ping(b"ping");
        assert_eq!(other.frame(), Some(WireFrame::ping("ping")));
    }
    let ended = next(&told);
    assert_eq!((ended.code, to_deaf.is_gone()), (CloseCode::POLICY, true));
    // What had not begun to leave is not waited for.
    let last = std::iter::from_fn(|| deaf.frame()).last();
    assert_eq!(last.and_then(|frame| frame.close_code()), Some(CloseCode::POLICY));
    other.leave();
}

/// PROTO-07, ACTOR-08: what came before the end of TLS is heard, though it had to wait.
#[test]
fn messages_that_wait_for_work_outlive_the_end_of_tls() {
    let authority = Authority::new();
    let handler = ws_std::on_message(|ctx, message| {
        if message.text() == Some("work") {
            ctx.blocking(|| (), |_, (), ctx, ()| assert!(ctx.send("done").is_queued())).unwrap();
        } else {
            ctx.send(message);
        }
    });
    let (handler, told) = ends(handler);
    let server = server(handler, authority.tls());
    let mut peer = open(&server, &authority.client(None));
    let frames = [
        WireFrame::text("work").masked(KEY),
        WireFrame::text("behind").masked(KEY),
        WireFrame::close(CloseCode(4000), "").masked(KEY),
    ];
    peer.stream.conn.writer().write_all(&WireFrame::encode_all(&frames)).unwrap();
    peer.stream.conn.send_close_notify();
    let mut bytes = vec![];
    while peer.stream.conn.wants_write() {
        peer.stream.conn.write_tls(&mut bytes).unwrap();
    }
    peer.stream.sock.write_all(&bytes).unwrap();
    peer.stream.sock.shutdown(std::net::Shutdown::Write).unwrap();
    peer.expect_text("done");
    peer.expect_text("behind");
    peer.expect_close(CloseCode(4000));
    assert_eq!(next(&told).code, CloseCode(4000));
}
