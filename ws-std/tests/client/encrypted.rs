//! `wss`: the certificate must be right.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use ws_std::WebSocket;
use ws_std::client::{ConnectError, Connector};
use ws_std::socket::CloseCode;
use ws_std::socket::Message;
use ws_std::tls::{ClientTls, TlsError};

use super::support::{Authority, echo, serve, text};

/// Connects to a server with a certificate for these names.
fn connect(names: &[&str], until: i32, host: &str, known: bool) -> Result<(), ConnectError> {
    let authority = Authority::new();
    let tls = authority.server(names, until);
    let (address, server) = serve(move |stream| match tls.accept(stream) {
        Ok(stream) => echo(WebSocket::accept(stream).unwrap()).is_ok(),
        Err(_) => false,
    });
    let port = address.rsplit(':').next().unwrap();
    let trusted = if known { authority.roots() } else { Authority::new().roots() };
    let connector = Connector::new().roots(trusted);
    let result = connector.connect(&format!("wss://{host}:{port}/")).map(|mut socket| {
        let large = Message::Binary(vec![7; 300_000]);
        socket.send_text("hello").unwrap();
        socket.send(&large).unwrap();
        assert_eq!(socket.receive().unwrap(), text("hello"));
        assert_eq!(socket.receive().unwrap(), Some(large));
        socket.close(CloseCode::NORMAL, "").unwrap();
    });
    assert_eq!(server.join().unwrap(), result.is_ok());
    result
}

#[track_caller]
fn check_refused(result: Result<(), ConnectError>, why: &str) {
    match result {
        Err(ConnectError::Tls(TlsError::Certificate(error))) => {
            assert!(format!("{error:?}").contains(why), "{error:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// ADV-05
#[test]
fn a_server_whose_certificate_is_right_is_talked_to() {
    connect(&["localhost"], 4000, "localhost", true).unwrap();
    connect(&["127.0.0.1"], 4000, "127.0.0.1", true).unwrap();
}

/// ADV-05, SEC-04
#[test]
fn a_certificate_for_another_name_is_refused() {
    check_refused(connect(&["example.com"], 4000, "localhost", true), "NotValidForName");
    check_refused(connect(&["localhost"], 4000, "127.0.0.1", true), "NotValidForName");
}

/// ADV-05, SEC-04
#[test]
fn a_certificate_from_somebody_unknown_is_refused() {
    check_refused(connect(&["localhost"], 4000, "localhost", false), "UnknownIssuer");
}

/// ADV-05, SEC-04
#[test]
fn an_expired_certificate_is_refused() {
    check_refused(connect(&["localhost"], 2000, "localhost", true), "Expired");
}

/// ADV-05
#[test]
fn a_server_without_tls_is_an_error_of_tls() {
    let (address, server) = super::support::serve(|mut stream| {
        let _ = stream.read(&mut [0; 100]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = stream.read(&mut [0; 4096]);
    });
    let connector = Connector::new().roots(Authority::new().roots());
    let error = connector.connect(&format!("wss://{address}/")).unwrap_err();
    assert!(matches!(error, ConnectError::Tls(TlsError::Protocol(_))), "{error:?}");
    server.join().unwrap();
}

/// ADV-05: the proxy sees ciphertext only.
#[test]
fn tls_goes_through_a_proxy() {
    let authority = Authority::new();
    let tls = authority.server(&["nowhere.example"], 4000);
    let (address, proxy) = serve(move |mut stream| {
        let request = super::support::read_head(&mut stream);
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        echo(WebSocket::accept(tls.accept(stream).unwrap()).unwrap()).unwrap();
        request
    });
    let connector = Connector::new().roots(authority.roots()).proxy(&format!("http://{address}"));
    let mut socket = connector.connect("wss://nowhere.example/").unwrap();
    socket.send_text("hello").unwrap();
    assert_eq!(socket.receive().unwrap(), text("hello"));
    socket.close(CloseCode::NORMAL, "").unwrap();
    let request = proxy.join().unwrap();
    assert!(request.starts_with("CONNECT nowhere.example:443 HTTP/1.1\r\n"), "{request}");
}

/// SEC-04: a server may want to know who the client is.
#[test]
fn a_client_has_a_certificate_too() {
    let authority = Authority::new();
    for known in [true, false] {
        let tls = authority.server_for_known_clients(&["localhost"]);
        let (address, server) = serve(move |stream| match tls.accept(stream) {
            Ok(stream) => echo(WebSocket::accept(stream).unwrap()).is_ok(),
            Err(_) => false,
        });
        let port = address.rsplit(':').next().unwrap();
        let mut connector = Connector::new().roots(authority.roots());
        if known {
            connector = connector.identity(authority.client());
        }
        let result = connector.connect(&format!("wss://localhost:{port}/"));
        match result {
            Ok(mut socket) => {
                assert!(known);
                socket.close(CloseCode::NORMAL, "").unwrap();
            }
            // The server's alert, or the reset that overtook it.
            Err(ConnectError::Tls(TlsError::Protocol(_)) | ConnectError::Io(_)) => assert!(!known),
            Err(error) => panic!("{error:?}"),
        }
        assert_eq!(server.join().unwrap(), known);
    }
}

/// ADV-05
#[test]
fn a_host_that_no_certificate_can_vouch_for_is_told_before_anything_is_said() {
    let tls = ClientTls::new(Authority::new().roots()).unwrap();
    let (address, server) = serve(|mut stream| stream.read(&mut [0]).unwrap());
    let stream = TcpStream::connect(address).unwrap();
    let error = tls.connect("no host", stream).unwrap_err();
    assert_eq!(error.to_string(), "\"no host\": not the name of a host");
    assert_eq!(server.join().unwrap(), 0);
}

/// SEC-03
#[test]
fn debug_tells_how_many_certificates_there_are_and_nothing_of_a_key() {
    let authority = Authority::new();
    assert_eq!(format!("{:?}", authority.roots()), "Roots(1)");
    assert_eq!(format!("{:?}", authority.client()), "Identity { certificates: 1, .. }");
    let tls = ClientTls::new(authority.roots()).unwrap().with_identity(&authority.client());
    assert_eq!(format!("{tls:?}"), "ClientTls { .. }");
}

/// One connector serves many connections, and its clones do, too.
#[test]
fn a_connector_is_shared_between_threads() {
    fn shareable<T: Send + Sync + Clone + 'static>() {}
    shareable::<Connector>();
    shareable::<Arc<Connector>>();
}
