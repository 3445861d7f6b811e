//! The TLS of one connection of a server: bytes in, bytes out.

use std::fmt;
use std::sync::Arc;

use rustls::ProtocolVersion;
use rustls::server::UnbufferedServerConnection;
use rustls::unbuffered::{ConnectionState, UnbufferedStatus};

use super::error::TlsError;
use super::names::Asked;
use super::records::{self, Step};
use super::server::ServerTls;
use super::{TlsFacts, TlsVersion};

/// The most that is kept of what the peer has sent: the largest handshake message that rustls puts
/// together (64 KiB) in records of the largest size. One in smaller records is refused, since the
/// cost of records is not to be the peer's choice.
const MAX_HELD: usize = 5 * (records::HEADER + records::PAYLOAD + 256);

/// One connection's TLS. It owns no buffer while nothing is under way: the caller lends them.
pub(crate) struct Session {
    connection: UnbufferedServerConnection,
    /// The name that the client asks for, left there by the resolver.
    asked: Asked,
    /// What has come of an unfinished record, behind the records of an unfinished handshake
    /// message.
    held: Vec<u8>,
    /// How much of `held` rustls has taken in as whole records.
    taken: usize,
    /// What the peer may still send.
    peer: End,
    /// What we may still send.
    own: End,
}

/// What a call of [`Session::receive`] has brought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// The handshake has ended with this call: [`Session::facts`] tells what is known.
    pub(crate) established: bool,
    /// The peer has sent close_notify, now or before: whatever follows is ignored.
    pub(crate) closed: bool,
}

/// How far one direction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    /// By close_notify.
    Closed,
    /// By an error.
    Failed,
}

impl Session {
    /// A session that awaits the client's first words.
    ///
    /// # Errors
    ///
    /// rustls does not like the settings; it does not happen with those that [`ServerTls`] makes.
    pub(crate) fn new(tls: &ServerTls) -> Result<Self, TlsError> {
        let asked = Asked::default();
        let connection = UnbufferedServerConnection::new(tls.config(Arc::clone(&asked)))?;
        let held = Vec::new();
        Ok(Self { connection, asked, held, taken: 0, peer: End::Open, own: End::Open })
    }

