//! What a response must have to open a WebSocket (RFC 6455 section 4.1).

use core::fmt;

use super::accept::accept_key;
#[cfg(feature = "deflate")]
use super::agreement::Agreement;
#[cfg(feature = "deflate")]
use super::deflate::DeflateOffer;
#[cfg(feature = "deflate")]
use super::extension::{Offer, Offers};
use super::grammar::{List, Name, http_1_minor, same_word};
use super::head::HeadError;
use super::progress::Field;
use super::status::Status;

/// Why a client has no WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ClientError {
    /// The head cannot be read, or does not fit.
    Head(HeadError),
    /// The status line is not "version code reason".
    StatusLine,
    /// Not HTTP/1.1.
    HttpVersion,
    /// The server answered with another status than 101: a refusal, or a redirect, which is
    /// never followed here.
    Status(Status),
    /// No Upgrade, or to something else than "websocket", or two.
    Upgrade,
    /// No "Connection: Upgrade".
    Connection,
    /// No Sec-WebSocket-Accept.
    MissingAccept,
    /// A Sec-WebSocket-Accept that does not follow from our key.
    WrongAccept,
    /// A second Sec-WebSocket-Accept.
    DuplicateAccept,
    /// A subprotocol that was not offered.
    Subprotocol,
    /// A second Sec-WebSocket-Protocol.
    DuplicateSubprotocol,
    /// An extension that was not offered, or not like that.
    Extension,
}

impl ClientError {
    /// What is wrong, in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Head(error) => error.text(),
            Self::StatusLine => "malformed status line",
            Self::HttpVersion => "the answer is not HTTP/1.1",
            Self::Status(_) => "the server did not open a WebSocket",
            Self::Upgrade => "the answer does not upgrade to websocket",
            Self::Connection => "the answer has no Connection: Upgrade",
            Self::MissingAccept => "the answer has no Sec-WebSocket-Accept",
            Self::WrongAccept => "the answer's Sec-WebSocket-Accept is wrong",
            Self::DuplicateAccept => "the answer has two Sec-WebSocket-Accepts",
            Self::Subprotocol => "the server chose a subprotocol that was not offered",
            Self::DuplicateSubprotocol => "the answer has two Sec-WebSocket-Protocols",
            Self::Extension => "the server chose an extension that was not offered",
        }
    }
}

impl From<HeadError> for ClientError {
    fn from(error: HeadError) -> Self {
        Self::Head(error)
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{}: {status}", self.text()),
            _ => f.write_str(self.text()),
        }
    }
}

impl core::error::Error for ClientError {}

/// What is known of the response so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: Status,
    upgrade: bool,
    connection: bool,
    accept: bool,
    /// The index among those that were offered.
    subprotocol: Option<usize>,
    /// What the client offers, and what the server agrees to.
    #[cfg(feature = "deflate")]
    pub(super) deflate: Deflate,
}

/// What is said about compression.
#[cfg(feature = "deflate")]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Deflate {
    pub(super) offered: Option<DeflateOffer>,
    pub(super) agreed: Option<Agreement>,
}

