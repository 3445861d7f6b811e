//! Two halves in two threads.

use std::io::Write;
use std::sync::mpsc::sync_channel;
use std::thread;

use ws_core::frame::CloseCode;
use ws_core::{Misuse, Server};
use ws_std::WebSocket;
use ws_std::socket::{By, Error, Reader, Writer};

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
    writer.send_close(CloseCode::NORMAL, "").unwrap();
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
    writer.send_close(CloseCode::NORMAL, "").unwrap();
    assert_eq!(reader.receive().unwrap(), None);
    server.join().unwrap().unwrap();
}

#[test]
fn halves_may_be_moved_to_other_threads() {
    fn movable<T: Send>() {}
    movable::<Reader<ws_std::client::Stream>>();
    movable::<Writer<ws_std::client::Stream>>();
    movable::<WebSocket<ws_std::client::Stream>>();
    movable::<WebSocket<std::net::TcpStream, Server>>();
}