    /// Takes what has just come from the peer, adds what it meant to `plain`, and what must be sent
    /// to `out`.
    ///
    /// `plain` grows by less than has come, together with the unfinished record of before.
    ///
    /// # Errors
    ///
    /// The session is over: the alert that says so to the peer is in `out`, and what came before
    /// the offence in `plain`.
    pub(crate) fn receive(
        &mut self,
        ciphertext: &mut [u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<Received, TlsError> {
        if self.peer == End::Failed {
            return Err(TlsError::Over);
        }
        let handshaking = self.is_handshaking();
        let mut rest = ciphertext;
        while !rest.is_empty() && self.peer == End::Open {
            let taken = if self.held.is_empty() {
                self.take_in_place(rest, plain, out)
            } else {
                self.take_held(rest, plain, out)
            };
            rest = match taken {
                Ok(length) => rest.get_mut(length..).unwrap_or_default(),
                Err(error) => {
                    self.fail(out);
                    return Err(error);
                }
            };
        }
        Ok(Received {
            established: handshaking && !self.is_handshaking(),
            closed: self.peer == End::Closed,
        })
    }

    /// Encrypts the pieces, one after the other, as full records that cross their borders, and adds
    /// them to `out`.
    ///
    /// # Errors
    ///
    /// [`TlsError::Over`] before the handshake has ended, after [`Session::close_notify`], after an
    /// error, and when the keys of TLS 1.2 are worn out.
    pub(crate) fn encrypt(&mut self, pieces: &[&[u8]], out: &mut Vec<u8>) -> Result<(), TlsError> {
        if self.own != End::Open || self.is_handshaking() {
            return Err(TlsError::Over);
        }
        let status = self.connection.process_tls_records(&mut self.held);
        let UnbufferedStatus { state: Ok(ConnectionState::WriteTraffic(mut traffic)), .. } = status
        else {
            return Err(TlsError::Over);
        };
        let sealed = records::seal(&mut traffic, pieces, out);
        if sealed.is_err() {
            self.fail(out);
        }
        sealed
    }

    /// Tells the peer that nothing more will come, once; what it sends is still received.
    ///
    /// During the handshake there is nothing to close, and nothing is said.
    pub(crate) fn close_notify(&mut self, out: &mut Vec<u8>) {
        if self.own != End::Open || self.is_handshaking() {
            return;
        }
        self.own = End::Closed;
        let status = self.connection.process_tls_records(&mut self.held);
        if let Ok(ConnectionState::WriteTraffic(mut traffic)) = status.state {
            records::close(&mut traffic, out);
        }
    }

    /// Whether the handshake is still under way.
    pub(crate) fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// What the handshake has told; all of it once it has ended.
    pub(crate) fn facts(&self) -> TlsFacts {
        let connection = &self.connection;
        let mut facts = TlsFacts::new(match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => TlsVersion::Tls13,
            _ => TlsVersion::Tls12,
        });
        facts.server_name = self.asked.get().map(|name| name.to_string());
        facts.alpn = connection.alpn_protocol().map(<[u8]>::to_vec);
        let certificates = connection.peer_certificates().unwrap_or_default();
        facts.peer_certificates = certificates.iter().map(|one| one.to_vec()).collect();
        facts
    }

    /// How many bytes of memory the session holds for what the peer has sent and not finished.
    pub(crate) fn retained(&self) -> usize {
        self.held.capacity()
    }

    /// Takes one record from where it lies; tells how many bytes that were.
    fn take_in_place(
        &mut self,
        rest: &mut [u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<usize, TlsError> {
        let whole = records::length(rest).filter(|length| *length <= rest.len());
        let length = whole.unwrap_or(rest.len());
        let record = rest.get_mut(..length).unwrap_or_default();
        // Of an unfinished record rustls judges the header, so that nothing is awaited in vain.
        let step = records::process(&mut self.connection, record, plain, out)?;
        self.keep_up(&step);
        let left = record.get(step.used..).unwrap_or_default();
        if self.peer == End::Open && !left.is_empty() {
            self.held.reserve_exact(left.len());
            self.held.extend_from_slice(left);
            self.taken = whole.map_or(0, |_| left.len());
        }
        Ok(length)
    }

    /// Takes what is missing of the record that has begun, or of its header; tells how many bytes
    /// that were.
    fn take_held(
        &mut self,
        rest: &[u8],
        plain: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<usize, TlsError> {
        let begun = self.held.get(self.taken..).unwrap_or_default();
        let record = records::length(begun);
        let end = self.taken + record.unwrap_or(records::HEADER);
        let length = end.saturating_sub(self.held.len()).min(rest.len());
        let whole = record.is_some() && self.held.len() + length == end;
        if self.held.len() + length > MAX_HELD {
            return Err(TlsError::TooMuchHeld);
        }
        self.hold(rest.get(..length).unwrap_or_default(), end);

        let step = records::process(&mut self.connection, &mut self.held, plain, out)?;
        self.keep_up(&step);
        if self.peer == End::Closed || step.used >= self.held.len() {
            // Given back: an idle session holds nothing.
            self.held = Vec::new();
            self.taken = 0;
        } else {
            self.held.drain(..step.used);
            self.taken = if whole { self.held.len() } else { self.taken };
        }
        Ok(length)
    }

    /// Adds to what is held. The memory at most doubles, so that no byte is copied again and again,
    /// and follows what has come, not what was announced.
    fn hold(&mut self, bytes: &[u8], end: usize) {
        let needed = self.held.len() + bytes.len();
        if needed > self.held.capacity() {
            // Behind the records of an unfinished message there may be many more, each tiny.
            let enough = if self.taken == 0 { end } else { MAX_HELD };
            let capacity = needed.max(enough.min(2 * self.held.capacity()));
            self.held.reserve_exact(capacity - self.held.len());
        }
        self.held.extend_from_slice(bytes);
    }

    fn keep_up(&mut self, step: &Step) {
        if step.closed {
            self.peer = End::Closed;
        }
    }

    /// Ends both directions, and adds what rustls has to say about it to `out`.
    fn fail(&mut self, out: &mut Vec<u8>) {
        self.peer = End::Failed;
        self.own = End::Failed;
        records::last_words(&mut self.connection, out);
        self.held = Vec::new();
    }
}

// What is held may be payload.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("held", &self.held.len())
            .field("peer", &self.peer)
            .field("own", &self.own)
            .finish_non_exhaustive()
    }
}
