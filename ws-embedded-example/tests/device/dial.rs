//! The device dials a server on this host: 10.0.2.2 is its loopback.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use embedded_io_adapters::std::FromStd;
use ws_core::Server;
use ws_core::frame::{Close, CloseCode};
use ws_core::io::WebSocket;
use ws_embedded_example::{Board, Options};

use super::bench::{Bench, PATIENCE};

/// The server of this host: the codec's own blocking driver.
pub(crate) type Host = WebSocket<FromStd<TcpStream>, Server, Vec<u8>, Vec<u8>>;

pub(crate) fn pick_up(listener: &TcpListener) -> Host {
    let stream = accept(listener);
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    WebSocket::accept(FromStd::new(stream), vec![0; 1024], vec![]).unwrap()
}

/// The device rests up to half a minute before it dials, and on a machine that is busy an emulator's
/// clock goes slowly.
const REST: Duration = Duration::from_secs(300);

/// The standard library has no accept that gives up: a thread waits in it.
fn accept(listener: &TcpListener) -> TcpStream {
    let (tell, told) = mpsc::channel();
    let listener = listener.try_clone().unwrap();
    std::thread::spawn(move || tell.send(listener.accept()));
    let (stream, _) = told.recv_timeout(REST).expect("the device dials").unwrap();
    stream
}

pub(crate) fn hear(host: &mut Host, expected: &str) {
    loop {
        let message = host.receive().unwrap().expect("no Close");
        if message.text().is_some_and(|text| text.contains(expected)) {
            return;
        }
    }
}

/// Says goodbye, in one of so many ways.
pub(crate) const WAYS: usize = 4;

pub(crate) fn leave(mut host: Host, way: usize) {
    match way {
        0 => drop(host),
        1 => {
            host.close(Close::new(CloseCode::RESTART, "in a moment")).unwrap();
            while host.receive().unwrap().is_some() {}
        }
        // A frame with a reserved bit: the device says that it is wrong.
        2 => {
            std::io::Write::write_all(host.stream().inner_mut(), b"\xC1\x00").unwrap();
            while let Ok(Some(_)) = host.receive() {}
            let (code, _) = host.peer_close().expect("a Close");
            assert_eq!(code, Some(CloseCode::PROTOCOL_ERROR));
        }
        _ => drop(host.ping(b"goodbye")),
    }
}

/// EMB-06
#[test]
fn it_dials_out_and_comes_back_however_it_is_dropped() {
    for board in Board::ALL {
        with_a_server(|dial| Bench::boot(board, Options { port: 0, dial: Some(dial) }));
    }
    with_a_server(|dial| Bench::start(Some(dial)));
}

fn with_a_server(boot: impl Fn(u16) -> Bench) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut bench = boot(listener.local_addr().unwrap().port());
    for way in 0..WAYS {
        let mut host = pick_up(&listener);
        hear(&mut host, r#"{"number":1,"#);
        host.send_text("output toggle").unwrap();
        hear(&mut host, if way % 2 == 0 { r#""output":true"# } else { r#""output":false"# });
        leave(host, way);
    }
    // It serves its own clients meanwhile.
    let mut host = pick_up(&listener);
    let mut socket = bench.open("/telemetry");
    socket.send_text("output on").unwrap();
    super::clients::until(&mut socket, r#"{"output":true}"#);
    hear(&mut host, r#""output":true,"clients":1"#);
    drop(socket);
    bench.stop();
}
