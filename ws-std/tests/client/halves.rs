//! Two halves in two threads.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use ws_core::frame::CloseCode;
use ws_core::{Misuse, Server};
use ws_std::WebSocket;
use ws_std::socket::{By, Error, Reader, Split, Writer};

use super::support::{LONG, echo, open_by_hand, read_frame, serve, text};

/// ADV-05
#[test]
fn one_thread_sends_while_another_receives() {
    let (address, server) = serve(|stream| echo(WebSocket::accept(stream).unwrap()));
    let socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    let (mut reader, mut writer) = socket.split().unwrap();
    let reading = thread::spawn(move || {
        let mut count = 0;
        while let Some(message) = reader.receive().unwrap() {
            assert_eq!(message.text(), Some(count.to_string().as_str()));
            count += 1;
        }
        (count, reader.ended().unwrap().by)
    });
    for number in 0..1000 {
        writer.send_text(&number.to_string()).unwrap();
    }
    writer.close(CloseCode::NORMAL, "").unwrap();
    assert_eq!(reading.join().unwrap(), (1000, By::Us));
    assert!(matches!(writer.send_text(""), Err(Error::Misuse(Misuse::Closed))));
    server.join().unwrap().unwrap();
}

/// ADV-05
#[test]
fn a_close_of_the_server_is_answered_though_the_writer_sleeps() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        stream.write_all(b"\x89\x04ping\x88\x02\x03\xE9").unwrap();
        // Of a Pong and a Close that are owed at once, the Close counts: nothing may follow it.
        let first = read_frame(&mut stream);
        if first.0 == 0x8A { read_frame(&mut stream) } else { first }
    });
    let socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    let (mut reader, mut writer) = socket.split().unwrap();
    assert_eq!(reader.receive().unwrap(), None);
    assert_eq!(reader.ended().unwrap().by, By::Peer);
    assert_eq!(server.join().unwrap(), (0x88, vec![3, 0xE9]));
    assert!(matches!(writer.send_text(""), Err(Error::Misuse(Misuse::Closed))));
}

/// BEAT-02
#[test]
fn a_ping_is_answered_though_the_writer_sleeps() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        stream.write_all(b"\x89\x04ping").unwrap();
        let pong = read_frame(&mut stream);
        stream.write_all(b"\x81\x02ok").unwrap();
        (pong, stream)
    });
    let socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    let (mut reader, _writer) = socket.split().unwrap();
    assert_eq!(reader.receive().unwrap(), text("ok"));
    assert_eq!(server.join().unwrap().0, (0x8A, b"ping".to_vec()));
}

/// PROTO-10
#[test]
fn a_broken_rule_is_answered_by_the_halves_too() {
    let (address, server) = serve(|mut stream| {
        open_by_hand(&mut stream);
        stream.write_all(b"\x81\x01\xFF").unwrap();
        read_frame(&mut stream)
    });
    let socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    let (mut reader, _writer) = socket.split().unwrap();
    assert!(matches!(reader.receive(), Err(Error::Violation(_))));
    let (first, payload) = server.join().unwrap();
    assert_eq!((first, &payload[..2]), (0x88, &1007_u16.to_be_bytes()[..]));
}

#[test]
fn the_stream_ends_when_both_halves_are_dropped() {
    let (address, server) = serve(|stream| {
        let mut socket = WebSocket::accept(stream).unwrap();
        let message = socket.receive();
        (message, socket.receive())
    });
    let socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    let (reader, mut writer) = socket.split().unwrap();
    drop(reader);
    writer.send_text("one half is enough to send").unwrap();
    drop(writer);
    let (message, end) = server.join().unwrap();
    assert!(message.unwrap().is_some());
    assert!(matches!(end, Err(Error::Ended)));
}

/// A thread that is stuck in a send to a peer that does not read ends with its connection.
#[test]
fn dropping_the_reader_and_closing_the_server_frees_a_stuck_writer() {
    let (leave, left) = sync_channel::<()>(0);
    let (address, server) = serve(move |stream| {
        let socket = WebSocket::accept(stream).unwrap();
        let _ = left.recv_timeout(LONG);
        drop(socket);
    });
    let socket = ws_std::connect(&format!("ws://{address}/")).unwrap();
    let (reader, mut writer) = socket.split().unwrap();
    let writing = thread::spawn(move || writer.send_binary(&vec![0; 64 << 20]));
    drop(reader);
    leave.send(()).unwrap();
    assert!(writing.join().unwrap().is_err());
    server.join().unwrap();
}

