//! Through an HTTP proxy.

use std::io::Write;

use ws_std::WebSocket;
use ws_std::client::{ConnectError, Connector, ProxyError};

use super::support::{echo, read_head, serve, text};

/// A proxy that answers so, and is the server behind it, too.
fn through(answer: &'static str) -> (Result<(), ConnectError>, String) {
    let (address, proxy) = serve(move |mut stream| {
        let request = read_head(&mut stream);
        stream.write_all(answer.as_bytes()).unwrap();
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = std::io::Read::read(&mut stream, &mut [0]);
        request
    });
    let connector = Connector::new().proxy(&format!("http://Aladdin:open%20sesame@{address}"));
    let result = connector.connect("ws://nowhere.example/").map(drop);
    (result, proxy.join().unwrap())
}

/// ADV-05: the proxy, not we, looks up the name.
#[test]
fn a_tunnel_leads_to_the_server() {
    let (address, proxy) = serve(|mut stream| {
        let request = read_head(&mut stream);
        stream.write_all(b"HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n").unwrap();
        echo(WebSocket::accept(stream).unwrap()).unwrap();
        request
    });
    let connector = Connector::new().proxy(&format!("http://Aladdin:open%20sesame@{address}/"));
    let mut socket = connector.connect("ws://nowhere.example/chat").unwrap();
    socket.send_text("hello").unwrap();
    assert_eq!(socket.receive().unwrap(), text("hello"));
    socket.close(ws_core::frame::CloseCode::NORMAL, "").unwrap();
    assert_eq!(
        proxy.join().unwrap(),
        "CONNECT nowhere.example:80 HTTP/1.1\r\nHost: nowhere.example:80\r\n\
         Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"
    );
}

/// ADV-05
#[test]
fn a_proxy_that_wants_to_know_who_we_are_says_so() {
    let (result, _) = through("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    assert!(matches!(result, Err(ConnectError::Proxy(ProxyError::Status(407)))));
}

/// ADV-05
#[test]
fn what_is_no_proxy_is_told_from_one() {
    for garbage in
        ["SSH-2.0-x\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2xx\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nx"]
    {
        let (result, _) = through(garbage);
        let error = result.unwrap_err();
        assert!(matches!(error, ConnectError::Proxy(ProxyError::Malformed)), "{error:?}");
    }
    let (result, _) = through("HTTP/1.1 200");
    assert!(matches!(result, Err(ConnectError::Proxy(ProxyError::Io(_)))));
}

/// ADV-05
#[test]
fn the_address_of_a_proxy_is_checked_first() {
    let error = Connector::new().proxy("socks5://h").connect("ws://h/").unwrap_err();
    assert!(matches!(error, ConnectError::Proxy(ProxyError::Url(_))));
}
