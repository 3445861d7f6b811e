//! The blocking client beside our server, and beside one that compresses by itself.

use std::thread;

use ws_core::frame::CloseCode;
use ws_std::client::Connector;
use ws_std::socket::{Error, Rule};
use ws_std::{Compression, Density, Limits, Server, Takeover, WindowBits};
use ws_tests::squeezer::{BOTH, echo, start, with, words};

/// EXT-01
#[test]
fn both_sides_understand_each_other_whatever_they_agree_on() {
    for server_takeover in BOTH {
        let server = start(Server::builder(echo()), with(server_takeover));
        let url = format!("ws://{}/", server.address().unwrap());
        for client_takeover in BOTH {
            for bits in [8, 12, 15] {
                let window = WindowBits::new(bits).unwrap();
                let compression = Compression {
                    threshold: 0,
                    send_window: window,
                    receive_window: window,
                    ..with(client_takeover)
                };
                let connector = Connector::new().compression(compression);
                let mut socket = connector.connect(&url).unwrap();
                for len in [0, 1, 1024, 100_000, 600_000] {
                    let text = words(len, len);
                    socket.send_text(&text).unwrap();
                    assert_eq!(socket.receive().unwrap().unwrap().text(), Some(&*text));
                }
                socket.close(CloseCode::NORMAL, "").unwrap();
            }
        }
        // Without it, nothing is compressed.
        let mut socket = ws_std::connect(&url).unwrap();
        socket.send_text(&words(5000, 0)).unwrap();
        assert_eq!(socket.receive().unwrap().unwrap().text(), Some(&*words(5000, 0)));
    }
}

/// EXT-01
#[test]
fn a_server_that_does_not_compress_is_talked_to_all_the_same() {
    let builder = Server::builder(echo()).listen("127.0.0.1:0").unwrap();
    let server = builder.start().unwrap();
    let url = format!("ws://{}/", server.address().unwrap());
    let mut socket = Connector::new().compression(Compression::default()).connect(&url).unwrap();
    socket.send_text(&words(5000, 0)).unwrap();
    assert_eq!(socket.receive().unwrap().unwrap().text(), Some(&*words(5000, 0)));
}

/// EXT-01
#[test]
fn halves_and_pieces_are_compressed_too() {
    let server = start(Server::builder(echo()), with(Takeover::Keep));
    let url = format!("ws://{}/", server.address().unwrap());
    let connector = Connector::new().compression(with(Takeover::Keep));
    let (mut reader, mut writer) = connector.connect(&url).unwrap().split().unwrap();
    const SENT: usize = 20;
    let sends = thread::spawn(move || {
        for seed in 0..SENT {
            writer.send_text(&words(30_000, seed)).unwrap();
        }
        writer
    });
    for seed in 0..SENT {
        let mut heard = vec![];
        loop {
            let piece = reader.receive_piece().unwrap().unwrap();
            assert_eq!(piece.begins, heard.is_empty());
            heard.extend_from_slice(piece.bytes);
            if piece.ends {
                break;
            }
        }
        assert_eq!(heard, words(30_000, seed).as_bytes());
    }
    let _writer = sends.join().unwrap();
}

/// EXT-01
#[test]
fn a_part_that_is_open_spoils_no_history() {
    let server = start(Server::builder(echo()), with(Takeover::Keep));
    let url = format!("ws://{}/", server.address().unwrap());
    let mut socket = Connector::new().compression(with(Takeover::Keep)).connect(&url).unwrap();
    let text = words(3000, 1);
    socket.send_part(ws_std::Kind::Text, b"a").unwrap();
    assert!(matches!(socket.send_text(&text), Err(Error::Misuse(_))));
    socket.send_last_part(ws_std::Kind::Text, b"b").unwrap();
    assert_eq!(socket.receive().unwrap().unwrap().text(), Some("ab"));
    for _ in 0..3 {
        socket.send_text(&text).unwrap();
        assert_eq!(socket.receive().unwrap().unwrap().text(), Some(&*text));
    }
}

/// EXT-01
#[test]
fn a_client_does_not_let_itself_be_filled_either() {
    let limits = Limits { message: 64 << 20, ..Limits::default() };
    let server = start(Server::builder(bomber()).limits(limits), Compression::default());
    let url = format!("ws://{}/", server.address().unwrap());
    let refused = |connector: Connector| {
        let mut socket = connector.connect(&url).unwrap();
        socket.send_text("bomb").unwrap();
        match socket.receive() {
            Err(Error::Violation(violation)) => violation.rule,
            other => panic!("{other:?}"),
        }
    };
    let dense = Compression::default();
    assert_eq!(refused(Connector::new().compression(dense)), Rule::TooDense);
    let small = Connector::new().max_message(1 << 20).compression(dense);
    assert_eq!(refused(small), Rule::TooBig);
    let any = Density { most: 2000, from: 0 };
    let patient = Connector::new().compression(Compression { density: any, ..dense });
    let mut socket = patient.connect(&url).unwrap();
    socket.send_text("bomb").unwrap();
    assert_eq!(socket.receive().unwrap().unwrap().bytes().len(), 8 << 20);
}

/// Sends 8 MiB of nothing to whoever says something.
fn bomber() -> ws_std::Closures {
    ws_std::on_message(|ctx, _| {
        ctx.send(&vec![0; 8 << 20]);
    })
}
