//! The opening handshake over a stream (RFC 6455 section 4.1).

use std::io::{self, Read, Write};

use ws_core::Span;
use ws_core::handshake::client::Seen;
use ws_core::handshake::{Agreement, ClientError, ClientHandshake, DeflateOffer, Field, MAX_HEAD};

use super::error::{ConnectError, Stage};
use super::response::Response;
use crate::socket::is_timeout;
use crate::tls::TlsError;

/// How much of the body of a refusal is kept.
const MAX_BODY: usize = 4 * 1024;

/// What is asked for.
pub(super) struct Request<'a> {
    pub(super) host: &'a str,
    pub(super) target: &'a str,
    pub(super) subprotocols: &'a [&'a str],
    pub(super) headers: &'a [(&'a str, &'a str)],
    /// What is offered about compression, if anything is.
    pub(super) deflate: Option<DeflateOffer>,
}

/// What came of it.
pub(super) struct Opened {
    /// Which of the subprotocols the server chose.
    pub(super) subprotocol: Option<usize>,
    /// What the server agreed to about compression.
    pub(super) agreed: Option<Agreement>,
    pub(super) response: Response,
    /// What was read behind the head: the server's first frames.
    pub(super) already: Vec<u8>,
}

/// Sends the request and reads the answer.
pub(super) fn open(
    stream: &mut (impl Read + Write),
    request: &Request<'_>,
) -> Result<Opened, ConnectError> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).map_err(|error| ConnectError::Io(io::Error::other(error)))?;
    let mut handshake = ClientHandshake::new(nonce, request.subprotocols);
    if let Some(offer) = request.deflate {
        handshake = handshake.with_deflate(offer);
    }
    let head = handshake
        .request(request.host, request.target, request.headers)
        .map_err(ConnectError::Request)?;
    crate::socket::write_head(stream, &head).map_err(failed)?;

    // All of the longest head fits, so that every line is seen whole.
    let mut buffer = vec![0; MAX_HEAD as usize + 4];
    let (mut start, mut end) = (0, 0);
    let mut response = Response::default();
    loop {
        let unread = buffer.get(start..end).unwrap_or_default();
        let progress = match handshake.receive(unread, buffer.len()) {
            Ok(progress) => progress,
            Err(ClientError::Status(_)) => {
                // The CR LF that ends the head has been seen, and not consumed.
                response.body = unread.get(2..).unwrap_or_default().to_vec();
                read_body(stream, &mut response);
                return Err(ConnectError::Refused(Box::new(response)));
            }
            Err(error) => return Err(ConnectError::Handshake(error)),
        };
        note(&mut response, progress.seen, unread);
        start += progress.consumed;
        match progress.seen {
            Some(Seen::Complete { subprotocol }) => {
                let already = buffer.get(start..end).unwrap_or_default().to_vec();
                let agreed = handshake.deflate();
                return Ok(Opened { subprotocol, agreed, response, already });
            }
            Some(_) => {}
            None => match stream.read(buffer.get_mut(end..).unwrap_or_default()) {
                Ok(0) => return Err(ConnectError::Io(io::ErrorKind::UnexpectedEof.into())),
                Ok(len) => end += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            },
        }
    }
}

fn failed(error: io::Error) -> ConnectError {
    if is_timeout(&error) {
        return ConnectError::TimedOut(Stage::Handshake);
    }
    // A server of TLS 1.3 that wants a certificate says so only after our side of the handshake.
    match TlsError::from(error) {
        TlsError::Io(error) => ConnectError::Io(error),
        error => error.into(),
    }
}

fn note(response: &mut Response, seen: Option<Seen>, bytes: &[u8]) {
    let text = |span: Span| String::from_utf8_lossy(span.of(bytes)).into_owned();
    match seen {
        Some(Seen::Status(status)) => response.status = status,
        Some(Seen::Field(Field::Whole { name, value })) => {
            response.headers.push((text(name), text(value)));
        }
        Some(Seen::Interim) => response.headers.clear(),
        _ => {}
    }
}

/// Reads the beginning of the body if its end can be told: whoever is refused wants to know why,
/// and not to wait for what may never come. What fails here changes nothing.
fn read_body(stream: &mut impl Read, response: &mut Response) {
    let announced = response.header("Content-Length").and_then(|text| text.parse().ok());
    let closes = response.header("Connection").is_some_and(|list| list.contains("close"));
    let unannounced = if closes { MAX_BODY } else { response.body.len() };
    let wanted = announced.unwrap_or(unannounced).min(MAX_BODY);
    let mut buffer = [0; 1024];
    while response.body.len() < wanted {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(len) => response.body.extend_from_slice(buffer.get(..len).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    response.body.truncate(wanted);
}