impl Answer {
    /// RFC 9112 section 4: "status-line = HTTP-version SP status-code SP [ reason-phrase ]".
    ///
    /// Some servers leave out the space too when there is no reason.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<Status, ClientError> {
        let (version, rest) = line.split_at_checked(8).ok_or(ClientError::StatusLine)?;
        if http_1_minor(version).is_none_or(|minor| minor == 0) {
            return Err(ClientError::HttpVersion);
        }
        let (code, reason) = rest.split_at_checked(4).ok_or(ClientError::StatusLine)?;
        let [b' ', a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] = code else {
            return Err(ClientError::StatusLine);
        };
        if !matches!(reason, [] | [b' ', ..]) {
            return Err(ClientError::StatusLine);
        }
        let digit = |byte: &u8| u16::from(byte - b'0');
        self.status = Status(digit(a) * 100 + digit(b) * 10 + digit(c));
        Ok(self.status)
    }

    /// Takes in a header field, if it means something to the handshake.
    ///
    /// "If the status code received from the server is not 101, the client handles the response
    /// per HTTP procedures": its headers are the caller's.
    pub(super) fn field(
        &mut self,
        field: Field,
        bytes: &[u8],
        key: &[u8; 24],
        offered: &[&str],
    ) -> Result<(), ClientError> {
        if self.status != Status::SWITCHING_PROTOCOLS {
            return Ok(());
        }
        let (name, value) = match field {
            Field::Whole { name, value } => (name, Ok(value.of(bytes))),
            Field::Begin { name, .. } => (name, Err(ClientError::Head(HeadError::HeadersTooLong))),
            Field::More(_) | Field::End(_) => return Ok(()),
        };
        match Name::of(name.of(bytes)) {
            Some(Name::Upgrade) => self.upgrade(value?),
            Some(Name::Connection) => {
                self.connection |= List(value?).any(|option| same_word(option, b"upgrade"));
                Ok(())
            }
            Some(Name::Accept) => self.accept(value?, key),
            Some(Name::Protocol) => self.subprotocol(value?, offered),
            // "If the response includes a |Sec-WebSocket-Extensions| header field and this header
            // field indicates the use of an extension that was not present in the client's
            // handshake [...], the client MUST _Fail the WebSocket Connection_."
            #[cfg(feature = "deflate")]
            Some(Name::Extensions) => self.extensions(value?),
            #[cfg(not(feature = "deflate"))]
            Some(Name::Extensions) if List(value?).next().is_some() => Err(ClientError::Extension),
            _ => Ok(()),
        }
    }

    /// "If the response lacks an |Upgrade| header field or the |Upgrade| header field contains a
    /// value that is not an ASCII case-insensitive match for the value "websocket", the client
    /// MUST _Fail the WebSocket Connection_."
    fn upgrade(&mut self, value: &[u8]) -> Result<(), ClientError> {
        let is_second = core::mem::replace(&mut self.upgrade, true);
        if is_second || !same_word(value, b"websocket") {
            return Err(ClientError::Upgrade);
        }
        Ok(())
    }

    /// "If the response lacks a |Sec-WebSocket-Accept| header field or [it] contains a value other
    /// than the base64-encoded SHA-1 of the concatenation of the |Sec-WebSocket-Key| [...], the
    /// client MUST _Fail the WebSocket Connection_."
    fn accept(&mut self, value: &[u8], key: &[u8; 24]) -> Result<(), ClientError> {
        if core::mem::replace(&mut self.accept, true) {
            return Err(ClientError::DuplicateAccept);
        }
        if value != accept_key(key) {
            return Err(ClientError::WrongAccept);
        }
        Ok(())
    }

    /// "If the response includes a |Sec-WebSocket-Protocol| header field and this header field
    /// indicates the use of a subprotocol that was not present in the client's handshake [...], the
    /// client MUST _Fail the WebSocket Connection_."
    fn subprotocol(&mut self, value: &[u8], offered: &[&str]) -> Result<(), ClientError> {
        let chosen = offered.iter().position(|name| name.as_bytes() == value);
        let index = chosen.ok_or(ClientError::Subprotocol)?;
        match self.subprotocol.replace(index) {
            Some(_) => Err(ClientError::DuplicateSubprotocol),
            None => Ok(()),
        }
    }

    /// The same for a client that may have offered permessage-deflate.
    ///
    /// One answer to one offer, and nothing that was not offered (RFC 7692 section 5).
    #[cfg(feature = "deflate")]
    fn extensions(&mut self, value: &[u8]) -> Result<(), ClientError> {
        for agreed in Offers::new(value) {
            let Deflate { offered, agreed: before } = self.deflate;
            match (agreed, offered, before) {
                (Ok(Offer::Deflate(answer)), Some(offered), None) if offered.is_met_by(&answer) => {
                    self.deflate.agreed = Some(offered.agreed(&answer));
                }
                _ => return Err(ClientError::Extension),
            }
        }
        Ok(())
    }

    /// Judges the whole, and says which of the offered subprotocols the server chose.
    pub(super) fn complete(&self) -> Result<Option<usize>, ClientError> {
        if self.status != Status::SWITCHING_PROTOCOLS {
            return Err(ClientError::Status(self.status));
        }
        if !self.upgrade {
            return Err(ClientError::Upgrade);
        }
        // "If the response lacks a |Connection| header field or [it] doesn't contain a token that
        // is an ASCII case-insensitive match for the value "Upgrade", the client MUST _Fail the
        // WebSocket Connection_."
        if !self.connection {
            return Err(ClientError::Connection);
        }
        if !self.accept {
            return Err(ClientError::MissingAccept);
        }
        Ok(self.subprotocol)
    }
}
