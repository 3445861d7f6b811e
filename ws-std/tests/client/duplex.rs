//! Full duplex over TLS: neither direction stops the other.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use ws_std::WebSocket;
use ws_std::client::Connector;
use ws_std::socket::Split;
use ws_std::tls::{ClientTls, TlsStream, TlsWriter};

use super::support::{Authority, LONG, serve};

/// What each end sends.
const TOTAL: usize = 64 << 20;
const PIECE: usize = 1 << 20;

/// An end of a TLS connection, and its socket.
type End = (TlsStream<TcpStream>, TcpStream);

/// Both ends of a TLS connection over loopback.
fn pair() -> (End, End) {
    let authority = Authority::new();
    let tls = authority.server(&["localhost"], 4000);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let socket = listener.accept().unwrap().0;
        (tls.accept(socket.try_clone().unwrap()).unwrap(), socket)
    });
    let socket = TcpStream::connect(address).unwrap();
    let client = ClientTls::new(authority.roots()).unwrap();
    let client = client.connect("localhost", socket.try_clone().unwrap()).unwrap();
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

/// ADV-05: what the reader's input asks for does not wait for the writer to say something.
#[test]
fn an_alert_leaves_though_nobody_writes() {
    let ((client, _client_socket), (mut server, mut server_socket)) = pair();
    let (mut client_reads, _client_writes) = client.split().unwrap();
    server_socket.write_all(b"\x17\x03\x03\0\x20").unwrap();
    server_socket.write_all(&[0; 32]).unwrap();
    assert_eq!(client_reads.read(&mut [0]).unwrap_err().kind(), ErrorKind::InvalidData);
    server_socket.set_read_timeout(Some(LONG)).unwrap();
    let error = server.read(&mut [0]).unwrap_err();
    assert!(error.to_string().contains("BadRecordMac"), "{error}");
}

/// ADV-05: what the reader's input asks for leaves though the writer had the line.
#[test]
fn an_alert_that_the_reader_owes_leaves_behind_a_writer_that_was_stuck() {
    let ((client, client_socket), (server, mut server_socket)) = pair();
    let (done, all) = channel();
    let (tell_stuck, stuck) = channel();
    let (mut client_reads, mut client_writes) = client.split().unwrap();
    start(&done, move || {
        client_socket.set_write_timeout(Some(Duration::from_millis(20))).unwrap();
        while client_writes.write(&[0xA5; PIECE]).is_ok() {}
        client_socket.set_write_timeout(None).unwrap();
        tell_stuck.send(()).unwrap();
        client_writes.flush().unwrap();
    });
    stuck.recv_timeout(LONG).unwrap();
    // A record that no key fits.
    server_socket.write_all(b"\x17\x03\x03\0\x20").unwrap();
    server_socket.write_all(&[0; 32]).unwrap();
    let (tell_read, read) = channel();
    start(&done, move || tell_read.send(client_reads.read(&mut [0]).unwrap_err().kind()).unwrap());
    let kind = read.recv_timeout(LONG).expect("the reader waits for the writer");
    assert_eq!(kind, ErrorKind::InvalidData);
    let (mut server_reads, _) = server.split().unwrap();
    let mut buffer = vec![0; 64 * 1024];
    let end = std::iter::repeat_with(|| server_reads.read(&mut buffer)).find(Result::is_err);
    let error = end.unwrap().unwrap_err();
    assert!(error.to_string().contains("BadRecordMac"), "{error}");
    drop(done);
    all_done(&all, 2);
}

/// ADV-05: the same with WebSockets on it, whose Pings are answered in both directions meanwhile.
#[test]
fn websockets_over_tls_send_and_receive_at_the_same_time() {
    const MESSAGES: usize = 16;
    const SIZE: usize = 4 << 20;
    let authority = Authority::new();
    let tls = authority.server(&["127.0.0.1"], 4000);
    let (done, all) = channel();
    let finished = done.clone();
    let (address, server) = serve(move |stream| {
        let control = stream.try_clone().unwrap();
        let socket = WebSocket::accept(tls.accept(stream).unwrap()).unwrap();
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
    let connector = Connector::new().roots(authority.roots());
    let socket = connector.connect(&format!("wss://{address}/")).unwrap();
    let (mut reader, mut writer) = socket.split().unwrap();
    let (heard, all_heard) = channel();
    start(&done, move || {
        let message = vec![2; SIZE];
        for _ in 0..MESSAGES {
            writer.ping(b"!").unwrap();
            writer.send_binary(&message).unwrap();
        }
        // Whoever is told Close sends nothing more: not before it has sent everything.
        all_heard.recv().unwrap();
        writer.send_close(ws_core::frame::CloseCode::NORMAL, "").unwrap();
    });
    start(&done, move || {
        for _ in 0..MESSAGES {
            assert_eq!(reader.receive().unwrap().unwrap().bytes().len(), SIZE);
        }
        heard.send(()).unwrap();
        assert_eq!(reader.receive().unwrap(), None);
        assert!(reader.ended().is_some());
    });
    drop(done);
    all_done(&all, 3);
    server.join().unwrap();
}