/// ADV-05
#[cfg(unix)]
#[test]
fn a_socket_of_unix_has_halves_too() {
    use std::os::unix::net::UnixStream;
    let (ours, theirs) = UnixStream::pair().unwrap();
    let server = thread::spawn(move || echo(WebSocket::accept(theirs).unwrap()));
    let connector = ws_std::client::Connector::new();
    let control = ours.try_clone().unwrap();
    let socket = connector.connect_over(ours, "ws://localhost/").unwrap().controlled_by(control);
    let (mut reader, mut writer) = socket.split().unwrap();
    writer.send_text("hello").unwrap();
    assert_eq!(reader.receive().unwrap(), text("hello"));
    writer.close(CloseCode::NORMAL, "").unwrap();
    assert_eq!(reader.receive().unwrap(), None);
    server.join().unwrap().unwrap();
}

/// A pipe in memory that holds a few writes, so that it is full when a test wants it to be.
struct Pipe {
    input: Inbound,
    output: Outbound,
}

struct Inbound(Receiver<Vec<u8>>, Vec<u8>);

struct Outbound(SyncSender<Vec<u8>>);

impl Read for Inbound {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.1.is_empty() {
            match self.0.recv() {
                Ok(bytes) => self.1 = bytes,
                Err(_) => return Ok(0),
            }
        }
        let len = into.len().min(self.1.len());
        into[..len].copy_from_slice(&self.1[..len]);
        self.1.drain(..len);
        Ok(len)
    }
}

impl Write for Outbound {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.input.read(into)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Split for Pipe {
    type ReadHalf = Inbound;
    type WriteHalf = Outbound;

    fn split(self) -> io::Result<(Inbound, Outbound)> {
        Ok((self.input, self.output))
    }
}

fn pipes(writes: usize) -> (Pipe, Pipe) {
    let ((to, from), (back, forth)) = (sync_channel(writes), sync_channel(writes));
    (
        Pipe { input: Inbound(forth, Vec::new()), output: Outbound(to) },
        Pipe { input: Inbound(from, Vec::new()), output: Outbound(back) },
    )
}

/// ADV-05, BEAT-02: a reader that wrote its Pongs by itself could wait in one for a reader that does
/// the same, with both pipes full.
#[test]
fn two_peers_that_ping_each_other_through_narrow_pipes_go_on_reading() {
    const MESSAGES: usize = 500;
    let (ours, theirs) = pipes(1);
    let server = thread::spawn(move || WebSocket::accept(theirs).unwrap().split().unwrap());
    let connector = ws_std::client::Connector::new();
    let (client_reads, client_writes) =
        connector.connect_over(ours, "ws://localhost/").unwrap().split().unwrap();
    let (server_reads, server_writes) = server.join().unwrap();
    let (tell, told) = sync_channel(2);
    read_all(client_reads, MESSAGES, tell.clone());
    read_all(server_reads, MESSAGES, tell);
    // A writer is kept until the end: dropped, it would end the pipe.
    let writers = (ping_and_send(client_writes, MESSAGES), ping_and_send(server_writes, MESSAGES));
    for _ in 0..2 {
        told.recv_timeout(LONG).expect("a reader is stuck");
    }
    drop(writers.0.join().unwrap());
    drop(writers.1.join().unwrap());
}

fn read_all<R: ws_core::Role + Send + 'static>(
    mut reader: Reader<Pipe, R>,
    messages: usize,
    tell: SyncSender<()>,
) {
    thread::spawn(move || {
        for _ in 0..messages {
            assert!(reader.receive().unwrap().is_some());
        }
        tell.send(()).unwrap();
    });
}

fn ping_and_send<R: ws_core::Role + Send + 'static>(
    mut writer: Writer<Pipe, R>,
    messages: usize,
) -> thread::JoinHandle<Writer<Pipe, R>> {
    thread::spawn(move || {
        for _ in 0..messages {
            writer.ping(b"?").unwrap();
            writer.send_text("message").unwrap();
        }
        writer
    })
}

#[test]
fn halves_may_be_moved_to_other_threads() {
    fn movable<T: Send>() {}
    movable::<Reader<ws_std::client::Stream>>();
    movable::<Writer<ws_std::client::Stream>>();
    movable::<WebSocket<ws_std::client::Stream>>();
    movable::<WebSocket<std::net::TcpStream, Server>>();
}
