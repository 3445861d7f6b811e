//! What a server agrees to.

use ws_core::frame::CloseCode;
use ws_core::testing::WireFrame;
use ws_std::{Compression, Server, Takeover, WindowBits};
use ws_tests::peer::{Peer, request};
use ws_tests::squeezer::{RSV1, echo, start, with};

/// The server's answer to this offer.
fn answer(server: &Server, offer: &str) -> Option<String> {
    let mut peer = Peer::connect(server);
    peer.write(request("/", &format!("Sec-WebSocket-Extensions: {offer}\r\n")));
    let head = peer.head();
    peer.leave();
    let (_, rest) = head.split_once("Sec-WebSocket-Extensions: ")?;
    Some(rest.split_once("\r\n").unwrap().0.to_owned())
}

/// EXT-01
#[test]
fn nothing_is_compressed_unless_the_server_was_told_so() {
    let builder = Server::builder(echo()).listen("127.0.0.1:0").unwrap();
    let server = builder.start().unwrap();
    assert_eq!(answer(&server, "permessage-deflate"), None);
    // Then the bit means nothing.
    let mut peer = Peer::open(&server);
    peer.send(WireFrame::text("\x02\x00").reserved(RSV1));
    peer.expect_closed(CloseCode::PROTOCOL_ERROR);
}

/// EXT-01
#[test]
fn a_server_keeps_nothing_between_messages_unless_it_was_told_to() {
    let server = start(Server::builder(echo()), Compression::default());
    let both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    assert_eq!(answer(&server, "permessage-deflate").as_deref(), Some(both));
    let browser = "permessage-deflate; client_max_window_bits";
    assert_eq!(answer(&server, browser).as_deref(), Some(both));
    assert_eq!(answer(&server, "permessage-deflate; unknown"), None);
    let server = start(Server::builder(echo()), with(Takeover::Keep));
    assert_eq!(answer(&server, browser).as_deref(), Some("permessage-deflate"));
    assert_eq!(answer(&server, both).as_deref(), Some(both));
}

/// EXT-01
#[test]
fn a_server_with_a_small_window_serves_those_who_can_keep_to_it() {
    let receive_window = WindowBits::new(10).unwrap();
    let server =
        start(Server::builder(echo()), Compression { receive_window, ..with(Takeover::Keep) });
    assert_eq!(answer(&server, "permessage-deflate"), None);
    let answered =
        answer(&server, "permessage-deflate, permessage-deflate; client_max_window_bits");
    assert_eq!(answered.as_deref(), Some("permessage-deflate; client_max_window_bits=10"));
}

/// EXT-02
#[test]
fn the_bit_is_the_extensions_on_the_first_frame_of_a_message_only() {
    let server = start(Server::builder(echo()), with(Takeover::Keep));
    let offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    for bad in [
        vec![WireFrame::ping("").reserved(RSV1)],
        vec![WireFrame::text("").reserved(0x20)],
        vec![
            WireFrame::text(b"\xf2\x48\xcd").reserved(RSV1).more(),
            WireFrame::continuation(b"\xc9\xc9\x07\x00").reserved(RSV1),
        ],
    ] {
        let mut peer = Peer::open_at(&server, "/", offer);
        bad.iter().for_each(|frame| peer.send(frame));
        peer.expect_closed(CloseCode::PROTOCOL_ERROR);
    }
}
