//! Full duplex over TLS: neither direction stops the other.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ws_std::WebSocket;
use ws_std::client::Connector;
use ws_std::socket::Split;
use ws_std::tls::client::Roots;
use ws_std::tls::{TlsStream, TlsWriter};

use super::support::{Authority, LONG, encrypted, serve};

/// What each end sends.
const TOTAL: usize = 64 << 20;
const PIECE: usize = 1 << 20;

/// An end of a TLS connection, and its socket.
type End = (TlsStream<TcpStream>, TcpStream);

/// Both ends of a TLS connection over loopback.
fn pair() -> (End, End) {
    let authority = Authority::new();
    let config = authority.server(&["localhost"], 4000);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let socket = listener.accept().unwrap().0;
        (encrypted(socket.try_clone().unwrap(), config).unwrap(), socket)
    });
    let mut roots = rustls::RootCertStore::empty();
    let pem = authority.pem();
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().unwrap();
    let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(address).unwrap();
    let client = TlsStream::new(connection, socket.try_clone().unwrap()).unwrap();
    ((client, socket), server.join().unwrap())
}

/// Waits for so many threads; a deadlock is a failure, not a test that hangs.
fn all_done(done: &Receiver<()>, threads: usize) {
    for _ in 0..threads {
        done.recv_timeout(LONG).expect("a thread is stuck, or has failed");
    }
}

fn start(done: &Sender<()>, work: impl FnOnce() + Send + 'static) {
    let done = done.clone();
    thread::spawn(move || {
        work();
        done.send(()).unwrap();
    });
}

/// Sends everything, with new keys for every piece if the test wants that.
fn pump(mut writer: TlsWriter<TcpStream>, refresh: bool) {
    let piece = vec![0xA5; PIECE];
    for _ in 0..TOTAL / PIECE {
        if refresh {
            writer.refresh_keys().unwrap();
        }
        writer.write_all(&piece).unwrap();
    }
    writer.flush().unwrap();
}

fn drain(mut reader: impl Read) {
    let (mut left, mut buffer) = (TOTAL, vec![0; 64 * 1024]);
    while left > 0 {
        let len = reader.read(&mut buffer).unwrap();
        assert!(len > 0, "{left} bytes are missing");
        assert!(buffer[..len].iter().all(|byte| *byte == 0xA5));
        left -= len;
    }
}

/// ADV-05: both ends send 64 MiB while both read, and keys change all the time: each reader must
/// deal with the peer's key updates while its own writer is stuck in the socket.
#[test]
fn both_ends_send_while_both_read_and_keys_change() {
    let (client, server) = pair();
    let (done, all) = channel();
    for (end, _) in [client, server] {
        let (reader, writer) = end.split().unwrap();
        start(&done, move || pump(writer, true));
        start(&done, move || drain(reader));
    }
    drop(done);
    all_done(&all, 4);
}

/// ADV-05: writers are stuck, all buffers full, before anybody reads; and a write that gave up has
/// lost nothing of what it took.
#[test]
fn readers_that_begin_late_free_writers_that_are_stuck() {
    let (client, server) = pair();
    let (done, all) = channel();
    let mut readers = Vec::new();
    for (end, socket) in [client, server] {
        let (reader, mut writer) = end.split().unwrap();
        readers.push(reader);
        let (tell_stuck, stuck) = channel();
        start(&done, move || {
            socket.set_write_timeout(Some(Duration::from_millis(20))).unwrap();
            let mut left = TOTAL;
            while left > 0 {
                match writer.write(&vec![0xA5; PIECE.min(left)]) {
                    Ok(len) => left -= len,
                    Err(error) => {
                        assert!(matches!(
                            error.kind(),
                            ErrorKind::WouldBlock | ErrorKind::TimedOut
                        ));
                        tell_stuck.send(()).unwrap();
                        socket.set_write_timeout(None).unwrap();
                    }
                }
            }
            writer.flush().unwrap();
        });
        stuck.recv_timeout(LONG).unwrap();
    }
    for reader in readers {
        start(&done, move || drain(reader));
    }
    drop(done);
    all_done(&all, 4);
}

/// ADV-05: the same with WebSockets on it, whose Pings are answered in both directions meanwhile.
#[test]
fn websockets_over_tls_send_and_receive_at_the_same_time() {
    const MESSAGES: usize = 16;
    const SIZE: usize = 4 << 20;
    let authority = Authority::new();
    let config = authority.server(&["127.0.0.1"], 4000);
    let (done, all) = channel();
    let finished = done.clone();
    let (address, server) = serve(move |stream| {
        let control = stream.try_clone().unwrap();
        let socket = WebSocket::accept(encrypted(stream, config).unwrap()).unwrap();
        let (mut reader, mut writer) = socket.controlled_by(control).split().unwrap();
        start(&finished, move || {
            for _ in 0..MESSAGES {
                assert_eq!(reader.receive().unwrap().unwrap().bytes().len(), SIZE);
            }
            assert_eq!(reader.receive().unwrap(), None);
        });
        let message = vec![1; SIZE];
        for _ in 0..MESSAGES {
            writer.ping(b"?").unwrap();
            writer.send_binary(&message).unwrap();
        }
    });
    let connector = Connector::new().roots(Roots::Pem(authority.pem()));
    let socket = connector.connect(&format!("wss://{address}/")).unwrap();
    let (mut reader, mut writer) = socket.split().unwrap();
    start(&done, move || {
        let message = vec![2; SIZE];
        for _ in 0..MESSAGES {
            writer.ping(b"!").unwrap();
            writer.send_binary(&message).unwrap();
        }
        writer.send_close(ws_core::frame::CloseCode::NORMAL, "").unwrap();
    });
    start(&done, move || {
        while let Some(message) = reader.receive().unwrap() {
            assert_eq!(message.bytes().len(), SIZE);
        }
        assert!(reader.ended().is_some());
    });
    drop(done);
    all_done(&all, 3);
    server.join().unwrap();
}
